import type { JsonWriter } from './json-writer.ts';

/** What `encodeJson` takes. Names of an object keep their order; a name whose value is `undefined` is left out. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonText
  | JsonPieces
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/** JSON that is written as it is. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON that is large, and so is written piece by piece. */
export interface JsonPieces {
  /** Writes all; pauses where what was written so far can be taken. */
  readonly writeTo: (out: JsonWriter) => Iterable<void>;
  readonly text: string;
}

/** Encodes a value as upstream's JSON library does, byte for byte: `<`, `>` and `&` are escaped in texts.
 *  @see json-iterator ConfigCompatibleWithStandardLibrary */
export function encodeJson(value: JsonValue): string {
  if (value === null) return 'null';
  if (value instanceof JsonText || isPieces(value)) return value.text;
  if (typeof value === 'string') return quoteHtml(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(encodeJson).join(',')}]`;
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${quoteHtml(name)}:${encodeJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** Whether a value is a large part. */
export function isPieces(value: JsonValue): value is JsonPieces {
  return typeof value === 'object' && value !== null && 'writeTo' in value && typeof value.writeTo === 'function';
}

/** Whether a value is a list. */
export function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** A text in quotes, `<`, `>`, `&` as they are: how upstream writes labels. */
export function quotePlain(text: string): string {
  const quoted = JSON.stringify(text);
  // Go has no short escapes for backspace and form feed.
  return /[\b\f]/.test(text) ? quoted.replace(/\\[\\bf]/g, (short) => LONG_ESCAPES[short] ?? short) : quoted;
}

const LONG_ESCAPES: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };

/** A text in quotes, `<`, `>`, `&` escaped. */
export function quoteHtml(text: string): string {
  return quotePlain(text).replace(/[<>&\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A time as Go writes `time.Time`: `2024-01-02T03:04:05.5Z`; without one, Go's zero time.
 *  @param timeMs Unix milliseconds. */
export function goTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return '0001-01-01T00:00:00Z';
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, 'Z');
}
