import type { MetricType } from '#shared/model/storage.ts';
import { ByteSource } from './byte-source.ts';
import { readLabels } from './label-reader.ts';
import { readFloat, readInteger } from './number-reader.ts';
import type { Page } from './page.ts';
import { PageBuilder } from './page-builder.ts';
import { NEWLINE, QUOTE } from './scan.ts';
import type { SeriesCache } from './series-cache.ts';
import { copyString, SeriesOffsets, unescapeHelp } from './series-labels.ts';
import { TextLexer } from './text-lexer.ts';
import type { Token } from './token.ts';

const TYPES: ReadonlyMap<string, MetricType> = new Map([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

const OPTIONAL_COMMAS = { commas: false };

/** Parses a page of the Prometheus text format, 0.0.4 or 1.0.0: the one parser takes both.
 *  @throws {ExpositionError} With upstream's words.
 *  @see prometheus/model/textparse/promparse.go */
export function parseText(body: Uint8Array, cache?: SeriesCache): Page {
  cache?.useFor('text');
  return new TextParser(withLastNewline(body), cache).parse();
}

function withLastNewline(body: Uint8Array): Uint8Array {
  if (body.at(-1) === NEWLINE) return body;
  const ended = new Uint8Array(body.length + 1);
  ended.set(body);
  ended[body.length] = NEWLINE;
  return ended;
}

class TextParser {
  readonly #lexer: TextLexer;
  readonly #source: ByteSource;
  readonly #page: PageBuilder;
  readonly #offsets = new SeriesOffsets();

  constructor(bytes: Uint8Array, cache: SeriesCache | undefined) {
    this.#lexer = new TextLexer(bytes);
    this.#source = new ByteSource(bytes);
    this.#page = new PageBuilder(this.#source, cache);
  }

  parse(): Page {
    for (;;) {
      this.#page.entryStart = this.#lexer.end;
      if (this.#expectedSample()) continue;
      const token = this.#lexer.line();
      switch (token) {
        case 'EOF':
          return this.#page.finish();
        case 'LINEBREAK':
          break;
        case 'COMMENT':
          this.#lexer.line();
          break;
        case 'HELP':
        case 'TYPE':
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

  #metadata(kind: 'HELP' | 'TYPE'): void {
    const token = this.#lexer.metaName();
    if (token !== 'MNAME') this.#page.unexpected(`expected metric name after ${kind}`, token, this.#lexer);
    const quotes = this.#source.bytes[this.#lexer.start] === QUOTE ? 1 : 0;
    const metric = this.#source.text(this.#lexer.start + quotes, this.#lexer.end - quotes);
    this.#lexer.metaText();
    // Upstream drops one byte, the blank, even where a quoted name is followed by none.
    const start = Math.min(this.#lexer.start + 1, this.#lexer.end);
    const end = this.#lexer.end;
    const change = kind === 'HELP' ? { help: this.#help(start, end) } : { type: this.#type(start, end) };
    const after = this.#lexer.line();
    if (after !== 'LINEBREAK') this.#page.unexpected('linebreak expected after metadata', after, this.#lexer);
    this.#page.setMetadata(metric, change);
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
    return copyString(unescapeHelp(this.#source.text(start, end)));
  }

  /** Reads a sample whose series is the one that stood here on the last page. */
  #expectedSample(): boolean {
    const series = this.#page.expectedSeries();
    if (series === undefined) return false;
    this.#lexer.end = this.#page.entryStart + series.key.length;
    const token = this.#lexer.value();
    if (token === 'BOPEN') {
      this.#lexer.end = this.#page.entryStart;
      return false;
    }
    this.#page.addSample(series.labels, this.#value(token), this.#timestamp());
    return true;
  }

  #sample(first: 'BOPEN' | 'MNAME'): void {
    const offsets = this.#offsets;
    // The name begins where the entry does: upstream takes blanks before it as part of it.
    if (first === 'MNAME') offsets.reset(this.#page.entryStart, this.#lexer.end);
    else offsets.reset(-1, -1);
    let seriesEnd = this.#lexer.end;
    let token = first === 'MNAME' ? this.#lexer.value() : 'BOPEN';
    if (token === 'BOPEN') {
      readLabels(this.#lexer, this.#page, offsets, OPTIONAL_COMMAS);
      seriesEnd = this.#lexer.end;
      token = this.#lexer.value();
    }
    if (offsets.nameStart === -1) this.#page.refuse(`metric name not set while parsing: ${this.#sofar()}`);
    const value = this.#value(token);
    const timestampMs = this.#timestamp();
    this.#page.addSample(this.#page.labelsOf(offsets, seriesEnd), value, timestampMs);
  }

  #value(token: Token): number {
    if (token !== 'VALUE') this.#page.unexpected('expected value after metric', token, this.#lexer);
    return this.#number(readFloat(this.#source, this.#lexer.start, this.#lexer.end));
  }

  #timestamp(): number {
    const token = this.#lexer.timestamp();
    if (token === 'LINEBREAK') return Number.NaN;
    if (token !== 'TIMESTAMP') this.#page.unexpected('expected timestamp or new record', token, this.#lexer);
    const timestampMs = this.#number(readInteger(this.#source, this.#lexer.start, this.#lexer.end));
    const after = this.#lexer.timestamp();
    if (after !== 'LINEBREAK') this.#page.unexpected('expected next entry after timestamp', after, this.#lexer);
    return timestampMs;
  }

  #number(read: number | string): number {
    if (typeof read === 'number') return read;
    this.#page.refuse(`${read} while parsing: ${this.#sofar()}`);
  }

  #sofar(): string {
    return this.#source.quote(this.#page.entryStart, this.#lexer.end);
  }
}
