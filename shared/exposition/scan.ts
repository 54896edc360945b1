/** Scanning functions return the offset after what they matched, or `~offset` of the byte that does not fit.
 *  Reading past the end gives `undefined`, which fits nothing. */

export const TAB = 0x09;
export const NEWLINE = 0x0a;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const COMMA = 0x2c;
export const EQUAL = 0x3d;
const BACKSLASH = 0x5c;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;

const LABEL_START = 1;
const METRIC_START = 2;
const DIGIT = 4;

/** What each byte may be in a name that needs no quotes. */
const CLASSES = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') {
    table[char.charCodeAt(0)] = LABEL_START | METRIC_START;
  }
  for (const char of '0123456789') table[char.charCodeAt(0)] = DIGIT;
  table[':'.charCodeAt(0)] = METRIC_START;
  return table;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** `[a-zA-Z_:][a-zA-Z0-9_:]*` */
export function scanMetricName(bytes: Uint8Array, at: number): number {
  return scanName(bytes, at, METRIC_START);
}

/** `[a-zA-Z_][a-zA-Z0-9_]*` */
export function scanLabelName(bytes: Uint8Array, at: number): number {
  return scanName(bytes, at, LABEL_START);
}

function scanName(bytes: Uint8Array, at: number, start: number): number {
  if ((CLASSES[bytes[at]] & start) === 0) return ~at;
  let i = at + 1;
  while ((CLASSES[bytes[i]] & (start | DIGIT)) !== 0) i++;
  return i;
}

/** A string in double quotes, with `\` before any character but a line break. `at` is its opening quote.
 *  @param options.multiline Whether it may have line breaks.
 *  @param options.nulls Whether it may have NUL bytes; those that follow the closing quote then count as part of it, as in
 *  upstream's lexers. */
export function scanQuoted(
  bytes: Uint8Array,
  at: number,
  options: { readonly multiline: boolean; readonly nulls: boolean },
): number {
  const { multiline, nulls } = options;
  let i = nulls ? skipNulls(bytes, at + 1) : at + 1;
  for (;;) {
    const byte = bytes[i];
    if (byte === QUOTE) return nulls ? skipNulls(bytes, i + 1) : i + 1;
    if (byte === BACKSLASH) {
      i = nulls ? skipNulls(bytes, i + 1) : i + 1;
      if (!(bytes[i] > 0) || bytes[i] === NEWLINE) return ~i;
    } else if (!(byte > 0) || (byte === NEWLINE && !multiline)) return ~i;
    i = nulls ? skipNulls(bytes, i + 1) : i + 1;
  }
}

/** The first offset from `at` on that is no NUL byte. */
export function skipNulls(bytes: Uint8Array, at: number): number {
  let i = at;
  while (bytes[i] === 0) i++;
  return i;
}

/** The ASCII text `word`, NUL bytes between and after its characters not counting. */
export function scanWord(bytes: Uint8Array, at: number, word: string): number {
  let i = at;
  for (let k = 0; k < word.length; k++) {
    if (bytes[i] !== word.charCodeAt(k)) return ~i;
    i = skipNulls(bytes, i + 1);
  }
  return i;
}
