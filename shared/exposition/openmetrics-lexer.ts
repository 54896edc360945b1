import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  EQUAL,
  HASH,
  NEWLINE,
  QUOTE,
  SPACE,
  scanLabelName,
  scanMetricName,
  scanQuoted,
  scanWord,
  skipNulls,
} from './scan.ts';
import type { SampleLexer, Token } from './token.ts';

const NAME_QUOTES = { multiline: true, nulls: false };
const LABEL_VALUE_QUOTES = { multiline: false, nulls: true };
const EXEMPLAR_QUOTES = { multiline: false, nulls: false };

/** The tokens of OpenMetrics. Every blank is part of a token.
 *  @see prometheus/model/textparse/openmetricslex.l */
export class OpenMetricsLexer implements SampleLexer {
  start = 0;
  end = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At the start of a line. */
  line(): Token {
    if (this.#atEnd()) return 'EOF';
    const byte = this.#bytes[this.end];
    if (byte === HASH) return this.#descriptor();
    if (byte === BRACE_OPEN) return this.#scanned(this.end + 1, 'BOPEN');
    return this.#scanned(scanMetricName(this.#bytes, this.end), 'MNAME');
  }

  /** After `# HELP `, `# TYPE ` and `# UNIT `. */
  metaName(): Token {
    if (this.#atEnd()) return 'EOF';
    const quoted = this.#bytes[this.end] === QUOTE;
    const end = quoted ? scanQuoted(this.#bytes, this.end, NAME_QUOTES) : scanMetricName(this.#bytes, this.end);
    return this.#scanned(end, 'MNAME');
  }

  /** The blank and the rest of a descriptor, with its line break. */
  metaText(): Token {
    if (this.#atEnd()) return 'EOF';
    if (this.#bytes[this.end] !== SPACE) return this.#scanned(~this.end, 'TEXT');
    let i = skipNulls(this.#bytes, this.end + 1);
    while (i < this.#bytes.length && this.#bytes[i] !== NEWLINE) i = skipNulls(this.#bytes, i + 1);
    return this.#scanned(i < this.#bytes.length ? skipNulls(this.#bytes, i + 1) : ~i, 'TEXT');
  }

  label(): Token {
    return this.#label(NAME_QUOTES);
  }

  labelValue(): Token {
    return this.#quotedValue(LABEL_VALUE_QUOTES);
  }

  value(): Token {
    if (!this.#atEnd() && this.#bytes[this.end] === BRACE_OPEN) return this.#scanned(this.end + 1, 'BOPEN');
    return this.#word('VALUE');
  }

  /** After a value: a timestamp, the start of an exemplar, or the end of the line. */
  timestamp(): Token {
    const at = this.end;
    if (this.#bytes[at] === SPACE && this.#bytes[at + 1] === HASH && this.#bytes[at + 2] === SPACE) {
      const open = this.#bytes[at + 3] === BRACE_OPEN;
      return this.#scanned(open ? at + 4 : ~(at + 3), 'COMMENT');
    }
    return this.exemplarTimestamp();
  }

  /** Within the braces of an exemplar. */
  exemplarLabel(): Token {
    return this.#label(EXEMPLAR_QUOTES);
  }

  /** After `=` within the braces of an exemplar. */
  exemplarLabelValue(): Token {
    if (this.#bytes[this.end] === SPACE) return this.#word('VALUE');
    return this.#quotedValue(EXEMPLAR_QUOTES);
  }

  /** After the braces of an exemplar. */
  exemplarValue(): Token {
    if (this.#bytes[this.end] !== QUOTE) return this.#word('VALUE');
    return this.#quotedValue(EXEMPLAR_QUOTES);
  }

  /** After an exemplar's value: a timestamp or the end of the line. */
  exemplarTimestamp(): Token {
    if (this.#bytes[this.end] === NEWLINE) return this.#scanned(this.end + 1, 'LINEBREAK');
    return this.#word('TIMESTAMP');
  }

  /** `# HELP `, `# TYPE `, `# UNIT ` or `# EOF`. */
  #descriptor(): Token {
    const at = this.end;
    if (this.#bytes[at + 1] !== SPACE) return this.#scanned(~(at + 1), 'INVALID');
    switch (this.#bytes[at + 2]) {
      case 0x45 /* E */:
        {
          const end = scanWord(this.#bytes, at + 2, 'EOF');
          return this.#scanned(this.#bytes[end] === NEWLINE ? skipNulls(this.#bytes, end + 1) : end, 'EOFWORD');
        }
      case 0x48 /* H */:
        return this.#scanned(scanWord(this.#bytes, at + 2, 'HELP '), 'HELP');
      case 0x54 /* T */:
        return this.#scanned(scanWord(this.#bytes, at + 2, 'TYPE '), 'TYPE');
      case 0x55 /* U */:
        return this.#scanned(scanWord(this.#bytes, at + 2, 'UNIT '), 'UNIT');
    }
    return this.#scanned(~(at + 2), 'INVALID');
  }

  #label(quotes: { readonly multiline: boolean; readonly nulls: boolean }): Token {
    if (this.#atEnd()) return 'EOF';
    switch (this.#bytes[this.end]) {
      case COMMA:
        return this.#scanned(this.end + 1, 'COMMA');
      case EQUAL:
        return this.#scanned(this.end + 1, 'EQUAL');
      case BRACE_CLOSE:
        return this.#scanned(this.end + 1, 'BCLOSE');
      case QUOTE:
        return this.#scanned(scanQuoted(this.#bytes, this.end, quotes), 'QSTRING');
    }
    return this.#scanned(scanLabelName(this.#bytes, this.end), 'LNAME');
  }

  #quotedValue(quotes: { readonly multiline: boolean; readonly nulls: boolean }): Token {
    if (this.#atEnd()) return 'EOF';
    const quoted = this.#bytes[this.end] === QUOTE;
    return this.#scanned(quoted ? scanQuoted(this.#bytes, this.end, quotes) : ~this.end, 'LVALUE');
  }

  /** A blank and then at least one byte that is neither blank nor line break. */
  #word(token: Token): Token {
    if (this.#atEnd()) return 'EOF';
    if (this.#bytes[this.end] !== SPACE) return this.#scanned(~this.end, token);
    const first = this.end + 1;
    let i = first;
    while (isWordByte(this.#bytes[i])) i++;
    return this.#scanned(i === first ? ~i : i, token);
  }

  #atEnd(): boolean {
    return this.end >= this.#bytes.length;
  }

  #scanned(end: number, token: Token): Token {
    this.start = this.end;
    this.end = end < 0 ? ~end : end;
    return end < 0 ? 'INVALID' : token;
  }
}

function isWordByte(byte: number): boolean {
  return byte > 0 && byte !== SPACE && byte !== NEWLINE;
}
