import { FunctionError } from './template-error.ts';
import { timeJson } from './time-value.ts';
import { sortedKeys, type TypedValue, type Value } from './value.ts';

/** Deeper values are refused: each level costs stack. */
const MAX_DEPTH = 200;

/** Writes a value as Go's json.Marshal does: keys sorted, `<`, `>`, `&` and line separators escaped.
 *  @param maxLength In UTF-16 units.
 *  @throws {FunctionError} When the text would be longer, the value is nested too deeply, or is NaN or infinite. */
export function toJson(value: Value, maxLength: number): string {
  const writer: Writer = { parts: [], left: maxLength, maxLength };
  writeValue(writer, value, 0);
  return writer.parts.join('');
}

interface Writer {
  readonly parts: string[];
  left: number;
  readonly maxLength: number;
}

function write(writer: Writer, text: string): void {
  writer.left -= text.length;
  if (writer.left < 0) throw new FunctionError(`text exceeds ${writer.maxLength} characters`);
  writer.parts.push(text);
}

function writeValue(writer: Writer, value: Value, depth: number): void {
  if (depth > MAX_DEPTH) throw new FunctionError(`value is nested deeper than ${MAX_DEPTH} levels`);
  switch (typeof value) {
    case 'undefined':
      return write(writer, 'null');
    case 'number':
      return write(writer, numberJson(value));
    case 'string':
      return write(writer, stringJson(value));
    case 'object':
      return value === null ? write(writer, 'null') : writeTyped(writer, value, depth);
    default:
      return write(writer, String(value));
  }
}

function writeTyped(writer: Writer, value: TypedValue, depth: number): void {
  switch (value.kind) {
    case 'int':
      return write(writer, String(value.value));
    case 'string':
      return write(writer, stringJson(value.value));
    case 'time':
      return write(writer, stringJson(timeJson(value)));
    case 'list':
      write(writer, '[');
      value.items.forEach((item, i) => {
        if (i > 0) write(writer, ',');
        writeValue(writer, item, depth + 1);
      });
      return write(writer, ']');
    case 'map':
      return writeObject(
        writer,
        sortedKeys(value).map((key) => [key, value.entries.get(key)] as const),
        depth,
      );
    case 'struct': {
      const fields = (value.type.fields ?? []).map((field, i) => ({ field, member: value.fields[i] }));
      const shown = fields.filter(({ field }) => !field.hidden);
      return writeObject(
        writer,
        shown.map(({ field, member }) => [field.json ?? field.name, member] as const),
        depth,
      );
    }
  }
}

function writeObject(writer: Writer, entries: readonly (readonly [string, Value])[], depth: number): void {
  write(writer, '{');
  entries.forEach(([key, member], i) => {
    write(writer, `${i > 0 ? ',' : ''}${stringJson(key)}:`);
    writeValue(writer, member, depth + 1);
  });
  write(writer, '}');
}

function numberJson(value: number): string {
  if (Number.isNaN(value)) throw new FunctionError('json: unsupported value: NaN');
  if (!Number.isFinite(value)) throw new FunctionError(`json: unsupported value: ${value > 0 ? '+Inf' : '-Inf'}`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Bytes that are no UTF-8 are written as an escape, other characters as they are. */
function stringJson(text: string): string {
  const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const parts = text.split(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
  const written = parts.map((part) => JSON.stringify(part).slice(1, -1).replace(/[<>&\u2028\u2029]/g, escape));
  return `"${written.join('\\ufffd')}"`;
}
