import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { Querier, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import type { AtModifier, DurationValue, Expr, VectorSelector } from '#shared/promql/syntax/ast.ts';
import type { QueryLimits } from './limits.ts';
import type { QueryTimes } from './prepare.ts';
import { executionError, QueryError } from './query-error.ts';

/** The samples of every selector of a query, read before anything is evaluated. */
export class SelectedSeries {
  readonly #bySelector: ReadonlyMap<VectorSelector, SeriesSet>;

  constructor(bySelector: ReadonlyMap<VectorSelector, SeriesSet>) {
    this.#bySelector = bySelector;
  }

  /** The series of a selector, ordered by labels; values may be stale markers. */
  of(selector: VectorSelector): readonly SeriesSamples[] {
    return this.#bySelector.get(selector)!.all;
  }

  /** The same without stale markers, for ranges. */
  withoutStale(selector: VectorSelector): readonly SeriesSamples[] {
    return this.#bySelector.get(selector)!.withoutStale();
  }
}

class SeriesSet {
  readonly all: readonly SeriesSamples[];
  #withoutStale: readonly SeriesSamples[] | undefined;

  constructor(all: readonly SeriesSamples[]) {
    this.all = all;
  }

  withoutStale(): readonly SeriesSamples[] {
    this.#withoutStale ??= this.all.map(removeStale);
    return this.#withoutStale;
  }
}

function removeStale(series: SeriesSamples): SeriesSamples {
  const { timestampsMs, values } = series;
  const words = wordsOf(values);
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) if (!isStaleAt(words, i)) kept.push(i);
  if (kept.length === values.length) return series;
  return {
    labels: series.labels,
    timestampsMs: Float64Array.from(kept, (i) => timestampsMs[i]),
    values: Float64Array.from(kept, (i) => values[i]),
  };
}

interface Selection {
  readonly selector: VectorSelector;
  readonly range: TimeRange;
}

export interface FetchOptions {
  readonly times: QueryTimes;
  readonly lookbackMs: number;
  readonly limits: QueryLimits;
}

/** Reads the series of all selectors of a prepared expression at once, equal ones together.
 *  @throws {QueryError} When storage fails: `expanding series: …`. */
export async function fetchSeries(expr: Expr, querier: Querier, options: FetchOptions): Promise<SelectedSeries> {
  const selections = collect(expr, options);
  const pending = new Map<string, Promise<SeriesSet>>();
  const keyOf = new Map<VectorSelector, string>();
  for (const { selector, range } of selections) {
    const key = selectionKey(selector, range);
    keyOf.set(selector, key);
    if (!pending.has(key)) pending.set(key, select(querier, selector, range));
  }
  const keys = [...pending.keys()];
  const sets = await options.limits.guard(Promise.all(pending.values()));
  const byKey = new Map(keys.map((key, i) => [key, sets[i]]));
  return new SelectedSeries(new Map([...keyOf].map(([selector, key]) => [selector, byKey.get(key)!])));
}

function selectionKey(selector: VectorSelector, range: TimeRange): string {
  const matchers = selector.matchers.map(({ name, operator, value }) => [name, operator, value]);
  return JSON.stringify([range.minMs, range.maxMs, matchers]);
}

async function select(querier: Querier, selector: VectorSelector, range: TimeRange): Promise<SeriesSet> {
  try {
    return new SeriesSet(await querier.select(selector.matchers, range));
  } catch (cause) {
    if (cause instanceof QueryError) throw cause;
    throw executionError(`expanding series: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The subqueries around a node: what they add to the times that a selector looks at. */
interface Around {
  readonly offsetMs: number;
  readonly rangeMs: number;
  /** Of the innermost `@`; what is outside of it does not count. */
  readonly atMs: number | undefined;
}

function collect(expr: Expr, options: FetchOptions): Selection[] {
  const found: Selection[] = [];
  const walk = (node: Expr, around: Around): void => {
    switch (node.kind) {
      case 'vectorSelector':
        found.push({ selector: node, range: selectorRange(node, options.lookbackMs, around, options.times) });
        return;
      case 'matrixSelector': {
        const selector = node.vectorSelector;
        found.push({ selector, range: selectorRange(selector, ms(node.range), around, options.times) });
        return;
      }
      case 'subquery':
        walk(node.expr, within(around, ms(node.offset), ms(node.range), node.at));
        return;
      case 'aggregate':
        walk(node.expr, around);
        if (node.param !== undefined) walk(node.param, around);
        return;
      case 'binary':
        walk(node.lhs, around);
        walk(node.rhs, around);
        return;
      case 'call':
        for (const arg of node.args) walk(arg, around);
        return;
      case 'paren':
      case 'unary':
      case 'stepInvariant':
        walk(node.expr, around);
        return;
      case 'number':
      case 'string':
        return;
    }
  };
  walk(expr, { offsetMs: 0, rangeMs: 0, atMs: undefined });
  return found;
}

function within(around: Around, offsetMs: number, rangeMs: number, at: AtModifier | undefined): Around {
  if (at !== undefined) return { offsetMs, rangeMs, atMs: atTime(at) };
  return { offsetMs: around.offsetMs + offsetMs, rangeMs: around.rangeMs + rangeMs, atMs: around.atMs };
}

/** @param reachMs How far back a value is looked for, exclusive: the range or the lookback delta.
 *  @see prometheus/promql/engine.go getTimeRangesForSelector */
function selectorRange(selector: VectorSelector, reachMs: number, around: Around, times: QueryTimes): TimeRange {
  let minMs = around.atMs ?? times.startMs;
  let maxMs = around.atMs ?? times.endMs;
  if (selector.at !== undefined) {
    minMs = atTime(selector.at);
    maxMs = minMs;
  } else {
    minMs -= around.offsetMs + around.rangeMs;
    maxMs -= around.offsetMs;
  }
  const offsetMs = ms(selector.offset);
  return { minMs: minMs - reachMs + 1 - offsetMs, maxMs: maxMs - offsetMs };
}

/** A duration of a prepared expression. */
export function ms(duration: DurationValue): number {
  if (duration.kind === 'expr') throw new TypeError('Cannot evaluate a duration expression that was not prepared');
  return duration.ms;
}

/** The time of an `@` in a prepared expression. */
export function atTime(at: AtModifier): number {
  if ('startOrEnd' in at) throw new TypeError('Cannot evaluate an @ modifier that was not prepared');
  return at.timestampMs;
}
