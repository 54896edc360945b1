import { formatFloatPlain } from '#shared/model/float.ts';
import type { MetricMetadata, MetricType } from '#shared/model/storage.ts';
import { ByteSource } from './byte-source.ts';
import { readLabels } from './label-reader.ts';
import { readFloat, secondsToMs } from './number-reader.ts';
import { OpenMetricsLexer } from './openmetrics-lexer.ts';
import type { Page } from './page.ts';
import { PageBuilder } from './page-builder.ts';
import { QUOTE } from './scan.ts';
import type { SeriesCache } from './series-cache.ts';
import { copyString, SeriesOffsets, unescapeLabel } from './series-labels.ts';
import type { Token } from './token.ts';

const TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['gaugehistogram', 'gaugehistogram'],
  ['summary', 'summary'],
  ['info', 'info'],
  ['stateset', 'stateset'],
  ['unknown', 'unknown'],
]);

const COMMAS = { commas: true };

/** Parses a page of OpenMetrics, 0.0.1 or 1.0.0. Exemplars are checked and left out; `_created` series are samples like
 *  any other, as with Prometheus's defaults.
 *  @throws {ExpositionError} With upstream's words; also without `# EOF` at the end.
 *  @see prometheus/model/textparse/openmetricsparse.go */
export function parseOpenMetrics(body: Uint8Array, cache?: SeriesCache): Page {
  cache?.useFor('openmetrics');
  return new OpenMetricsParser(body, cache).parse();
}

class OpenMetricsParser {
  readonly #lexer: OpenMetricsLexer;
  readonly #source: ByteSource;
  readonly #page: PageBuilder;
  readonly #offsets = new SeriesOffsets();

  constructor(bytes: Uint8Array, cache: SeriesCache | undefined) {
    this.#lexer = new OpenMetricsLexer(bytes);
    this.#source = new ByteSource(bytes);
    this.#page = new PageBuilder(this.#source, cache);
  }

  parse(): Page {
    for (;;) {
      this.#page.entryStart = this.#lexer.end;
      if (this.#expectedSample()) continue;
      const token = this.#lexer.line();
      switch (token) {
        case 'EOFWORD':
          if (this.#lexer.line() !== 'EOF') this.#page.refuse('unexpected data after # EOF');
          return this.#page.finish();
        case 'EOF':
          return this.#page.refuse('data does not end with # EOF');
        case 'HELP':
        case 'TYPE':
        case 'UNIT':
          this.#metadata(token);
          break;
        case 'BOPEN':
        case 'MNAME':
          this.#sample(token);
          break;
        default:
          this.#page.unexpected('expected a valid start token', token, this.#lexer);
      }
    }
  }

  #metadata(kind: 'HELP' | 'TYPE' | 'UNIT'): void {
    const token = this.#lexer.metaName();
    if (token !== 'MNAME') this.#page.unexpected(`expected metric name after ${kind}`, token, this.#lexer);
    const quotes = this.#source.bytes[this.#lexer.start] === QUOTE ? 1 : 0;
    const nameStart = this.#lexer.start + quotes;
    const nameEnd = this.#lexer.end - quotes;
    if (this.#lexer.metaText() !== 'TEXT') this.#page.refuse(`expected text in ${kind}`);
    const start = this.#lexer.start + 1;
    const end = this.#lexer.end - 1;
    this.#page.setMetadata(
      this.#source.text(nameStart, nameEnd),
      this.#change(kind, { nameStart, nameEnd, start, end }),
    );
  }

  #change(
    kind: 'HELP' | 'TYPE' | 'UNIT',
    at: { readonly nameStart: number; readonly nameEnd: number; readonly start: number; readonly end: number },
  ): Partial<MetricMetadata> {
    switch (kind) {
      case 'HELP':
        return { help: this.#help(at.start, at.end) };
      case 'TYPE':
        return { type: this.#type(at.start, at.end) };
      case 'UNIT':
        return { unit: this.#unit(at) };
    }
  }

  #type(start: number, end: number): MetricType {
    const type = TYPES.get(this.#source.text(start, end));
    if (type === undefined) this.#page.refuse(`invalid metric type ${this.#source.quote(start, end)}`);
    this.#page.type = type;
    return type;
  }

  #help(start: number, end: number): string {
    if (!this.#source.isUtf8(start, end)) {
      this.#page.refuse(`help text ${this.#source.quote(start, end)} is not a valid utf8 string`);
    }
    return copyString(unescapeLabel(this.#source.text(start, end)));
  }

  #unit(at: {
    readonly nameStart: number;
    readonly nameEnd: number;
    readonly start: number;
    readonly end: number;
  }): string {
    const unit = this.#source.raw(at.start, at.end);
    const name = this.#source.raw(at.nameStart, at.nameEnd);
    if (unit !== '' && !name.endsWith(`_${unit}`)) {
      const quotedName = this.#source.quote(at.nameStart, at.nameEnd);
      this.#page.refuse(`unit ${this.#source.quote(at.start, at.end)} not a suffix of metric ${quotedName}`);
    }
    return copyString(this.#source.text(at.start, at.end));
  }

  #sample(first: 'BOPEN' | 'MNAME'): void {
    const offsets = this.#offsets;
    if (first === 'MNAME') offsets.reset(this.#lexer.start, this.#lexer.end);
    else offsets.reset(-1, -1);
    let seriesEnd = this.#lexer.end;
    let token = first === 'MNAME' ? this.#lexer.value() : 'BOPEN';
    if (token === 'BOPEN') {
      readLabels(this.#lexer, this.#page, offsets, COMMAS);
      seriesEnd = this.#lexer.end;
      token = this.#lexer.value();
    }
    if (offsets.nameStart === -1) this.#page.refuse(`metric name not set while parsing: ${this.#sofar()}`);
    const value = this.#value(token, 'metric');
    const after = this.#lexer.timestamp();
    const timestampMs = this.#timestamp(after);
    this.#page.addSample(this.#page.labelsOf(offsets, seriesEnd), value, timestampMs);
    if (after === 'INVALID') this.#refuseRest();
  }

  /** Reads a sample whose series is the one that stood here on the last page. */
  #expectedSample(): boolean {
    const series = this.#page.expectedSeries();
    if (series === undefined) return false;
    this.#lexer.end = this.#page.entryStart + series.key.length;
    const value = this.#value(this.#lexer.value(), 'metric');
    const after = this.#lexer.timestamp();
    this.#page.addSample(series.labels, value, this.#timestamp(after));
    if (after === 'INVALID') this.#refuseRest();
    return true;
  }

  #value(token: Token, after: string): number {
    if (token !== 'VALUE') this.#page.unexpected(`expected value after ${after}`, token, this.#lexer);
    return this.#float();
  }

  /** A value's timestamp, if it has one, and its exemplar. */
  #timestamp(token: Token): number {
    if (token === 'EOF') this.#page.refuse('data does not end with # EOF');
    if (token === 'COMMENT') this.#exemplar();
    if (token !== 'TIMESTAMP') return Number.NaN;
    const timestampMs = this.#milliseconds('invalid timestamp');
    const after = this.#lexer.timestamp();
    if (after === 'COMMENT') this.#exemplar();
    else if (after !== 'LINEBREAK') this.#page.unexpected('expected next entry after timestamp', after, this.#lexer);
    return timestampMs;
  }

  /** Upstream counts a sample whose value is followed by rubbish, then refuses the rubbish as the next entry. */
  #refuseRest(): never {
    this.#page.entryStart = this.#lexer.end;
    const token = this.#lexer.timestamp();
    if (token === 'EOF') this.#page.refuse('data does not end with # EOF');
    this.#page.unexpected('expected a valid start token', token, this.#lexer);
  }

  /** Checks an exemplar from after its `{` to the end of the line. */
  #exemplar(): void {
    this.#exemplarLabels();
    this.#value(this.#lexer.exemplarValue(), 'exemplar labels');
    const token = this.#lexer.exemplarTimestamp();
    if (token === 'EOF') this.#page.refuse('data does not end with # EOF');
    if (token === 'LINEBREAK') return;
    if (token !== 'TIMESTAMP') this.#page.unexpected('expected timestamp or comment', token, this.#lexer);
    this.#milliseconds('invalid exemplar timestamp');
    const after = this.#lexer.exemplarTimestamp();
    if (after !== 'LINEBREAK') {
      this.#page.unexpected('expected next entry after exemplar timestamp', after, this.#lexer);
    }
  }

  #exemplarLabels(): void {
    let token = this.#lexer.exemplarLabel();
    while (token !== 'BCLOSE') {
      if (token !== 'LNAME' && token !== 'QSTRING') this.#page.unexpected('expected label name', token, this.#lexer);
      const quoted = token === 'QSTRING';
      token = this.#lexer.exemplarLabel();
      if (quoted && (token === 'COMMA' || token === 'BCLOSE')) {
        this.#page.unexpected('expected label name', token, this.#lexer);
      }
      if (token !== 'EQUAL') this.#page.unexpected('expected equal', token, this.#lexer);
      token = this.#lexer.exemplarLabelValue();
      if (token !== 'LVALUE') this.#page.unexpected('expected label value', token, this.#lexer);
      if (!this.#source.isUtf8(this.#lexer.start, this.#lexer.end)) {
        this.#page.refuse(`invalid UTF-8 label value: ${this.#source.quote(this.#lexer.start, this.#lexer.end)}`);
      }
      token = this.#lexer.exemplarLabel();
      if (token === 'COMMA') token = this.#lexer.exemplarLabel();
      else if (token !== 'BCLOSE') this.#page.unexpected('expected comma or brace close', token, this.#lexer);
    }
  }

  #milliseconds(problem: string): number {
    const seconds = this.#float();
    if (!Number.isFinite(seconds)) this.#page.refuse(`${problem} ${formatFloatPlain(seconds)}`);
    return secondsToMs(seconds);
  }

  /** The number of the last token, which begins with a blank. */
  #float(): number {
    const read = readFloat(this.#source, this.#lexer.start + 1, this.#lexer.end);
    if (typeof read === 'number') return read;
    this.#page.refuse(`${read} while parsing: ${this.#sofar()}`);
  }

  #sofar(): string {
    return this.#source.quote(this.#page.entryStart, this.#lexer.end);
  }
}
