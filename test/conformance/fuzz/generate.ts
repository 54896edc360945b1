import { END_MS, type Family, START_MS } from './data.ts';
import { rangeTerm } from './generate-matrix.ts';
import { scalarTerm } from './generate-scalar.ts';
import type { Grammar } from './generate-selector.ts';
import { vectorTerm } from './generate-vector.ts';
import { createRng, type Rng } from './rng.ts';
import { string, type Term, vector } from './term.ts';

/** When a query is evaluated. */
export type EvaluationTimes =
  | { readonly kind: 'instant'; readonly timeMs: number }
  | { readonly kind: 'range'; readonly startMs: number; readonly endMs: number; readonly stepMs: number };

/** A query to compare. */
export interface Case {
  /** With the seed of the run, makes the case again. */
  readonly index: number;
  readonly query: Term;
  readonly times: EvaluationTimes;
  /** Whether features behind flags are on. */
  readonly features: boolean;
}

const MAX_DEPTH = 3;

/** The query of an index. */
export function generateCase(seed: number, index: number, families: readonly Family[]): Case {
  const rng = createRng(seed, index, 3);
  const features = rng.chance(0.7);
  const times = rng.chance(0.5) ? instantTime(rng) : rangeTimes(rng);
  // Without the flags a few queries use what is behind them, to be refused.
  const grammar = { rng, families, features: features || rng.chance(0.03) };
  const query = wholeQuery(grammar, times.kind);
  return { index, query: rng.chance(0.03) ? broken(rng, query) : query, times, features };
}

function wholeQuery(grammar: Grammar, kind: EvaluationTimes['kind']): Term {
  const { rng } = grammar;
  const depth = rng.weighted([
    [2, 1],
    [5, 2],
    [3, MAX_DEPTH],
  ]);
  const rare = kind === 'instant' ? 1 : 0.1;
  return rng.weighted<() => Term>([
    [40, () => vectorTerm(grammar, depth)],
    [3 * rare, () => rangeTerm(grammar, depth)],
    [2, () => scalarTerm(grammar, depth)],
    [0.3 * rare, () => string`${rng.pick(['"text"', "'a\\n\\x41'", '`raw\\`', '"日本\\u00e9"'])}`],
  ])();
}

/** Most often at a time between samples; some times exactly at one, or where there are none. */
function someTime(rng: Rng): number {
  const timeMs = rng.int(START_MS - 60_000, END_MS + 400_000);
  if (rng.chance(0.3)) return timeMs;
  return Math.floor(timeMs / 15_000) * 15_000;
}

function instantTime(rng: Rng): EvaluationTimes {
  return { kind: 'instant', timeMs: someTime(rng) };
}

const STEPS_MS = [1000, 7000, 15_000, 30_000, 60_000, 61_001, 120_000, 300_000];

function rangeTimes(rng: Rng): EvaluationTimes {
  const startMs = someTime(rng);
  const stepMs = rng.pick(STEPS_MS);
  const steps = rng.weighted([
    [1, 0],
    [4, rng.int(1, 8)],
    [2, rng.int(9, 40)],
    [1, 130],
  ]);
  return {
    kind: 'range',
    startMs,
    endMs: startMs + steps * stepMs + (rng.chance(0.2) ? rng.int(0, stepMs - 1) : 0),
    stepMs,
  };
}

const WRONG = [
  '"text"',
  'sum',
  'foo(1)',
  '1',
  'temperature[5m]',
  'rate(level)',
  '{}',
  'by',
  '[5m]',
  'level offset',
  '',
];

/** A query that is probably an error: with something in the wrong place, or a character more or less. */
function broken(rng: Rng, query: Term): Term {
  if (rng.chance(0.6)) return replaceSomewhere(rng, query, rng.pick(WRONG));
  const text = [query].map(flatten).join('');
  const at = rng.int(0, text.length - 1);
  const kept = rng.chance(0.5)
    ? text.slice(at + 1)
    : rng.pick([')', '(', ',', '"', ' ', '=', '\n', '#']) + text.slice(at);
  return vector`${text.slice(0, at) + kept}`;
}

function flatten({ parts }: Term): string {
  return parts.map((part) => (typeof part === 'string' ? part : flatten(part))).join('');
}

function replaceSomewhere(rng: Rng, whole: Term, text: string): Term {
  const inner = whole.parts.flatMap((part, i) => (typeof part === 'string' ? [] : [i]));
  if (inner.length === 0 || rng.chance(0.3)) return { type: whole.type, parts: [text] };
  const at = rng.pick(inner);
  return { ...whole, parts: whole.parts.with(at, replaceSomewhere(rng, whole.parts[at] as Term, text)) };
}
