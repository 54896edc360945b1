import type { Querier, TimeRange } from '#shared/model/storage.ts';
import type { ApiDeps } from './deps.ts';

/** How far ahead of now samples may be: explicit timestamps, and skew of the writers' clocks. */
const MAX_LEAD_MS = 3_600_000;

/** A fresh view of storage that looks for nothing outside of what storage can hold: a request without `start`, or for
 *  the year 1, costs no more than one for the whole retention. */
export function openStorage(deps: Pick<ApiDeps, 'querier' | 'clock' | 'retentionMs'>): Querier {
  const querier = deps.querier();
  const nowMs = deps.clock.nowMs();
  const bounded = ({ minMs, maxMs }: TimeRange): TimeRange | undefined => {
    const range = { minMs: Math.max(minMs, nowMs - deps.retentionMs), maxMs: Math.min(maxMs, nowMs + MAX_LEAD_MS) };
    return range.minMs <= range.maxMs ? range : undefined;
  };
  return {
    select: async (matchers, range, options) => {
      const within = bounded(range);
      return within === undefined ? [] : querier.select(matchers, within, options);
    },
    series: async (matchers, range) => {
      const within = bounded(range);
      return within === undefined ? [] : querier.series(matchers, within);
    },
  };
}
