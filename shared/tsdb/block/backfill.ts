import { formatFloatGeneral } from '#shared/model/float.ts';
import { compareLabels, type Labels, labelsKey } from '#shared/model/labels.ts';
import { ChunkBuilder } from '../chunk/chunk-builder.ts';
import type { BlockMeta } from './block-meta.ts';
import type { BlockPart } from './block-part.ts';
import { BlockWriter } from './block-writer.ts';
import { float64List, uint32List } from './growing-list.ts';

/** A sample that a block cannot take. The message is Prometheus's. */
export class SampleRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SampleRefusedError';
  }
}

/** Samples that are taken or refused at once: of those that come together, ones that are not in order are left out; one
 *  that is older than what was taken before is refused.
 *  @see prometheus/cmd/promtool/tsdb.go backfillOpenMetrics */
const COMMIT_SAMPLES = 5000;

/** A series, and the last sample of it that was taken. */
interface BackfilledSeries {
  /** Counted from 0. */
  readonly number: number;
  readonly labels: Labels;
  count: number;
  lastMs: number;
  lastValue: number;
}

interface PendingSample {
  readonly series: BackfilledSeries;
  readonly timeMs: number;
  readonly value: number;
}

/** Takes the samples of one block, of any number of series, in the order in which they were written down, and accepts,
 *  leaves out and refuses as Prometheus's head does. Holds (series, time, value) in columns: 20 bytes a sample, at the end
 *  16 more.
 *  @see prometheus/tsdb/blockwriter.go, prometheus/tsdb/head_append.go appendable */
export class BackfilledBlock {
  /** By the arrays that they came with. */
  readonly #known = new Map<Labels, BackfilledSeries>();
  readonly #series = new Map<string, BackfilledSeries>();
  #pending: PendingSample[] = [];
  readonly #numbers = uint32List();
  readonly #times = float64List();
  readonly #values = float64List();
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = Number.NEGATIVE_INFINITY;
  #leftOut = 0;

  /** Samples that came out of order and are not in the block. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** @param labels The same array for the same series is found faster. @throws {SampleRefusedError} */
  append(labels: Labels, value: number, timeMs: number): void {
    const series = this.#seriesOf(labels);
    if (timeMs < series.lastMs) throw new SampleRefusedError('out of order sample');
    if (timeMs === series.lastMs && !Object.is(value, series.lastValue)) {
      throw new SampleRefusedError(duplicateText(timeMs, series.lastValue, value));
    }
    this.#pending.push({ series, timeMs, value });
    if (this.#pending.length === COMMIT_SAMPLES) this.#commit();
  }

  /** The files of the block. @throws {RangeError} When no sample was appended.
   *  @param options.rangeMs Of a block of the database. */
  *finish({ ulid, rangeMs }: { readonly ulid: string; readonly rangeMs: number }): Generator<BlockPart, BlockMeta> {
    this.#commit();
    const series = [...this.#series.values()];
    const symbols = new Set(series.flatMap(({ labels }) => labels));
    const writer = new BlockWriter({ ulid, minTime: this.#minMs, maxTime: this.#maxMs + 1, symbols });
    // Twice the block's, as Prometheus does for its head to take all of it, and so do chunks end.
    const builder = new ChunkBuilder({ rangeMs: 2 * rangeMs });
    const { starts, timestampsMs, values } = this.#bySeries(series);
    for (const { number, labels, count } of series.sort((a, b) => compareLabels(a.labels, b.labels))) {
      builder.append({ timestampsMs, values }, { from: starts[number], to: starts[number] + count });
      yield* writer.add(labels, builder.finish());
    }
    return yield* writer.finish();
  }

  #seriesOf(labels: Labels): BackfilledSeries {
    let series = this.#known.get(labels);
    if (series !== undefined) return series;
    const key = labelsKey(labels);
    series = this.#series.get(key);
    if (series === undefined) {
      if (labels.length === 0) throw new SampleRefusedError('empty labelset: invalid sample');
      series = { number: this.#series.size, labels, count: 0, lastMs: Number.NEGATIVE_INFINITY, lastValue: 0 };
      this.#series.set(key, series);
    }
    this.#known.set(labels, series);
    return series;
  }

  #commit(): void {
    for (const { series, timeMs, value } of this.#pending) {
      if (timeMs > series.lastMs) this.#take(series, timeMs, value);
      else if (timeMs < series.lastMs || !Object.is(value, series.lastValue)) this.#leftOut++;
    }
    this.#pending = [];
    // A text that is parsed in pieces may make new arrays for the same series again and again.
    if (this.#known.size > 2 * this.#series.size) this.#known.clear();
  }

  #take(series: BackfilledSeries, timeMs: number, value: number): void {
    this.#numbers.push(series.number);
    this.#times.push(timeMs);
    this.#values.push(value);
    series.count++;
    series.lastMs = timeMs;
    series.lastValue = value;
    this.#minMs = Math.min(this.#minMs, timeMs);
    this.#maxMs = Math.max(this.#maxMs, timeMs);
  }

  /** The samples with those of a series together, in their order. @param series By number. */
  #bySeries(series: readonly BackfilledSeries[]) {
    const starts = new Uint32Array(series.length);
    for (let i = 1; i < series.length; i++) starts[i] = starts[i - 1] + series[i - 1].count;
    const next = starts.slice();
    const timestampsMs = new Float64Array(this.#times.length);
    const values = new Float64Array(this.#times.length);
    const [numbers, times, from] = [this.#numbers.view(), this.#times.view(), this.#values.view()];
    for (let i = 0; i < numbers.length; i++) {
      const at = next[numbers[i]]++;
      timestampsMs[at] = times[i];
      values[at] = from[i];
    }
    return { starts, timestampsMs, values };
  }
}

function duplicateText(timeMs: number, existing: number, value: number): string {
  if (timeMs === 0) return 'duplicate sample for timestamp';
  const values = `existing ${formatFloatGeneral(existing)}, new value ${formatFloatGeneral(value)}`;
  return `duplicate sample for timestamp ${timeMs}; overrides not allowed: ${values}`;
}
