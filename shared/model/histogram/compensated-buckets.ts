import type { Buckets } from '#shared/model/histogram.ts';
import { sameIndexes } from './buckets.ts';
import { indexAt, unionLength } from './merge-buckets.ts';
import { targetIndex } from './schema.ts';

/** Buckets with what rounding lost of their counts. */
export interface CompensatedBuckets {
  readonly buckets: Buckets;
  /** As long as the buckets. */
  readonly lost: Float64Array;
}

/** Leaves out buckets that are empty and lost nothing. */
export function withoutEmptyCompensated(buckets: Buckets, lost: Float64Array): CompensatedBuckets {
  const { counts, indexes } = buckets;
  const keeps = (i: number) => counts[i] !== 0 || lost[i] !== 0;
  if (counts.every((_, i) => keeps(i))) return { buckets, lost };
  return {
    buckets: { indexes: indexes.filter((_, i) => keeps(i)), counts: counts.filter((_, i) => keeps(i)) },
    lost: lost.filter((_, i) => keeps(i)),
  };
}

/** The same observations in the wider buckets of a lower schema.
 *  @param lost Nothing, where absent.
 *  @param schemas From a schema to one that is at most that.
 *  @see prometheus/model/histogram/float_histogram.go kahanReduceResolution */
export function reduceCompensated(
  buckets: Buckets,
  lost: Float64Array | undefined,
  { from, to }: { readonly from: number; readonly to: number },
): CompensatedBuckets {
  const indexes = new Int32Array(buckets.indexes.length);
  const counts = new Float64Array(indexes.length);
  const rest = new Float64Array(indexes.length);
  let length = 0;
  for (let i = 0; i < indexes.length; i++) {
    const index = targetIndex(buckets.indexes[i], from, to);
    if (length > 0 && indexes[length - 1] === index) {
      addAt(counts, rest, length - 1, buckets.counts[i], lost?.[i] ?? 0);
    } else {
      indexes[length] = index;
      counts[length] = buckets.counts[i];
      rest[length++] = lost?.[i] ?? 0;
    }
  }
  const reduced = { indexes: indexes.subarray(0, length), counts: counts.subarray(0, length) };
  return { buckets: reduced, lost: rest.subarray(0, length) };
}

/** Adds a count, and what was lost of it, to the one at `i`. */
function addAt(counts: Float64Array, lost: Float64Array, i: number, count: number, lostOfCount: number): void {
  addValueAt(counts, lost, i, count);
  if (lostOfCount !== 0) addValueAt(counts, lost, i, lostOfCount);
}

/** `kahanAdd` within columns: the same steps in the same order. */
function addValueAt(counts: Float64Array, lost: Float64Array, i: number, value: number): void {
  const sum = counts[i];
  const total = sum + value;
  counts[i] = total;
  if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) lost[i] = 0;
  else if (Math.abs(sum) >= Math.abs(value)) lost[i] += sum - total + value;
  else lost[i] += value - total + sum;
}

export interface MergeOptions {
  /** What was lost of the buckets that are added. Nothing, where absent. */
  readonly lostOfAdded?: Float64Array;
  /** Columns to write into, where they are as long as the result and are not those of a term. */
  readonly spare?: CompensatedBuckets;
}

/** Adds buckets to a sum.
 *  @returns `sum` itself where there are none to add.
 *  @see prometheus/model/histogram/float_histogram.go kahanAddBuckets */
export function mergeCompensated(sum: CompensatedBuckets, added: Buckets, options: MergeOptions): CompensatedBuckets {
  if (added.counts.length === 0) return sum;
  if (sameIndexes(sum.buckets, added)) return mergeSame(sum, added, options);
  const length = unionLength(sum.buckets.indexes, added.indexes);
  if (length === sum.buckets.indexes.length) return mergeSubset(sum, added, options);
  return mergeDifferent(sum, added, { length, lostOfAdded: options.lostOfAdded });
}

function mergeSame(sum: CompensatedBuckets, added: Buckets, { lostOfAdded, spare }: MergeOptions): CompensatedBuckets {
  const { indexes, counts } = sum.buckets;
  const target = columnsFor(sum, spare);
  addColumns({ counts, lost: sum.lost }, added.counts, target);
  if (lostOfAdded !== undefined) addLost(target, lostOfAdded);
  return { buckets: { indexes, counts: target.counts }, lost: target.lost };
}

/** Adds buckets that are all among those of the sum. */
function mergeSubset(
  sum: CompensatedBuckets,
  added: Buckets,
  { lostOfAdded, spare }: MergeOptions,
): CompensatedBuckets {
  const { indexes } = sum.buckets;
  const { counts, lost } = columnsFor(sum, spare);
  counts.set(sum.buckets.counts);
  lost.set(sum.lost);
  for (let i = 0, at = 0; i < added.counts.length; i++, at++) {
    while (indexes[at] !== added.indexes[i]) at++;
    addAt(counts, lost, at, added.counts[i], lostOfAdded?.[i] ?? 0);
  }
  return { buckets: { indexes, counts }, lost };
}

interface Columns {
  readonly counts: Float64Array;
  readonly lost: Float64Array;
}

/** Columns as long as those of `sum`, and not those. */
function columnsFor({ buckets, lost }: CompensatedBuckets, spare?: CompensatedBuckets): Columns {
  if (spare !== undefined && canWriteInto(spare, buckets.counts, lost)) {
    return { counts: spare.buckets.counts, lost: spare.lost };
  }
  return { counts: new Float64Array(lost.length), lost: new Float64Array(lost.length) };
}

function canWriteInto(spare: CompensatedBuckets, counts: Float64Array, lost: Float64Array): boolean {
  const { buckets } = spare;
  if (buckets.counts.length !== counts.length) return false;
  return buckets.counts.buffer !== counts.buffer && spare.lost.buffer !== lost.buffer;
}

/** As `addValueAt`, for all of them. */
function addColumns({ counts, lost }: Columns, added: Float64Array, into: Columns): void {
  for (let i = 0; i < counts.length; i++) {
    const sum = counts[i];
    const value = added[i];
    const total = sum + value;
    into.counts[i] = total;
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) into.lost[i] = 0;
    else if (Math.abs(sum) >= Math.abs(value)) into.lost[i] = lost[i] + (sum - total + value);
    else into.lost[i] = lost[i] + (value - total + sum);
  }
}

function addLost({ counts, lost }: Columns, added: Float64Array): void {
  for (let i = 0; i < counts.length; i++) if (added[i] !== 0) addValueAt(counts, lost, i, added[i]);
}

function mergeDifferent(
  sum: CompensatedBuckets,
  added: Buckets,
  { length, lostOfAdded }: { readonly length: number; readonly lostOfAdded?: Float64Array },
): CompensatedBuckets {
  const indexes = new Int32Array(length);
  const counts = new Float64Array(length);
  const lost = new Float64Array(length);
  let fromSum = 0;
  let fromAdded = 0;
  for (let i = 0; i < length; i++) {
    const inSum = indexAt(sum.buckets.indexes, fromSum);
    const inAdded = indexAt(added.indexes, fromAdded);
    indexes[i] = Math.min(inSum, inAdded);
    counts[i] = inSum <= inAdded ? sum.buckets.counts[fromSum] : added.counts[fromAdded];
    lost[i] = inSum <= inAdded ? sum.lost[fromSum] : (lostOfAdded?.[fromAdded] ?? 0);
    if (inSum === inAdded) addAt(counts, lost, i, added.counts[fromAdded], lostOfAdded?.[fromAdded] ?? 0);
    if (inSum <= inAdded) fromSum++;
    if (inAdded <= inSum) fromAdded++;
  }
  return { buckets: { indexes, counts }, lost };
}
