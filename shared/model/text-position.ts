/** A place in a text file. */
export interface TextPosition {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

/** Text that does not parse, with its place. `message` starts with `file:line:column: `. */
export class PositionedError extends SyntaxError {
  readonly file: string;
  readonly position: TextPosition;

  constructor(file: string, position: TextPosition, problem: string, options?: ErrorOptions) {
    super(`${file}:${position.line}:${position.column}: ${problem}`, options);
    this.name = 'PositionedError';
    this.file = file;
    this.position = position;
  }
}
