import type { PositionedError } from '#shared/model/text-position.ts';

/** A configuration file that cannot be used, with everything that is wrong with it, in the order of the file.
 *  `message` has one problem a line. */
export class ConfigError extends AggregateError {
  readonly file: string;
  readonly problems: readonly PositionedError[];

  constructor(file: string, problems: readonly PositionedError[]) {
    super(problems, problems.map((problem) => problem.message).join('\n'));
    this.name = 'ConfigError';
    this.file = file;
    this.problems = problems;
  }
}

/** Orders problems by their place; each message is kept once (an anchor that is used twice reports twice). */
export function orderProblems(problems: readonly PositionedError[]): readonly PositionedError[] {
  const unique = new Map(problems.map((problem) => [problem.message, problem]));
  return [...unique.values()].sort(
    (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
  );
}
