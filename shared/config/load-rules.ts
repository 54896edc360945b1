import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import { type RuleContext, readGroupLabels, readRule } from './read-rule.ts';
import type { RuleGroupConfig } from './rules-config.ts';
import { parseYaml, type YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';

export interface RuleFileOptions {
  /** For groups without `interval`. */
  readonly evaluationIntervalMs: number;
  /** For groups without `query_offset`. */
  readonly queryOffsetMs: number;
  /** Checks a template of an alerting rule's labels and annotations by throwing; its message is reported. */
  readonly checkTemplate?: (text: string) => void;
  /** The syntax of expressions. @default Without features. */
  readonly parser?: ParserOptions;
  /** Gets what is accepted but has no effect, `file:line:column: …`. */
  readonly warn?: (warning: string) => void;
}

/** Parses and validates a rule file. Positions of PromQL's errors are those in the file.
 *  @throws {ConfigError} With every problem of the file, with upstream's words.
 *  @see prometheus/model/rulefmt/rulefmt.go Parse */
export function loadRuleFile(file: string, text: string, options: RuleFileOptions): RuleGroupConfig[] {
  const { document, root } = parseYaml(file, text);
  const fields = new YamlFields(root, 'rulefmt.RuleGroups');
  const names = new Set<string>();
  const groups = fields.list('groups', 'rulefmt.RuleGroup', (item) => {
    if (item.kind === 'null') return undefined;
    const group = readGroup(item, file, options);
    if (names.has(group.name)) {
      item.document.report(item.offset, `groupname: "${group.name}" is repeated in the same file`);
    }
    names.add(group.name);
    return group;
  });
  fields.finish();
  document.throwProblems();
  if (options.warn) document.warnings.forEach(options.warn);
  return [...(groups ?? [])];
}

function readGroup(value: YamlValue, file: string, options: RuleFileOptions): RuleGroupConfig {
  const fields = new YamlFields(value, 'rulefmt.RuleGroup');
  const name = fields.text('name') ?? '';
  if (name === '') fields.report('Groupname must not be empty', 'name');
  const labels = readGroupLabels(fields.value('labels'));
  const { checkTemplate, parser } = options;
  const context: RuleContext = { groupName: name, groupLabels: labels, checkTemplate, parser };
  const group = {
    file,
    name,
    intervalMs: readGroupInterval(fields) || options.evaluationIntervalMs,
    limit: Math.max(0, fields.int('limit') ?? 0),
    queryOffsetMs: fields.isSet('query_offset') ? (fields.duration('query_offset') ?? 0) : options.queryOffsetMs,
    rules: fields.list('rules', 'rulefmt.Rule', (item, index) => readRule(item, index + 1, context)) ?? [],
  };
  fields.finish();
  return group;
}

/** Evaluations are scheduled by the second. */
function readGroupInterval(fields: YamlFields): number {
  const intervalMs = fields.duration('interval') ?? 0;
  if (intervalMs % 1000 === 0) return intervalMs;
  fields.report(`interval is ${intervalMs} ms, expected whole seconds, at least 1s`, 'interval');
  return 0;
}
