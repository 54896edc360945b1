import { goQuote } from '#shared/model/labels.ts';
import type { YamlEntry, YamlScalar, YamlValue } from './yaml-document.ts';

/** Go's largest integers end here. */
const MAX_WHOLE = 2 ** 64;

/** The readers take a value that must be of one kind, report what else it is with go-yaml's words and what was
 *  expected, and then return `undefined`. Null is the kind's zero, as in Go. */

/** Any scalar is text: `password: 123` is `"123"`. */
export function readText(value: YamlValue, goType = 'string'): string | undefined {
  if (value.kind === 'null') return '';
  if (value.kind === 'scalar') return value.text;
  return reportKind(value, goType, 'text');
}

export function readBool(value: YamlValue): boolean | undefined {
  if (value.kind === 'null') return false;
  if (value.kind === 'scalar' && value.resolved.kind === 'bool') return value.resolved.value;
  return reportKind(value, 'bool', 'true or false');
}

/** A whole number, positive or negative. */
export function readInt(value: YamlValue, goType = 'int'): number | undefined {
  if (value.kind === 'null') return 0;
  const number = wholeNumber(value);
  return number ?? reportKind(value, goType, 'a whole number');
}

/** A whole number ≥ 0. */
export function readUint(value: YamlValue, goType = 'uint'): number | undefined {
  if (value.kind === 'null') return 0;
  const number = wholeNumber(value);
  return number !== undefined && number >= 0 ? number : reportKind(value, goType, 'a whole number ≥ 0');
}

export function readFloat(value: YamlValue): number | undefined {
  if (value.kind === 'null') return 0;
  const resolved = value.kind === 'scalar' ? value.resolved : undefined;
  if (resolved?.kind === 'int' || resolved?.kind === 'float') return resolved.value;
  return reportKind(value, 'float64', 'a number');
}

/** Text that `parse` makes something of; its SyntaxError is reported as it is. */
export function readParsed<T>(value: YamlValue, parse: (text: string) => T): T | undefined {
  const text = readText(value);
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    value.document.report(value.offset, error.message);
    return undefined;
  }
}

/** The items of a list that `read` can read. */
export function readList<T>(
  value: YamlValue,
  goType: string,
  read: (item: YamlValue, index: number) => T | undefined,
): readonly T[] | undefined {
  if (value.kind === 'null') return [];
  if (value.kind !== 'list') return reportKind(value, `[]${goType}`, 'a list');
  return value.items.map(read).filter((item): item is T & {} => item !== undefined);
}

/** The entries of a map with names of the user's choice; a repeated one is reported. */
export function readEntries(value: YamlValue, goType: string): readonly YamlEntry[] | undefined {
  if (value.kind === 'null') return [];
  if (value.kind !== 'map') return reportKind(value, goType, 'a map');
  const seen = new Set<string>();
  const entries = value.entries;
  for (const { key, keyOffset } of entries) {
    if (seen.has(key)) value.document.report(keyOffset, `key ${goQuote(key)} already set in map`);
    seen.add(key);
  }
  return entries;
}

export function readTextMap(value: YamlValue): Readonly<Record<string, string>> | undefined {
  const entries = readEntries(value, 'map[string]string');
  return entries && Object.fromEntries(entries.map((entry) => [entry.key, readText(entry.value) ?? '']));
}

/** Anything, as plain data: maps are objects without prototype, `yes` is true, numbers are numbers. */
export function readAny(value: YamlValue): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'scalar':
      return value.resolved.kind === 'null' ? null : value.resolved.value;
    case 'list':
      return value.items.map(readAny);
    case 'map': {
      const record: Record<string, unknown> = Object.create(null);
      for (const entry of readEntries(value, 'map[string]interface {}') ?? []) record[entry.key] = readAny(entry.value);
      return record;
    }
  }
}

/** Reports that a value is of the wrong kind. */
export function reportKind(value: YamlValue, goType: string, expected: string): undefined {
  value.document.report(value.offset, `cannot unmarshal ${describe(value)} into ${goType}, expected ${expected}`);
}

function describe(value: YamlValue): string {
  if (value.kind === 'map') return '!!map';
  if (value.kind === 'list') return '!!seq';
  if (value.kind === 'null') return '!!null';
  return `!!${value.resolved.kind} \`${shorten(value)}\``;
}

/** As go-yaml does, which also keeps a misplaced secret out of the message. */
function shorten({ text }: YamlScalar): string {
  return text.length > 10 ? `${text.slice(0, 7)}...` : text;
}

function wholeNumber(value: YamlValue): number | undefined {
  if (value.kind !== 'scalar') return undefined;
  const { resolved } = value;
  if (resolved.kind !== 'int' && resolved.kind !== 'float') return undefined;
  return Number.isInteger(resolved.value) && Math.abs(resolved.value) < MAX_WHOLE ? resolved.value : undefined;
}
