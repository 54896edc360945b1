import { RE2JS } from 're2js';
import { parseDuration } from '#shared/model/duration.ts';
import { type Labels, labelsEqual, labelsKey } from '#shared/model/labels.ts';
import { unquote } from '#shared/promql/syntax/unquote.ts';
import { parseSignedNumber } from './promql-script-histogram.ts';
import { parseSeriesLine, parseStartTimesLine, type ScriptSeries, type ScriptValue } from './promql-script-series.ts';

/** A script of load and eval commands in upstream's notation for testing PromQL.
 *  @see prometheus/promql/promqltest/README.md */
export type ScriptCommand = LoadCommand | EvalCommand | { readonly kind: 'clear'; readonly line: number };

export interface LoadCommand {
  readonly kind: 'load';
  /** From 1. */
  readonly line: number;
  readonly stepMs: number;
  /** Also make native histograms of classic ones. */
  readonly withNativeHistograms: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly ScriptValue[];
  /** When the counters began, milliseconds relative to the samples' times. */
  readonly startOffsetsMs?: readonly (number | undefined)[];
}

export type Expectation = 'fail' | 'warn' | 'no_warn' | 'info' | 'no_info' | 'ordered';

export interface ExpectedText {
  readonly matches: (text: string) => boolean;
  readonly shown: string;
}

export interface EvalCommand {
  readonly kind: 'eval';
  /** From 1. */
  readonly line: number;
  readonly query: string;
  /** Of an instant query both are the same and `stepMs` is 0. */
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly expectations: readonly { readonly kind: Expectation; readonly text: ExpectedText }[];
  /** What the result holds. */
  readonly series: readonly ScriptSeries[];
  readonly scalar?: number;
  readonly text?: string;
  /** Times of the samples of a range vector. */
  readonly rangeVector?: { readonly startMs: number; readonly endMs: number; readonly stepMs: number };
}

/** A script that cannot be read. */
export class ScriptError extends SyntaxError {
  /** From 1. */
  readonly line: number;

  constructor(line: number, cause: unknown) {
    super((cause as Error).message, { cause });
    this.line = line;
  }
}

const LOAD = /^load(?:_(with_nhcb))?\s+(.+?)$/;
const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)$/;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)$/;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;
const EXPECT_RANGE = /^expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)$/;

/** @throws {ScriptError} */
export function parseScript(text: string): ScriptCommand[] {
  const lines = new Lines(text);
  const commands: ScriptCommand[] = [];
  for (let line = lines.nextCommand(); line !== undefined; line = lines.nextCommand()) {
    try {
      commands.push(parseCommand(line, lines));
    } catch (cause) {
      throw new ScriptError(lines.number, cause);
    }
  }
  return commands;
}

/** The lines of a script without comments. A command goes on up to an empty line. */
class Lines {
  readonly #lines: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#lines = text.split('\n').map((line) => (line.trim().startsWith('#') ? '' : line.trim()));
  }

  /** Of the last line given, from 1. */
  get number(): number {
    return this.#next;
  }

  nextCommand(): string | undefined {
    while (this.#lines[this.#next] === '') this.#next++;
    return this.#lines[this.#next++];
  }

  /** The next line of the same command. */
  nextInCommand(): string | undefined {
    const line = this.#lines[this.#next];
    if (line === undefined || line === '') return undefined;
    this.#next++;
    return line;
  }
}

function parseCommand(line: string, lines: Lines): ScriptCommand {
  const word = line.split(/[\t ]+/, 1)[0].toLowerCase();
  if (word === 'clear') return { kind: 'clear', line: lines.number };
  if (word.startsWith('load')) return parseLoad(line, lines);
  if (word.startsWith('eval')) return parseEval(line, lines);
  throw new SyntaxError(`invalid command "${line}"`);
}

function parseLoad(head: string, lines: Lines): LoadCommand {
  const [whole, suffix, step] = LOAD.exec(head) ?? [];
  if (whole === undefined) throw new SyntaxError('invalid load command. (load[_with_nhcb] <step:duration>)');
  const line = lines.number;
  const stepMs = parseDuration(step);
  const series = new Map<string, LoadedSeries>();
  let starts: ReturnType<typeof parseStartTimesLine>;
  for (let text = lines.nextInCommand(); text !== undefined; text = lines.nextInCommand()) {
    const startTimes = parseStartTimesLine(text);
    if (startTimes !== undefined) {
      if (starts !== undefined) throw new SyntaxError('@st line has no following sample line');
      starts = startTimes;
      continue;
    }
    const one = parseSeriesLine(text);
    if (starts !== undefined) checkStartTimes(starts, one);
    // A repeated series takes the place of the first, as in upstream's map.
    series.set(labelsKey(one.labels), { ...one, ...(starts && { startOffsetsMs: starts.offsetsMs }) });
    starts = undefined;
  }
  if (starts !== undefined) throw new SyntaxError('@st line has no following sample line');
  const withNativeHistograms = suffix !== undefined;
  return { kind: 'load', line, stepMs, withNativeHistograms, series: [...series.values()] };
}

function checkStartTimes(
  { labels, offsetsMs }: NonNullable<ReturnType<typeof parseStartTimesLine>>,
  series: ScriptSeries,
): void {
  if (!labelsEqual(labels, series.labels)) {
    throw new SyntaxError('@st metric does not match the following sample line metric');
  }
  if (offsetsMs.length === series.values.length) return;
  throw new SyntaxError(`@st line has ${offsetsMs.length} values but sample line has ${series.values.length}`);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function parseEval(head: string, lines: Lines): EvalCommand {
  const command = parseHead(head, lines.number);
  const series = new Map<string, ScriptSeries>();
  for (let line = lines.nextInCommand(); line !== undefined; line = lines.nextInCommand()) {
    if (parseFailureText(command, line)) break;
    if (parseExpectation(command, line)) continue;
    command.scalar = parseScalar(line);
    // Upstream reads nothing of the command behind a number.
    if (command.scalar !== undefined) break;
    const parsed = parseSeriesLine(line);
    if (parsed.values.length > 1 && command.stepMs === 0 && command.rangeVector === undefined) {
      throw new SyntaxError('expecting multiple values in instant evaluation not allowed');
    }
    // A repeated series takes the place of the first one, values and position, as in upstream's map.
    series.delete(labelsKey(parsed.labels));
    series.set(labelsKey(parsed.labels), parsed);
  }
  return { ...command, series: [...series.values()] };
}

function parseHead(head: string, line: number): Mutable<EvalCommand> {
  const instant = INSTANT.exec(head);
  const range = RANGE.exec(head);
  const mode = (instant ?? range)?.[1];
  const expectations = mode === undefined ? [] : [{ kind: mode as Expectation, text: expectedText(undefined, '') }];
  if (instant !== null) {
    const timeMs = parseDuration(instant[2] ?? '');
    const times = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
    return { kind: 'eval', line, query: instant[3], ...times, expectations, series: [] };
  }
  if (range === null) throw new SyntaxError(`invalid evaluation command: "${head}"`);
  return { kind: 'eval', line, query: range[5], ...parseTimes(range.slice(2, 5)), expectations, series: [] };
}

function parseTimes(texts: readonly string[]): { startMs: number; endMs: number; stepMs: number } {
  const [startMs, endMs, stepMs] = texts.map(parseDuration);
  if (endMs < startMs) throw new SyntaxError(`end timestamp (${texts[1]}) is before start timestamp (${texts[0]})`);
  return { startMs, endMs, stepMs };
}

/** The old notation of an expected error: the last line of `eval_fail`. */
function parseFailureText(command: Mutable<EvalCommand>, line: string): boolean {
  const [, kind, text] = /^expected_fail_(message|regexp)(.*)$/.exec(line) ?? [];
  if (kind === undefined || !command.expectations.some((expected) => expected.kind === 'fail')) return false;
  const expected = expectedText(kind === 'message' ? 'msg' : 'regex', text.trim());
  command.expectations = [{ kind: 'fail', text: expected }];
  return true;
}

function parseExpectation(command: Mutable<EvalCommand>, line: string): boolean {
  if (line.startsWith('expect range vector')) {
    const window = EXPECT_RANGE.exec(line);
    if (window === null) throw new SyntaxError(`invalid range vector definition "${line}"`);
    command.rangeVector = parseTimes(window.slice(1, 4));
    return true;
  }
  if (line.startsWith('expect string')) {
    command.text = unquote(line.slice('expect string'.length).trim());
    return true;
  }
  if (line.split(' ', 1)[0] !== 'expect') return false;
  const [whole, kind, matching, text] = EXPECT.exec(line) ?? [];
  if (whole === undefined) throw new SyntaxError(`invalid expect statement: "${line}"`);
  const expected = { kind: kind as Expectation, text: expectedText(matching, text?.trim() ?? '') };
  command.expectations = [...command.expectations, expected];
  return true;
}

function expectedText(matching: string | undefined, text: string): ExpectedText {
  if (matching === undefined) return { matches: () => true, shown: 'any' };
  if (matching === 'msg') return { matches: (actual) => actual === text, shown: `"${text}"` };
  const pattern = RE2JS.compile(text);
  return { matches: (actual) => pattern.matcher(actual).find(), shown: `/${text}/` };
}

function parseScalar(line: string): number | undefined {
  try {
    return parseSignedNumber(line);
  } catch {
    return undefined;
  }
}
