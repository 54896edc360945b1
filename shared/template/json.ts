import { FunctionError } from './template-error.ts';
import { timeJson } from './time-value.ts';
import { type GoStruct, sortedKeys, type TypedValue, type Value } from './value.ts';

/** Deeper values are refused: each level costs stack. */
const MAX_DEPTH = 200;

/** Writes a value as Go's json.Marshal does: keys sorted, `<`, `>`, `&` and line separators escaped.
 *  @param maxLength In UTF-16 units.
 *  @throws {FunctionError} When the text would be longer, the value is nested too deeply, or is NaN or infinite. */
export function toJson(value: Value, maxLength: number): string {
  let left = maxLength;
  const count = (text: string): string => {
    left -= text.length + 1;
    if (left < 0) throw new FunctionError(`text exceeds ${maxLength} characters`);
    return text;
  };
  return valueJson(value, 0, count);
}

/** Counts a piece of the text towards its limit. */
type Count = (text: string) => string;

function valueJson(value: Value, depth: number, count: Count): string {
  if (depth > MAX_DEPTH) throw new FunctionError(`value is nested deeper than ${MAX_DEPTH} levels`);
  switch (typeof value) {
    case 'undefined':
      return count('null');
    case 'number':
      return count(numberJson(value));
    case 'string':
      return count(stringJson(value));
    case 'object':
      return value === null ? count('null') : typedJson(value, depth, count);
    default:
      return count(String(value));
  }
}

function typedJson(value: TypedValue, depth: number, count: Count): string {
  switch (value.kind) {
    case 'int':
      return count(String(value.value));
    case 'string':
      return count(stringJson(value.value));
    case 'time':
      return count(stringJson(timeJson(value)));
    case 'list':
      return `[${value.items.map((item) => valueJson(item, depth + 1, count)).join(',')}]${count('')}`;
    case 'map':
      return objectJson(
        sortedKeys(value).map((key) => [key, value.entries.get(key)]),
        depth,
        count,
      );
    case 'struct':
      return objectJson(structEntries(value), depth, count);
  }
}

function structEntries({ type, fields }: GoStruct): readonly (readonly [string, Value])[] {
  return (type.fields ?? []).flatMap(({ name, json = name, hidden }, i) =>
    hidden ? [] : [[json, fields[i]] as const],
  );
}

function objectJson(entries: readonly (readonly [string, Value])[], depth: number, count: Count): string {
  const members = entries.map(([key, member]) => `${count(stringJson(key))}:${valueJson(member, depth + 1, count)}`);
  return `{${members.join(',')}}${count('')}`;
}

function numberJson(value: number): string {
  if (Number.isNaN(value)) throw new FunctionError('json: unsupported value: NaN');
  if (!Number.isFinite(value)) throw new FunctionError(`json: unsupported value: ${value > 0 ? '+Inf' : '-Inf'}`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Bytes that are no UTF-8 are written as an escape, other characters as they are. */
function stringJson(text: string): string {
  const escapeChar = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const parts = text.split(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
  const written = parts.map((part) =>
    JSON.stringify(part)
      .slice(1, -1)
      .replace(/[<>&\u2028\u2029]/g, escapeChar),
  );
  return `"${written.join('\\ufffd')}"`;
}
