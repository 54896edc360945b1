import type { StaticConfig } from '#shared/config/prometheus-config.ts';
import { readTargetGroup } from '#shared/config/read-service-discovery.ts';
import { parseYaml } from '#shared/config/yaml-document.ts';
import { readList } from '#shared/config/yaml-values.ts';
import { goQuote, labelsFromRecord } from '#shared/model/labels.ts';

/** Generated lists of targets may be much larger than what people write. */
const MAX_YAML_LENGTH = 16 << 20;

/** Parses a list of target groups, JSON or YAML by the path's extension. Unknown fields are refused.
 *  @throws {ConfigError} For YAML, with positions.
 *  @throws {SyntaxError} For JSON.
 *  @see prometheus/discovery/file/file.go readFile */
export function parseTargetFile(path: string, text: string): readonly StaticConfig[] {
  return path.toLowerCase().endsWith('.json') ? parseJsonTargets(text) : parseYamlTargets(path, text);
}

function parseYamlTargets(path: string, text: string): readonly StaticConfig[] {
  const { document, root } = parseYaml(path, text, { maxLength: MAX_YAML_LENGTH });
  const groups = readList(root, '*targetgroup.Group', (item) => {
    if (item.kind !== 'null') return readTargetGroup(item);
    document.report(item.offset, 'nil target group item found');
    return undefined;
  });
  document.throwProblems();
  return groups ?? [];
}

/** Parses JSON as served by HTTP discovery and written in target files. @throws {SyntaxError} */
export function parseJsonTargets(text: string): readonly StaticConfig[] {
  const list: unknown = JSON.parse(text);
  if (list === null) return [];
  if (!Array.isArray(list)) throw wrongKind(list, '[]*targetgroup.Group', 'a list of target groups');
  return list.map(readJsonGroup);
}

function readJsonGroup(group: unknown): StaticConfig {
  if (group === null) throw new SyntaxError('nil target group item found');
  if (typeof group !== 'object' || Array.isArray(group)) throw wrongKind(group, 'targetgroup.Group', 'an object');
  const { targets = null, labels = null, ...others } = group as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new SyntaxError(`json: unknown field ${goQuote(unknown)}`);
  return { targets: readJsonTargets(targets), labels: labelsFromRecord(readJsonLabels(labels)) };
}

function readJsonTargets(targets: unknown): readonly string[] {
  if (targets === null) return [];
  if (!Array.isArray(targets)) throw wrongKind(targets, '[]string', 'a list of addresses');
  const wrong = targets.find((target) => typeof target !== 'string');
  if (wrong !== undefined) throw wrongKind(wrong, 'string', 'an address in quotes');
  return targets;
}

function readJsonLabels(labels: unknown): Readonly<Record<string, string>> {
  if (labels === null) return {};
  if (typeof labels !== 'object' || Array.isArray(labels)) throw wrongKind(labels, 'model.LabelSet', 'an object');
  for (const [name, value] of Object.entries(labels as object)) {
    if (name === '') throw new SyntaxError('"" is not a valid label name');
    if (typeof value !== 'string') throw wrongKind(value, 'model.LabelValue', `the text of label ${goQuote(name)}`);
  }
  return labels as Readonly<Record<string, string>>;
}

function wrongKind(value: unknown, goType: string, expected: string): SyntaxError {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return new SyntaxError(`json: cannot unmarshal ${kind} into Go value of type ${goType}, expected ${expected}`);
}
