import { forcedMonotonicity, type MonotonicityFix } from '#shared/promql/engine/annotations.ts';
import { type Scope, stepTimeMs } from '#shared/promql/engine/scope.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import type { ForcedMonotonicity } from './bucket-quantile.ts';
import type { CallContext } from './step-function.ts';

/** What was forced of the histograms of one metric name. */
interface Tally {
  fix: Omit<MonotonicityFix, 'samples'>;
  /** How many histograms, by step. */
  readonly histograms: Uint32Array;
}

/** Remembers where counts of buckets were forced to rise while one call is computed, in any order, to make one annotation
 *  of it for each metric name. */
export class ForcedMonotonicityLog {
  readonly #scope: Scope;
  readonly #tallies = new Map<string, Tally>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** @param k The step. @param shownName The metric name, where it is told. */
  add({ minBucket, maxBucket, maxDiff }: ForcedMonotonicity, k: number, shownName: string): void {
    const timeMs = stepTimeMs(this.#scope, k);
    const before = this.#tallies.get(shownName);
    const histograms = before?.histograms ?? new Uint32Array(this.#scope.steps);
    histograms[k]++;
    const fix = {
      minTimeMs: Math.min(timeMs, before?.fix.minTimeMs ?? timeMs),
      maxTimeMs: Math.max(timeMs, before?.fix.maxTimeMs ?? timeMs),
      minBucket: Math.min(minBucket, before?.fix.minBucket ?? minBucket),
      maxBucket: Math.max(maxBucket, before?.fix.maxBucket ?? maxBucket),
      maxDiff: Math.max(maxDiff, before?.fix.maxDiff ?? maxDiff),
    };
    this.#tallies.set(shownName, { fix, histograms });
  }

  /** @param arg What the annotations are about. */
  annotate(arg: Expr, { annotate }: Pick<CallContext, 'annotate'>): void {
    for (const [name, { fix, histograms }] of this.#tallies) {
      annotate(forcedMonotonicity(name, { ...fix, samples: countSamples(histograms) }, arg.span));
    }
  }
}

/** The number that upstream says. After each step it merges the annotations of all steps until then into what it has, which
 *  are the same objects, so that from the second step on the count doubles at every step, until its 64 bits overflow.
 *  @see prometheus/promql/engine.go eval of Call, rangeEval; histogramQuantileForcedMonotonicityErr.Merge */
function countSamples(histograms: Uint32Array): bigint {
  const first = histograms.findIndex((count) => count > 0);
  let samples = BigInt(histograms[first]);
  for (let k = first + 1; k < histograms.length; k++) {
    samples = BigInt.asIntN(64, 2n * (samples + BigInt(histograms[k])));
  }
  return samples;
}
