import { goQuote, type Labels, METRIC_NAME } from '#shared/model/labels.ts';
import { copyValue, wordsOf } from '#shared/model/stale.ts';
import type { MetricMetadata, MetricType } from '#shared/model/storage.ts';
import type { ByteSource } from './byte-source.ts';
import { ExpositionError, type Page } from './page.ts';
import { SPACE, TAB } from './scan.ts';
import type { KnownSeries, SeriesCache } from './series-cache.ts';
import {
  copyString,
  normalizeBound,
  repeatedName,
  type SeriesOffsets,
  StringPool,
  sortPairs,
  unescapeLabel,
  withoutEmptyValues,
} from './series-labels.ts';
import type { SampleLexer, Token } from './token.ts';

/** Prometheus's ordinary NaN; the stale marker and any other NaN cannot come from a page.
 *  @see prometheus/model/value/value.go NormalNaN */
const NORMAL_NAN = wordsOf(new Float64Array(new BigUint64Array([0x7ff8000000000001n]).buffer));

const FIRST_CAPACITY = 256;

/** Collects a page's columns while a parser goes from entry to entry, and words its errors. */
export class PageBuilder {
  /** Where the entry being read begins. */
  entryStart = 0;
  /** The last `# TYPE`; upstream holds it for all that follows, also for other metrics. */
  type: MetricType = 'unknown';
  readonly source: ByteSource;
  readonly #cache: SeriesCache | undefined;
  /** The last series that was taken from or put into the cache. */
  #last: { next: KnownSeries | undefined };
  readonly #pool = new StringPool();
  readonly #labels: Labels[] = [];
  readonly #metadata = new Map<string, MetricMetadata>();
  #values: Float64Array;
  #words: Uint32Array;
  #timestampsMs: Float64Array;

  constructor(source: ByteSource, cache: SeriesCache | undefined) {
    this.source = source;
    this.#cache = cache;
    this.#last = cache?.start ?? { next: undefined };
    this.#values = new Float64Array(cache === undefined ? FIRST_CAPACITY : cache.size + FIRST_CAPACITY);
    this.#words = wordsOf(this.#values);
    this.#timestampsMs = new Float64Array(this.#values.length);
  }

  /** The series that the entry begins with, if it is the one that came here on the last page and a blank follows. */
  expectedSeries(): KnownSeries | undefined {
    const guess = this.#last.next;
    if (guess === undefined || guess.table !== this.#cache?.ofType(this.type)) return undefined;
    const end = this.entryStart + guess.key.length;
    if (this.source.bytes[end] !== SPACE && this.source.bytes[end] !== TAB) return undefined;
    if (this.source.raw(this.entryStart, end) !== guess.key) return undefined;
    this.#last = guess;
    return guess;
  }

  /** The label set of a series that begins with the entry, to be read after its line is found to be right.
   *  @param end Where name and labels end. */
  labelsOf(offsets: SeriesOffsets, end: number): Labels {
    if (this.#cache === undefined) return this.#makeLabels(offsets);
    const table = this.#cache.ofType(this.type);
    let series = table.get(this.source.raw(this.entryStart, end));
    if (series === undefined) {
      const key = copyString(this.source.raw(this.entryStart, end));
      series = { key, labels: this.#makeLabels(offsets), table, next: undefined };
      table.set(key, series);
    }
    this.#last.next = series;
    this.#last = series;
    return series.labels;
  }

  /** @param timestampMs `NaN` where the sample has none. */
  addSample(labels: Labels, value: number, timestampMs: number): void {
    const index = this.#labels.length;
    if (index === this.#values.length) this.#grow();
    this.#labels.push(labels);
    if (Number.isNaN(value)) copyValue(NORMAL_NAN, 0, this.#words, index);
    else this.#values[index] = value;
    this.#timestampsMs[index] = timestampMs;
  }

  setMetadata(metric: string, change: Partial<MetricMetadata>): void {
    const known = this.#metadata.get(metric) ?? { metric: copyString(metric), type: 'unknown', help: '', unit: '' };
    this.#metadata.set(known.metric, { ...known, ...change });
  }

  finish(): Page {
    this.#cache?.trim(this.#labels.length);
    return this.#page();
  }

  /** @throws {ExpositionError} Always. */
  refuse(reason: string): never {
    let line = 1;
    for (let i = 0; i < this.entryStart; i++) if (this.source.bytes[i] === 0x0a) line++;
    throw new ExpositionError(reason, { line, partial: this.finish() });
  }

  /** @throws {ExpositionError} Always: that `token` stands where `expected` should. */
  unexpected(expected: string, token: Token, lexer: SampleLexer): never {
    const end = Math.min(this.source.bytes.length, lexer.end + 1);
    const got = this.source.quote(lexer.start, end);
    this.refuse(`${expected}, got ${got} ("${token}") while parsing: ${this.source.quote(this.entryStart, end)}`);
  }

  #page(): Page {
    const length = this.#labels.length;
    return {
      labels: this.#labels,
      values: this.#values.subarray(0, length),
      timestampsMs: this.#timestampsMs.subarray(0, length),
      metadata: [...this.#metadata.values()],
    };
  }

  #grow(): void {
    const values = new Float64Array(this.#values.length * 2);
    values.set(this.#values);
    this.#values = values;
    this.#words = wordsOf(values);
    const timestampsMs = new Float64Array(values.length);
    timestampsMs.set(this.#timestampsMs);
    this.#timestampsMs = timestampsMs;
  }

  #makeLabels(offsets: SeriesOffsets): Labels {
    const pairs = [METRIC_NAME, this.#cut(offsets.nameStart, offsets.nameEnd)];
    const at = offsets.labels;
    for (let i = 0; i < offsets.length; i += 4) {
      const name = this.#cut(at[i], at[i + 1]);
      pairs.push(name, normalizeBound(this.type, name, this.#cut(at[i + 2], at[i + 3])));
    }
    sortPairs(pairs);
    const labels = withoutEmptyValues(pairs);
    this.#checkNames(offsets, labels);
    return labels;
  }

  #cut(start: number, end: number): string {
    return this.#pool.intern(unescapeLabel(this.source.text(start, end)));
  }

  /** Upstream refuses these after relabelling; here they would not fit the model of a label set. */
  #checkNames(offsets: SeriesOffsets, labels: Labels): void {
    const repeated = repeatedName(labels);
    if (repeated !== undefined) this.refuse(`label name ${goQuote(repeated)} is not unique: invalid sample`);
    if (labels[0] !== '' && this.#namesAreUtf8(offsets)) return;
    this.refuse(`invalid metric name or label names: ${this.#quoteSeries(offsets)}`);
  }

  #namesAreUtf8(offsets: SeriesOffsets): boolean {
    if (!this.source.isUtf8(offsets.nameStart, offsets.nameEnd)) return false;
    for (let i = 0; i < offsets.length; i += 4) {
      if (!this.source.isUtf8(offsets.labels[i], offsets.labels[i + 1])) return false;
    }
    return true;
  }

  /** A series whose names are not valid, all names quoted. */
  #quoteSeries(offsets: SeriesOffsets): string {
    const at = offsets.labels;
    const parts = [this.source.quote(offsets.nameStart, offsets.nameEnd)];
    for (let i = 0; i < offsets.length; i += 4) {
      parts.push(`${this.source.quote(at[i], at[i + 1])}=${this.source.quote(at[i + 2], at[i + 3])}`);
    }
    return `{${parts.join(', ')}}`;
  }
}
