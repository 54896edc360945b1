import { goQuote } from '#shared/model/labels.ts';

/** Quotes a text as Go's `strconv.Quote` does, with the bytes that `unquote()` could not make characters of: `"\xff"`. */
export function quoteText(text: string): string {
  if (text.isWellFormed()) return goQuote(text);
  const parts = text
    .split(/(\p{Surrogate})/u)
    .map((part) => (part.isWellFormed() ? quoteInside(part) : quoteByte(part)));
  return `"${parts.join('')}"`;
}

function quoteInside(text: string): string {
  return goQuote(text).slice(1, -1);
}

function quoteByte(surrogate: string): string {
  return `\\x${(surrogate.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`;
}
