import { getLabel, type Labels, labelsKey, withoutLabels } from '#shared/model/labels.ts';
import { badBucketLabel, mixedClassicNativeHistograms } from '#shared/promql/engine/annotations.ts';
import { hasHistograms, type VectorSeries } from '#shared/promql/engine/value.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { type ClassicBuckets, createBuckets } from './bucket-quantile.ts';
import { parseGoFloat } from './go-float.ts';
import { type CallContext, shownName } from './step-function.ts';

const BUCKET_LABEL = 'le';

/** The bucket series of one classic histogram, ordered by bound. */
export interface ClassicHistogram {
  /** Without `le`. */
  readonly labels: Labels;
  readonly buckets: readonly BucketSeries[];
  /** Where a native histogram has the same labels, and neither counts. */
  readonly excluded?: Uint8Array;
}

interface BucketSeries {
  readonly upperBound: number;
  readonly series: VectorSeries;
}

/** The histograms of a vector, of both kinds. */
export interface SplitHistograms {
  readonly classic: readonly ClassicHistogram[];
  /** Series that have native histograms; those that do not count are taken out. */
  readonly native: readonly VectorSeries[];
}

/** Puts series that differ in `le` only together; those without a usable `le` are left out with a warning. Where buckets
 *  and a native histogram have the same labels neither counts, with another.
 *  @see prometheus/promql/engine.go resetHistograms */
export function splitHistograms(series: readonly VectorSeries[], arg: Expr, context: CallContext): SplitHistograms {
  const classic = collectClassic(series, arg, context);
  const native: VectorSeries[] = [];
  for (const one of series) {
    if (!hasHistograms(one)) continue;
    const same = classic.size === 0 ? undefined : classic.get(labelsKey(one.labels));
    const excluded = same && conflicts(one, same);
    if (excluded === undefined || same === undefined) {
      native.push(one);
      continue;
    }
    context.annotate(mixedClassicNativeHistograms(shownName(one, context), arg.span));
    classic.set(labelsKey(one.labels), { ...same, excluded });
    const { labels, dropName, values, present, histograms = [] } = one;
    const counted = histograms.map((histogram, k) => (excluded[k] === 1 ? undefined : histogram));
    native.push({ labels, dropName, values, present, histograms: counted });
  }
  return { classic: [...classic.values()], native };
}

function collectClassic(
  series: readonly VectorSeries[],
  arg: Expr,
  context: CallContext,
): Map<string, ClassicHistogram> {
  const found = new Map<string, { labels: Labels; buckets: BucketSeries[] }>();
  for (const one of series) {
    if (!hasFloat(one)) continue;
    const le = getLabel(one.labels, BUCKET_LABEL);
    const upperBound = parseGoFloat(le);
    if (upperBound === undefined || Number.isNaN(upperBound)) {
      context.annotate(badBucketLabel(shownName(one, context), le, arg.span));
      continue;
    }
    const labels = withoutLabels(one.labels, (name) => name === BUCKET_LABEL);
    const key = labelsKey(labels);
    const histogram = found.get(key) ?? { labels, buckets: [] };
    histogram.buckets.push({ upperBound, series: one });
    found.set(key, histogram);
  }
  for (const { buckets } of found.values()) buckets.sort((a, b) => compareBounds(a.upperBound, b.upperBound));
  return found;
}

function hasFloat(series: VectorSeries): boolean {
  if (series.rows !== undefined) return false;
  const { present, histograms } = series;
  return histograms === undefined || present.some((bit, k) => bit === 1 && histograms[k] === undefined);
}

/** Infinities are equal to themselves, which a subtraction does not see. */
function compareBounds(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function hasBucketAt({ buckets }: ClassicHistogram, k: number): boolean {
  return buckets.some(({ series }) => series.present[k] === 1 && series.histograms?.[k] === undefined);
}

/** The steps at which there are both. */
function conflicts({ histograms, present }: VectorSeries, classic: ClassicHistogram): Uint8Array | undefined {
  const both = present.map((bit, k) => (bit === 1 && histograms?.[k] !== undefined && hasBucketAt(classic, k) ? 1 : 0));
  return both.includes(1) ? both : undefined;
}

/** Reads the buckets of one classic histogram step after step. */
export class BucketReader {
  readonly #histogram: ClassicHistogram;
  readonly #buckets: ClassicBuckets;

  constructor(histogram: ClassicHistogram) {
    this.#histogram = histogram;
    this.#buckets = createBuckets(histogram.buckets.length);
  }

  /** The buckets at step k, to be used until the next are read; undefined when there are none. */
  at(k: number): ClassicBuckets | undefined {
    const { buckets, excluded } = this.#histogram;
    if (excluded?.[k] === 1) return undefined;
    const into = this.#buckets;
    let length = 0;
    for (let i = 0; i < buckets.length; i++) {
      const { upperBound, series } = buckets[i];
      if (series.present[k] === 0 || (series.histograms !== undefined && series.histograms[k] !== undefined)) continue;
      into.bounds[length] = upperBound;
      into.counts[length] = series.values[k];
      length++;
    }
    into.length = length;
    into.read = length;
    return length === 0 ? undefined : into;
  }
}
