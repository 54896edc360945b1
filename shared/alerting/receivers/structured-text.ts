import { parse } from 'yaml';
import { compareStrings } from '#shared/model/labels.ts';

/** Renders the templates within a value of the configuration, at any depth, in the names and values of maps as well. A
 *  text that comes out as YAML of anything but a string becomes that value; names are ordered.
 *  @see alertmanager/template/template.go DeepCopyWithTemplate */
export function renderStructure(value: unknown, render: (template: string) => string): unknown {
  if (typeof value === 'string') return readStructure(render(value));
  if (Array.isArray(value)) return value.map((item) => renderStructure(item, render));
  if (typeof value !== 'object' || value === null) return value;
  return orderedObject(
    Object.entries(value).map(([name, member]) => [render(name), renderStructure(member, render)] as const),
  );
}

function readStructure(text: string): unknown {
  const value = parseYaml(text);
  // An integer that a float cannot hold exactly stays text, rather than become another number.
  return value === undefined || typeof value === 'string' || isInexact(value) ? text : plainValue(value);
}

function isInexact(value: unknown): boolean {
  return typeof value === 'number' && (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER);
}

/** Reads YAML 1.1 as upstream's library does, which has no dates and no numbers to the base of 60. */
function parseYaml(text: string): unknown {
  try {
    return parse(text, {
      version: '1.1',
      logLevel: 'error',
      mapAsMap: true,
      customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !isForeignTag(tag)),
    });
  } catch {
    return undefined;
  }
}

function isForeignTag(tag: { readonly tag: string; readonly format?: string }): boolean {
  return tag.tag === 'tag:yaml.org,2002:timestamp' || tag.format === 'TIME';
}

/** Members whose name is no string are dropped, as upstream does. */
function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (!(value instanceof Map)) return value;
  const named = [...value].filter(([name]) => typeof name === 'string');
  return orderedObject(named.map(([name, member]) => [name as string, plainValue(member)] as const));
}

function orderedObject(members: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries([...members].sort(([a], [b]) => compareStrings(a, b)));
}
