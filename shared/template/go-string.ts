import { goQuote } from '#shared/model/labels.ts';

/** Go strings are bytes; ours are UTF-16. A byte that is not part of valid UTF-8 is kept as the lone surrogate U+DC00 + byte
 *  (as in Python's surrogateescape), so that slicing and joining bytes loses nothing. */
const STRAY_BYTE = 0xdc00;

export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (isStrayByte(text, i)) length += 1;
    else if (isPair(text, i)) {
      length += 4;
      i++;
    } else length += 3;
  }
  return length;
}

export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isStrayByte(text, i)) {
      bytes[at++] = unit - STRAY_BYTE;
      continue;
    }
    const code = isPair(text, i) ? text.codePointAt(i++)! : unit;
    at = writeCodePoint(bytes, at, code);
  }
  return bytes;
}

/** A surrogate that stands for a byte, and is not the second half of a pair. */
function isStrayByte(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= STRAY_BYTE + 0x80 && unit <= STRAY_BYTE + 0xff && !(at > 0 && isPair(text, at - 1));
}

function isPair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  return unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000;
}

function writeCodePoint(bytes: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    bytes[at] = code;
    return at + 1;
  }
  const extra = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  bytes[at] = [0, 0xc0, 0xe0, 0xf0][extra] | (code >> (6 * extra));
  for (let i = 1; i <= extra; i++) bytes[at + i] = 0x80 | ((code >> (6 * (extra - i))) & 0x3f);
  return at + extra + 1;
}

export function fromBytes(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = sequenceLength(bytes, i);
    if (length === 0) text += String.fromCharCode(STRAY_BYTE + bytes[i++]);
    else {
      text += String.fromCodePoint(readCodePoint(bytes, i, length));
      i += length;
    }
  }
  return text;
}

/** The length of the valid UTF-8 sequence that begins at `at`, 0 where none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  for (let i = 1; i < length; i++) if (bytes[at + i] >> 6 !== 2) return 0;
  const code = readCodePoint(bytes, at, length);
  const valid =
    length === 2 ||
    (length === 3 ? code >= 0x800 && (code < 0xd800 || code > 0xdfff) : code >= 0x10000 && code <= 0x10ffff);
  return valid ? length : 0;
}

function readCodePoint(bytes: Uint8Array, at: number, length: number): number {
  let code = length === 1 ? bytes[at] : bytes[at] & (0xff >> (length + 1));
  for (let i = 1; i < length; i++) code = (code << 6) | (bytes[at + i] & 0x3f);
  return code;
}

/** Joins stray bytes that together are UTF-8 again, and makes the rest U+FFFD, as every reader of the output would. */
export function finishText(text: string): string {
  return text.isWellFormed() ? text : fromBytes(toBytes(text)).toWellFormed();
}

/** Quotes as Go's strconv.Quote, stray bytes as `\x80`. */
export function quote(text: string): string {
  if (text.isWellFormed()) return goQuote(text);
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const stray = code >= STRAY_BYTE + 0x80 && code <= STRAY_BYTE + 0xff;
    out += stray ? `\\x${(code - STRAY_BYTE).toString(16)}` : goQuote(char).slice(1, -1);
  }
  return `${out}"`;
}

/** Quotes as Go's strconv.QuoteToASCII. */
export function quoteToAscii(text: string): string {
  let out = '';
  for (const char of quote(text)) {
    const code = char.codePointAt(0)!;
    if (code < 0x80) out += char;
    else out += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  }
  return out;
}

/** Quotes one character in single quotes as Go's strconv.QuoteRune. */
export function quoteRune(char: string, ascii: boolean): string {
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  const quoted = ascii ? quoteToAscii(char) : quote(char);
  return `'${quoted.slice(1, -1)}'`;
}

/** Whether a string can be written in backquotes unchanged. */
export function canBackquote(text: string): boolean {
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if ((code < 0x20 && char !== '\t') || char === '`' || code === 0x7f || code === 0xfeff) return false;
  }
  return text.isWellFormed();
}

/** Whether Go prints the character as it is: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrintable(char: string): boolean {
  return char === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}

const SIMPLE_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 0x5c],
]);

const HEX_ESCAPE_DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** Reads a quoted Go string or character literal, `undefined` where it is not one. Backquoted text loses its carriage returns.
 *  @see Go strconv.Unquote */
export function unquote(literal: string): string | undefined {
  const mark = literal[0];
  if (literal.length < 2 || literal.at(-1) !== mark) return undefined;
  const body = literal.slice(1, -1);
  if (mark === '`') return body.includes('`') ? undefined : body.replaceAll('\r', '');
  if ((mark !== '"' && mark !== "'") || body.includes('\n')) return undefined;
  const parts: string[] = [];
  let escapedBytes = false;
  for (let i = 0; i < body.length; ) {
    const part = unquoteChar(body, i, mark);
    if (part === undefined) return undefined;
    parts.push(part.text);
    escapedBytes ||= part.isByte;
    i = part.end;
  }
  if (mark === "'" && parts.length !== 1) return undefined;
  const text = parts.join('');
  return escapedBytes ? fromBytes(toBytes(text)) : text;
}

function unquoteChar(
  body: string,
  at: number,
  mark: string,
): { text: string; end: number; isByte: boolean } | undefined {
  const char = String.fromCodePoint(body.codePointAt(at)!);
  if (char === mark) return undefined;
  if (char !== '\\') return { text: char, end: at + char.length, isByte: false };
  const letter = body[at + 1];
  if (letter === undefined) return undefined;
  if (letter === mark) return { text: mark, end: at + 2, isByte: false };
  const simple = SIMPLE_ESCAPES.get(letter);
  if (simple !== undefined) return { text: String.fromCharCode(simple), end: at + 2, isByte: false };
  const hexDigits = HEX_ESCAPE_DIGITS.get(letter);
  if (hexDigits === undefined) return unquoteOctal(body, at, mark);
  const digits = body.slice(at + 2, at + 2 + hexDigits);
  if (digits.length !== hexDigits || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 16);
  const end = at + 2 + hexDigits;
  if (letter === 'x') return { text: byteText(code, mark), end, isByte: true };
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return { text: String.fromCodePoint(code), end, isByte: false };
}

function unquoteOctal(
  body: string,
  at: number,
  mark: string,
): { text: string; end: number; isByte: boolean } | undefined {
  const digits = body.slice(at + 1, at + 4);
  if (!/^[0-7]{3}$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 8);
  return code > 255 ? undefined : { text: byteText(code, mark), end: at + 4, isByte: true };
}

/** `\x80` is a byte in a string, but a character in a character literal. */
function byteText(code: number, mark: string): string {
  return String.fromCharCode(code >= 0x80 && mark === '"' ? STRAY_BYTE + code : code);
}

/** Escapes for a URL's query as Go's url.QueryEscape: everything but letters, digits and `-_.~`, a space as `+`. */
export function queryEscape(text: string): string {
  let out = '';
  for (const byte of toBytes(text)) {
    const char = String.fromCharCode(byte);
    if (/[A-Za-z0-9\-_.~]/.test(char)) out += char;
    else out += char === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
