import { divideHistogram, hasOverflow } from '#shared/model/histogram/arithmetic.ts';
import {
  addCompensated,
  type CompensatedHistogram,
  compensatedTotal,
  divideCompensated,
  multiplyCompensated,
} from '#shared/model/histogram/compensated.ts';
import { LeadingSum } from '#shared/model/histogram/leading-sum.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import {
  counterResetCollision,
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
} from '#shared/promql/engine/annotations.ts';
import { firstArgSpan, metricName, type Windows } from './range-function.ts';

/** The value of one window of histograms: the samples `from` up to and without `to`, at least one.
 *  @returns undefined, after a warning, where some have exponential buckets and some custom ones. */
export type HistogramWindow = (windows: Windows, from: number, to: number) => Histogram | undefined;

/** What is remarked on once all histograms of a window are put together. */
interface Remarks {
  boundsReconciled: boolean;
}

const leading = new LeadingSum();

/** Adds up the first histograms of a window, as far as that can be done in place.
 *  @returns The first one that is left. */
function addLeading(windows: Windows, from: number, to: number): number {
  leading.start(at(windows, from));
  let next = from + 1;
  while (next < to && leading.add(at(windows, next))) next++;
  return next;
}

/** @see prometheus/promql/functions.go funcSumOverTime */
export const sumHistograms: HistogramWindow = (windows, from, to) => {
  const remarks: Remarks = { boundsReconciled: false };
  const next = addLeading(windows, from, to);
  if (next === to) return finish(windows, { from, to, total: { histogram: leading.finish(1) }, remarks });
  let total: CompensatedHistogram | undefined = leading.total();
  for (let i = next; total !== undefined && i < to; i++) total = add(total, at(windows, i), remarks);
  return finish(windows, { from, to, total, remarks });
};

/** The plain mean, or the incremental one from where the sum would overflow.
 *  @see prometheus/promql/functions.go funcAvgOverTime */
export const meanHistogram: HistogramWindow = (windows, from, to) => {
  const remarks: Remarks = { boundsReconciled: false };
  const next = addLeading(windows, from, to);
  if (next === to) return finish(windows, { from, to, total: { histogram: leading.finish(to - from) }, remarks });
  let total = leading.total();
  for (let i = next; i < to; i++) {
    const sum = add(total, at(windows, i), remarks);
    if (sum === undefined) return finish(windows, { from, to, total: undefined, remarks });
    if (hasOverflow(sum.histogram)) {
      const mean = incrementalMean(windows, { from, next: i, to }, { total, remarks });
      return finish(windows, { from, to, total: mean, remarks });
    }
    total = sum;
  }
  return finish(windows, { from, to, total: divideCompensated(total, to - from), remarks });
};

function incrementalMean(
  windows: Windows,
  { from, next, to }: { readonly from: number; readonly next: number; readonly to: number },
  { total, remarks }: { readonly total: CompensatedHistogram; readonly remarks: Remarks },
): CompensatedHistogram | undefined {
  let mean: CompensatedHistogram | undefined = divideCompensated(total, next - from);
  for (let i = next; mean !== undefined && i < to; i++) {
    const count = i - from + 1;
    const share = divideHistogram(at(windows, i), count);
    mean = add(multiplyCompensated(mean, (count - 1) / count), share, remarks);
  }
  return mean;
}

function at({ series }: Windows, index: number): Histogram {
  return series.histograms![index]!;
}

function add(total: CompensatedHistogram, histogram: Histogram, remarks: Remarks): CompensatedHistogram | undefined {
  const sum = addCompensated(total, histogram);
  if (sum?.boundsReconciled) remarks.boundsReconciled = true;
  return sum;
}

interface Finished {
  readonly from: number;
  readonly to: number;
  readonly total: CompensatedHistogram | undefined;
  readonly remarks: Remarks;
}

function finish(windows: Windows, { from, to, total, remarks }: Finished): Histogram | undefined {
  const { annotate, call } = windows;
  const span = firstArgSpan(call);
  if (total === undefined) {
    annotate(mixedExponentialCustomHistograms(metricName(windows), span));
    return undefined;
  }
  if (hintsCollide(windows, from, to)) annotate(counterResetCollision('aggregation', span));
  if (remarks.boundsReconciled) annotate(mismatchedCustomBuckets('aggregation', span));
  return compensatedTotal(total);
}

/** Whether one histogram certainly is after a reset, and another certainly not. */
function hintsCollide(windows: Windows, from: number, to: number): boolean {
  let reset = false;
  let notReset = false;
  for (let i = from; i < to; i++) {
    const { counterReset } = at(windows, i);
    if (counterReset === 'reset') reset = true;
    else if (counterReset === 'not-reset') notReset = true;
  }
  return reset && notReset;
}
