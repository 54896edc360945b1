import type { YamlScalar } from './yaml-document.ts';

/** Where a character of a scalar's value is written in the file: an offset into the document's text.
 *
 *  YAML folds lines, strips indentation and undoes escapes, so value and text are walked together: white space of one
 *  stands for any white space of the other, everything else stands for itself or is escaped. Where that does not work out,
 *  the start of the scalar is given.
 *  @param index Into the value, in UTF-16 units; its length is the end. */
export function scalarOffset(scalar: YamlScalar, index: number): number {
  const { text } = scalar.document;
  const end = scalar.endOffset;
  let at = contentStart(scalar);
  for (let i = 0; i < index; i++) {
    const char = scalar.text[i];
    if (isSpace(char)) continue;
    at = skipSpace(text, at, end);
    const length = writtenLength(scalar, char, at);
    if (length === undefined) return scalar.offset;
    at += length;
  }
  const next = scalar.text[index];
  // A blank asked for itself is the first one here.
  return next === undefined || isSpace(next) ? Math.min(at, end) : skipSpace(text, at, end);
}

/** Behind the quote, or behind the header line of a block. */
function contentStart({ style, offset, document }: YamlScalar): number {
  if (style === 'plain') return offset;
  if (style === 'quoted') return offset + 1;
  const lineEnd = document.text.indexOf('\n', offset);
  return lineEnd < 0 ? offset : lineEnd + 1;
}

function skipSpace(text: string, from: number, end: number): number {
  let at = from;
  while (at < end) {
    if (isSpace(text[at])) at++;
    // In double quotes a backslash joins lines, and `\n`, `\t` are white space.
    else if (text[at] === '\\' && /[\r\nnt ]/.test(text[at + 1] ?? '')) at += 2;
    else break;
  }
  return at;
}

/** How many units of the text stand for one unit of the value. */
function writtenLength({ document: { text }, style }: YamlScalar, char: string, at: number): number | undefined {
  if (style === 'quoted' && char === "'" && text.startsWith("''", at)) return 2;
  if (text[at] === char && char !== '\\') return 1;
  if (text[at] === '\\' && style === 'quoted') {
    if (text[at + 1] === char) return 2;
    const sequence = /^\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/.exec(text.slice(at, at + 10));
    return sequence?.[0].length;
  }
  return text[at] === char ? 1 : undefined;
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}
