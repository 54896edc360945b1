import assert from 'node:assert/strict';
import type { Histogram } from '#shared/model/histogram.ts';
import { getLabel, labelsFromRecord } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { Querier, SelectOptions, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import { createEngine, type Engine, type EngineOptions } from '#shared/promql/engine/engine.ts';
import { QueryError } from '#shared/promql/engine/query-error.ts';

/** A sample of value `t / 1000` each 10 s from 0 to 10 min for each of `instances`. */
export function ramps(metric: string, instances: readonly string[]): SeriesSamples[] {
  const timestampsMs = Float64Array.from({ length: 61 }, (_, i) => i * 10_000);
  return instances.map((instance) => {
    const labels = labelsFromRecord({ __name__: metric, instance });
    return { labels, timestampsMs, values: timestampsMs.map((timeMs) => timeMs / 1000) };
  });
}

/** Gives the same series to every selector and notes what was asked for. */
export function fakeQuerier(series: readonly SeriesSamples[]): Querier & { readonly asked: TimeRange[] } {
  const asked: TimeRange[] = [];
  return {
    asked,
    select: async (_matchers: readonly Matcher[], range: TimeRange) => {
      asked.push(range);
      return series;
    },
    series: async () => [],
  };
}

/** Gives the series that match, with all their samples. */
export function matchingQuerier(series: readonly SeriesSamples[]): Querier {
  const matching = (matchers: readonly Matcher[]) =>
    series.filter(({ labels }) => matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name))));
  return {
    select: async (matchers) => matching(matchers),
    series: async (matchers) => matching(matchers).map(({ labels }) => labels),
  };
}

/** Reads with what a query gives to storage. */
export function querierOf(select: (options: SelectOptions | undefined) => Promise<readonly SeriesSamples[]>): Querier {
  return { select: (_matchers, _range, options) => select(options), series: async () => [] };
}

/** A histogram with one positive bucket. */
export function histogramOf(count: number, sum: number, fields: Partial<Histogram> = {}): Histogram {
  return {
    counterReset: 'unknown',
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 0,
    count,
    sum,
    positive: { indexes: Int32Array.of(1), counts: Float64Array.of(count) },
    negative: { indexes: new Int32Array(0), counts: new Float64Array(0) },
    ...fields,
  };
}

export function engineWith(options: Partial<EngineOptions> = {}): Engine {
  return createEngine({ monotonicMs: () => 0, ...options });
}

/** For `assert.rejects`. */
export function errorOf(type: QueryError['type'], message: string | RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof QueryError, `expected a QueryError, got ${error}`);
    assert.equal(error.type, type);
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  };
}
