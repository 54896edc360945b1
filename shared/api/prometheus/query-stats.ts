import { goQuote } from '#shared/model/labels.ts';
import type { QueryStats } from '#shared/promql/engine/engine.ts';
import { JsonText, type JsonValue } from '../json/go-json.ts';

/** Runs from the start of a query. */
export interface QueryTimer {
  elapsedSeconds(): number;
}

/** The statistics of a query as `stats=true` asks for them. The engine does not time its stages apart, so the
 *  evaluation has all of the time.
 *  @see prometheus/util/stats/query_stats.go BuiltinStats */
export function statsJson(
  stats: QueryStats,
  options: {
    readonly timer: QueryTimer;
    readonly times: { readonly startMs: number; readonly stepMs: number };
    readonly perStep: boolean;
  },
): JsonValue {
  const seconds = options.timer.elapsedSeconds();
  return {
    timings: {
      evalTotalTime: seconds,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: seconds,
      execQueueTime: 0,
      execTotalTime: seconds,
    },
    samples: {
      totalQueryableSamplesPerStep: options.perStep ? perStepJson(stats, options.times) : undefined,
      totalQueryableSamples: stats.totalQueryableSamples,
      peakSamples: stats.peakSamples,
    },
  };
}

function perStepJson(
  { totalQueryableSamplesPerStep }: QueryStats,
  { startMs, stepMs }: { readonly startMs: number; readonly stepMs: number },
): JsonText {
  const points = Array.from(totalQueryableSamplesPerStep, (samples, k) => {
    return `[${(startMs + k * stepMs) / 1000},${samples}]`;
  });
  return new JsonText(`[${points.join(',')}]`);
}

/** What to warn of when the parameter `stats` is another than upstream's two.
 *  @see prometheus/web/api/v1/api.go statsParamWarning */
export function statsWarnings(value: string): readonly string[] {
  if (['', 'true', 'all'].includes(value)) return [];
  const problem = 'is deprecated and will be rejected in the next major release, use "true" or "all"';
  return [`value ${goQuote(value)} for parameter "stats" ${problem}`];
}
