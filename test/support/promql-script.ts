import { parseDuration } from '#shared/model/duration.ts';
import { type Labels, labelsKey } from '#shared/model/labels.ts';
import { unquote } from '#shared/promql/syntax/unquote.ts';
import { parseSeriesLine, type ScriptValue } from './promql-script-series.ts';

/** A script of load and eval commands in upstream's notation for testing PromQL.
 *  @see prometheus/promql/promqltest/README.md */
export type ScriptCommand = LoadCommand | EvalCommand | { readonly kind: 'clear' };

export interface LoadCommand {
  readonly kind: 'load';
  readonly stepMs: number;
  /** Also make native histograms of classic ones. */
  readonly withNativeHistograms: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries {
  readonly labels: Labels;
  readonly values: readonly ScriptValue[];
  readonly hasStartTimes: boolean;
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
  /** What the result holds; a bare number is one series with no labels. */
  readonly series: readonly { readonly labels: Labels; readonly values: readonly ScriptValue[] }[];
  readonly scalar?: number;
  readonly text?: string;
  /** Times of the samples of a range vector. */
  readonly rangeVector?: { readonly startMs: number; readonly stepMs: number };
}

const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+))?\s+(.+)$/;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+?)\s+(.+)$/;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;
const EXPECT_RANGE = /^expect range vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/;

/** @throws {SyntaxError} With the line. */
export function parseScript(text: string): ScriptCommand[] {
  const lines = text.split('\n').map((line) => (line.trim().startsWith('#') ? '' : line.trim()));
  const commands: ScriptCommand[] = [];
  for (let i = 0; i < lines.length; ) {
    if (lines[i] === '') {
      i++;
      continue;
    }
    const block = lines.slice(i, blockEnd(lines, i));
    commands.push(parseBlock(block, i + 1));
    i += commands.at(-1)!.kind === 'clear' ? 1 : block.length;
  }
  return commands;
}

function blockEnd(lines: readonly string[], start: number): number {
  let end = start + 1;
  while (end < lines.length && lines[end] !== '' && !/^(load|load_with_nhcb|clear)\b/.test(lines[end])) {
    if (/^eval/.test(lines[end]) && (INSTANT.test(lines[end]) || RANGE.test(lines[end]))) break;
    end++;
  }
  return end;
}

function parseBlock(block: readonly string[], line: number): ScriptCommand {
  try {
    if (/^clear\b/.test(block[0])) return { kind: 'clear' };
    if (block[0].startsWith('load')) return parseLoad(block);
    return parseEval(block, line);
  } catch (cause) {
    throw new SyntaxError(`Cannot parse line ${line}: ${(cause as Error).message}`, { cause });
  }
}

function parseLoad(block: readonly string[]): LoadCommand {
  const [command, step] = block[0].split(/\s+/);
  const series: LoadedSeries[] = [];
  let hasStartTimes = false;
  for (const line of block.slice(1)) {
    if (/^\S*@st\s/.test(line)) {
      hasStartTimes = true;
      continue;
    }
    series.push({ ...parseSeriesLine(line), hasStartTimes });
    hasStartTimes = false;
  }
  return { kind: 'load', stepMs: parseDuration(step), withNativeHistograms: command === 'load_with_nhcb', series };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function parseEval(block: readonly string[], line: number): EvalCommand {
  const command = parseHead(block[0], line);
  const series = new Map<string, EvalCommand['series'][number]>();
  for (const defined of block.slice(1)) {
    const window = EXPECT_RANGE.exec(defined);
    const expect = EXPECT.exec(defined);
    if (window !== null) {
      command.rangeVector = { startMs: parseDuration(window[1]), stepMs: parseDuration(window[3]) };
    } else if (defined.startsWith('expect string')) {
      command.text = unquote(defined.slice('expect string'.length).trim());
    } else if (expect !== null) {
      const [, kind, matching, text] = expect;
      command.expectations = [
        ...command.expectations,
        { kind: kind as Expectation, text: expectedText(matching, text?.trim() ?? '') },
      ];
    } else if (isNumber(defined)) {
      command.scalar = Number(defined.replace(/^([+-]?)inf$/i, '$1Infinity'));
    } else if (defined.startsWith('expected_fail_message')) {
      const text = defined.slice('expected_fail_message'.length).trim();
      command.expectations = [{ kind: 'fail', text: expectedText('msg', text) }];
    } else {
      const parsed = parseSeriesLine(defined);
      // A repeated series takes the place of the first one, values and position, as upstream's map does.
      series.delete(labelsKey(parsed.labels));
      series.set(labelsKey(parsed.labels), parsed);
    }
  }
  return { ...command, series: [...series.values()] };
}

function isNumber(text: string): boolean {
  return /^[+-]?(?:inf|nan)$/i.test(text) || (text !== '' && !Number.isNaN(Number(text)));
}

function parseHead(head: string, line: number): Mutable<EvalCommand> {
  const instant = INSTANT.exec(head);
  const range = RANGE.exec(head);
  const mode = (instant ?? range)?.[1];
  const expectations = mode === undefined ? [] : [{ kind: mode as Expectation, text: expectedText(undefined, '') }];
  if (instant !== null) {
    const timeMs = parseDuration(instant[2] ?? '0');
    const times = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
    return { kind: 'eval', line, query: instant[3], ...times, expectations, series: [] };
  }
  if (range === null) throw new SyntaxError(`not an eval command: "${head}"`);
  const [startMs, endMs, stepMs] = range.slice(2, 5).map(parseDuration);
  return { kind: 'eval', line, query: range[5], startMs, endMs, stepMs, expectations, series: [] };
}

function expectedText(matching: string | undefined, text: string): ExpectedText {
  if (matching === undefined) return { matches: () => true, shown: 'any' };
  if (matching === 'msg') return { matches: (actual) => actual === text, shown: text };
  const pattern = new RegExp(text);
  return { matches: (actual) => pattern.test(actual), shown: text };
}
