import { RE2JS, RE2JSException } from 're2js';

/** A compiled RE2 program. Every call is linear in the text. Positions are UTF-16 offsets. */
export interface RegexProgram {
  /** Whether the whole of `text` matches. */
  matchesWhole(text: string): boolean;
  /** Whether any part of `text` matches. */
  matchesAnywhere(text: string): boolean;
  /** The `[start, end]` pairs of the match of the whole text and of its groups, flat; −1 for a group that took no part. */
  findWhole(text: string): readonly number[] | undefined;
  /** As `findWhole`, of the leftmost match that starts at `from` or later. */
  findFrom(text: string, from: number): readonly number[] | undefined;
  /** The numbers of the named groups. */
  readonly groupNumbers: ReadonlyMap<string, number>;
}

/** RE2's anchors: none, and both ends of the text. */
const UNANCHORED = 0;
const ANCHOR_BOTH = 2;

/** Compiles a pattern with Go's syntax and default flags.
 *  @param dotAll Whether `.` matches line breaks.
 *  @throws {SyntaxError} With Go's message for `source`. */
export function compileProgram(source: string, dotAll: boolean): RegexProgram {
  const compiled = compileRe2(source, dotAll);
  const re2 = compiled.re2();
  const groups = 1 + compiled.groupCount();
  const find = (text: string, from: number, anchor: number): readonly number[] | undefined =>
    re2.matchWithGroup(text, from, text.length, anchor, groups)[1] ?? undefined;
  return {
    matchesWhole: (text) => compiled.testExact(text),
    matchesAnywhere: (text) => compiled.test(text),
    findWhole: (text) => find(text, 0, ANCHOR_BOTH),
    findFrom: (text, from) => find(text, from, UNANCHORED),
    groupNumbers: new Map(Object.entries(compiled.namedGroups())),
  };
}

/** The dot-all flag becomes a prefix of the pattern, so a failure is reported from a second run, without it. */
function compileRe2(source: string, dotAll: boolean): RE2JS {
  try {
    return RE2JS.compile(source, dotAll ? RE2JS.DOTALL : 0);
  } catch (error) {
    if (!dotAll) throw goError(error, source);
    compileRe2(source, false);
    throw goError(error, source);
  }
}

/** Go names the pattern, or the empty part of it, in each of its errors. */
function goError(error: unknown, source: string): unknown {
  if (!(error instanceof RE2JSException)) return error;
  const { message } = error;
  if (message.endsWith('`')) return new SyntaxError(message, { cause: error });
  const part = message.endsWith('trailing backslash at end of expression') ? '' : source;
  return new SyntaxError(`${message}: \`${part}\``, { cause: error });
}
