import type { Querier, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import type { AtModifier, DurationValue, Expr, VectorSelector } from '#shared/promql/syntax/ast.ts';
import { type BucketUse, bucketUseWithin, type Looks, withoutBuckets } from './histogram-stats.ts';
import type { QueryLimits } from './limits.ts';
import type { QueryTimes } from './prepare.ts';
import { executionError, QueryError } from './query-error.ts';
import { SelectedSeries, SeriesSet } from './selected-series.ts';

interface Selection {
  /** The same for equal selectors that look at the same range. */
  readonly key: string;
  readonly selector: VectorSelector;
  readonly range: TimeRange;
  /** Of histograms only count and sum are looked at. */
  readonly ignoresBuckets: boolean;
  readonly looks: Looks;
}

export interface FetchOptions {
  readonly times: QueryTimes;
  readonly lookbackMs: number;
  readonly limits: QueryLimits;
  readonly useStartTimestamps: boolean;
}

/** Reads the series of all selectors of a prepared expression at once, equal ones together.
 *  @throws {QueryError} When storage fails: `expanding series: …`. */
export async function fetchSeries(expr: Expr, querier: Querier, options: FetchOptions): Promise<SelectedSeries> {
  const { limits } = options;
  const selections = collect(expr, options);
  if (selections.length === 0) return new SelectedSeries(new Map());
  const pending = new Map<string, Promise<readonly SeriesSamples[]>>();
  for (const { key, selector, range } of selections) {
    if (pending.has(key)) continue;
    pending.set(key, select(querier, { matchers: selector.matchers, range, limits }));
  }
  const keys = [...pending.keys()];
  const selected = await limits.guard(Promise.all(pending.values()));
  const read = new Map(keys.map((key, i) => [key, selected[i]]));
  const bySelector = new Map<VectorSelector, SeriesSet>();
  const sets = new Map<string, SeriesSet>();
  for (const { key, selector, ignoresBuckets, looks } of selections) {
    const series = read.get(key)!;
    const setKey = ignoresBuckets ? `${looks.firstMs} ${looks.deltaMs} ${key}` : key;
    let set = sets.get(setKey);
    if (set === undefined) {
      set = new SeriesSet(ignoresBuckets ? await limits.run(reduced(series, looks)) : series, options);
      sets.set(setKey, set);
    }
    bySelector.set(selector, set);
  }
  return new SelectedSeries(bySelector);
}

function* reduced(series: readonly SeriesSamples[], looks: Looks): Generator<void, readonly SeriesSamples[]> {
  if (series.every(({ histograms }) => histograms === undefined)) return series;
  const all: SeriesSamples[] = [];
  for (const one of series) {
    all.push(withoutBuckets(one, looks));
    yield;
  }
  return all;
}

function selectionKey(selector: VectorSelector, range: TimeRange): string {
  const matchers = selector.matchers.map(({ name, operator, value }) => [name, operator, value]);
  return JSON.stringify([range.minMs, range.maxMs, matchers]);
}

/** Reads the series of one selection, within the limits of the query.
 *  @throws {QueryError} When storage fails: `expanding series: …`. */
export async function select(
  querier: Querier,
  { matchers, range, limits }: { matchers: VectorSelector['matchers']; range: TimeRange; limits: QueryLimits },
): Promise<readonly SeriesSamples[]> {
  try {
    const reserve = (bytes: number) => limits.reserveRead(bytes);
    return await querier.select(matchers, range, { reserve, signal: limits.failed });
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

interface Visit {
  readonly expr: Expr;
  readonly around: Around;
  readonly buckets: BucketUse;
}

/** The selectors in the order of the text. Not by recursion: expressions may be deep. */
function collect(expr: Expr, { times, lookbackMs }: FetchOptions): Selection[] {
  const found: Selection[] = [];
  const read = (selector: VectorSelector, reach: Reach, around: Around) => {
    const range = selectorRange(selector, reach, around, times);
    const deltaMs = reach.backMs + reach.aheadMs;
    return {
      key: selectionKey(selector, range),
      range,
      looks: { firstMs: range.minMs - 1 + deltaMs, stepMs: times.stepMs, deltaMs },
    };
  };
  const open: Visit[] = [{ expr, around: { offsetMs: 0, rangeMs: 0, atMs: undefined }, buckets: 'open' }];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { expr, around, buckets } = visit;
    const ignoresBuckets = buckets === 'ignored';
    if (expr.kind === 'vectorSelector') {
      found.push({ selector: expr, ignoresBuckets, ...read(expr, reachOf(expr, 0, lookbackMs), around) });
    } else if (expr.kind === 'matrixSelector') {
      const { vectorSelector: selector } = expr;
      const reach = reachOf(selector, ms(expr.range), lookbackMs);
      found.push({ selector, ignoresBuckets, ...read(selector, reach, around) });
    } else {
      const inside = expr.kind === 'subquery' ? within(around, ms(expr.offset), ms(expr.range), expr.at) : around;
      const use = bucketUseWithin(expr, buckets);
      for (const child of childrenOf(expr).toReversed()) open.push({ expr: child, around: inside, buckets: use });
    }
  }
  return found;
}

/** What is evaluated for a node. The second argument of `info` is not: it only looks like a selector. */
function childrenOf(expr: Exclude<Expr, { kind: 'vectorSelector' | 'matrixSelector' }>): readonly Expr[] {
  switch (expr.kind) {
    case 'aggregate':
      return expr.param === undefined ? [expr.expr] : [expr.expr, expr.param];
    case 'binary':
      return [expr.lhs, expr.rhs];
    case 'call':
      return expr.func === 'info' ? expr.args.slice(0, 1) : expr.args;
    case 'subquery':
    case 'paren':
    case 'unary':
    case 'stepInvariant':
      return [expr.expr];
    case 'number':
    case 'string':
      return [];
  }
}

function within(around: Around, offsetMs: number, rangeMs: number, at: AtModifier | undefined): Around {
  if (at !== undefined) return { offsetMs, rangeMs, atMs: atTime(at) };
  return { offsetMs: around.offsetMs + offsetMs, rangeMs: around.rangeMs + rangeMs, atMs: around.atMs };
}

/** How far around its time a selector looks, the earlier end exclusive. */
interface Reach {
  readonly backMs: number;
  readonly aheadMs: number;
}

/** @param rangeMs 0 for an instant selector. */
function reachOf({ anchored, smoothed }: VectorSelector, rangeMs: number, lookbackMs: number): Reach {
  const aheadMs = smoothed ? lookbackMs : 0;
  if (rangeMs === 0) return { backMs: lookbackMs, aheadMs };
  return { backMs: anchored || smoothed ? rangeMs + lookbackMs : rangeMs, aheadMs };
}

/** @see prometheus/promql/engine.go getTimeRangesForSelector */
function selectorRange(
  selector: Pick<VectorSelector, 'at' | 'offset'>,
  reach: Reach,
  around: Around,
  times: QueryTimes,
): TimeRange {
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
  return { minMs: minMs - reach.backMs + 1 - offsetMs, maxMs: maxMs + reach.aheadMs - offsetMs };
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
