import type { Span } from './ast.ts';

/** A query that is not PromQL. `message` is what Prometheus answers: `1:7: parse error: unexpected …`.
 *  Of several errors Prometheus reports the first; so parsing ends at it.
 *  @see prometheus/promql/parser/parse.go ParseErr */
export class PromqlSyntaxError extends SyntaxError {
  /** The message without position and `parse error: `. */
  readonly problem: string;
  readonly span: Span;
  /** From 1; 0 in an empty query. */
  readonly line: number;
  /** From 1, in bytes of UTF-8 as upstream counts; 0 in an empty query. */
  readonly column: number;

  constructor(query: string, span: Span, problem: string, options?: ErrorOptions) {
    const { line, column } = positionAt(query, span.start);
    const place = line === 0 ? 'unknown position' : `${line}:${column}`;
    super(`${place}: parse error: ${problem}`, options);
    this.name = 'PromqlSyntaxError';
    this.problem = problem;
    this.span = span;
    this.line = line;
    this.column = column;
  }
}

function positionAt(query: string, offset: number): { line: number; column: number } {
  if (query === '') return { line: 0, column: 0 };
  const before = query.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: utf8Length(before.slice(lineStart)) + 1 };
}

/** The length of `text` in bytes of UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800 || isSurrogate(unit)) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}

/** Two surrogates make one character of four bytes. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000;
}
