/** Where in a query an error is. */
export interface ErrorPlace {
  /** Index of the first character that is wrong, in UTF-16 units. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** The message without the position. */
  readonly problem: string;
}

/** Finds the position that Prometheus puts before a syntax error: `invalid parameter "query": 1:7: parse error: …`.
 *  Its columns count bytes of UTF-8 from 1.
 *  @returns `undefined` when the message has none. */
export function errorPlace(query: string, message: string): ErrorPlace | undefined {
  const match = /(?:^|: )([0-9]+):([0-9]+): (?:parse error: )?([\s\S]*)$/.exec(message);
  if (match === null) return undefined;
  const [line, column] = [Number(match[1]), Number(match[2])];
  const lines = query.split('\n');
  if (line < 1 || line > lines.length || column < 1) return undefined;
  const before = lines.slice(0, line - 1).reduce((total, text) => total + text.length + 1, 0);
  return { offset: before + unitsOfBytes(lines[line - 1], column - 1), line, column, problem: match[3] };
}

/** How many UTF-16 units of `text` make up `bytes` bytes of UTF-8. */
function unitsOfBytes(text: string, bytes: number): number {
  let units = 0;
  let counted = 0;
  for (const char of text) {
    if (counted >= bytes) break;
    counted += new TextEncoder().encode(char).length;
    units += char.length;
  }
  return units;
}

/** A query cut at an error: what is shown before, at, and after it. */
export function markError(query: string, { offset }: ErrorPlace): readonly [before: string, at: string, after: string] {
  const [token = ''] = /^(?:[a-zA-Z0-9_:.]+|[\s\S])/u.exec(query.slice(offset)) ?? [];
  return [query.slice(0, offset), token, query.slice(offset + token.length)];
}
