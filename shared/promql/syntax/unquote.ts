const NAMED_ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 0x5c };

/** Digits after `\x`, `\u` and `\U`. */
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The text that a PromQL string literal stands for: in single or double quotes with Go's escapes, in backticks as it is.
 *  `\x` and octal escapes are bytes. A byte that is not UTF-8, such as `\xff`, becomes a lone surrogate, U+DC00 more
 *  than the byte: the text is not well-formed then, as the Go string is not valid, and `quoteText()` gives the byte back.
 *  @throws {SyntaxError} `invalid syntax` when `literal` is not a string literal.
 *  @see prometheus/util/strutil/quote.go */
export function unquote(literal: string): string {
  const quote = literal[0];
  const body = literal.slice(1, -1);
  if (literal.length < 2 || literal.at(-1) !== quote || !'"\'`'.includes(quote)) throw invalid();
  if (quote === '`') {
    if (body.includes('`')) throw invalid();
    return body;
  }
  if (body.includes('\n')) throw invalid();
  return body.includes('\\') || body.includes(quote) ? decode(body, quote) : body;
}

function decode(body: string, quote: string): string {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let i = 0; i < body.length; ) {
    const char = String.fromCodePoint(body.codePointAt(i)!);
    if (char === quote) throw invalid();
    if (char !== '\\') {
      bytes.push(...encoder.encode(char));
      i += char.length;
      continue;
    }
    const escaped = readEscape(body, i + 1, quote);
    bytes.push(...(escaped.isByte ? [escaped.code] : encoder.encode(String.fromCodePoint(escaped.code))));
    i = escaped.end;
  }
  return decodeUtf8(new Uint8Array(bytes));
}

function decodeUtf8(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = utf8LengthFrom(bytes[i]);
    try {
      text += decoder.decode(bytes.subarray(i, i + length));
      i += length;
    } catch {
      text += String.fromCharCode(0xdc00 + bytes[i]);
      i += 1;
    }
  }
  return text;
}

/** How many bytes the character has that begins with `first`. */
function utf8LengthFrom(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** @param at The index behind the backslash. */
function readEscape(body: string, at: number, quote: string): { code: number; isByte: boolean; end: number } {
  const char = body[at];
  if (char === undefined) throw invalid();
  if (Object.hasOwn(NAMED_ESCAPES, char)) return { code: NAMED_ESCAPES[char], isByte: true, end: at + 1 };
  if (char === quote) return { code: char.charCodeAt(0), isByte: true, end: at + 1 };
  if (Object.hasOwn(HEX_LENGTHS, char)) {
    const end = at + 1 + HEX_LENGTHS[char];
    const digits = body.slice(at + 1, end);
    const code = Number.parseInt(digits, 16);
    if (digits.length < HEX_LENGTHS[char] || !/^[0-9a-fA-F]+$/.test(digits) || code > 0x10ffff) throw invalid();
    return { code, isByte: char === 'x', end };
  }
  const octal = body.slice(at, at + 3);
  if (!/^[0-3][0-7]{2}$/.test(octal)) throw invalid();
  return { code: Number.parseInt(octal, 8), isByte: true, end: at + 3 };
}

function invalid(): SyntaxError {
  return new SyntaxError('invalid syntax');
}
