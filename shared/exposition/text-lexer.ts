import {
  BRACE_CLOSE,
  BRACE_OPEN,
  COMMA,
  EQUAL,
  HASH,
  isDigit,
  NEWLINE,
  QUOTE,
  SPACE,
  scanLabelName,
  scanMetricName,
  scanQuoted,
  scanWord,
  skipNulls,
  TAB,
} from './scan.ts';
import type { SampleLexer, Token } from './token.ts';

const LABEL_NAME_QUOTES = { multiline: true, nulls: false };
const LABEL_VALUE_QUOTES = { multiline: true, nulls: true };

/** The tokens of the Prometheus text format. Blanks between tokens are skipped.
 *  @see prometheus/model/textparse/promlex.l */
export class TextLexer implements SampleLexer {
  start = 0;
  end = 0;
  readonly #bytes: Uint8Array;

  /** @param bytes Ends with a line break. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** At the start of a line, or of what should be one. */
  line(): Token {
    if (!this.#skipBlanks()) return 'EOF';
    const byte = this.#bytes[this.end];
    if (byte === HASH) return this.#comment();
    if (byte === NEWLINE) return this.#one('LINEBREAK');
    if (byte === BRACE_OPEN) return this.#one('BOPEN');
    // Upstream's lexer takes a NUL byte at the start of a token for the end of the page.
    if (byte === 0) return this.#one('EOF');
    return this.#scanned(scanMetricName(this.#bytes, this.end), 'MNAME');
  }

  /** After `# HELP` and `# TYPE`. */
  metaName(): Token {
    if (!this.#skipBlanks()) return 'EOF';
    const quoted = this.#bytes[this.end] === QUOTE;
    const end = quoted ? scanQuoted(this.#bytes, this.end, LABEL_NAME_QUOTES) : scanMetricName(this.#bytes, this.end);
    return this.#scanned(end, 'MNAME');
  }

  /** The rest of a `# HELP` or `# TYPE` line, with the blanks before it; empty when there are only blanks. */
  metaText(): Token {
    if (this.end >= this.#bytes.length) return 'EOF';
    this.start = this.end;
    if (this.#bytes[this.end] === 0) return 'TEXT';
    let i = this.end;
    let blank = true;
    while (i < this.#bytes.length && this.#bytes[i] !== NEWLINE) {
      blank &&= isBlank(this.#bytes[i]);
      i = skipNulls(this.#bytes, i + 1);
    }
    this.end = i;
    if (blank) this.start = i;
    return 'TEXT';
  }

  label(): Token {
    if (!this.#skipBlanks()) return 'EOF';
    switch (this.#bytes[this.end]) {
      case COMMA:
        return this.#one('COMMA');
      case EQUAL:
        return this.#one('EQUAL');
      case BRACE_CLOSE:
        return this.#one('BCLOSE');
      case QUOTE:
        return this.#scanned(scanQuoted(this.#bytes, this.end, LABEL_NAME_QUOTES), 'QSTRING');
    }
    return this.#scanned(scanLabelName(this.#bytes, this.end), 'LNAME');
  }

  labelValue(): Token {
    while (isBlank(this.#bytes[this.end])) this.end = skipNulls(this.#bytes, this.end + 1);
    if (this.end >= this.#bytes.length) return 'EOF';
    if (this.#bytes[this.end] !== QUOTE) return this.#scanned(~this.end, 'LVALUE');
    return this.#scanned(scanQuoted(this.#bytes, this.end, LABEL_VALUE_QUOTES), 'LVALUE');
  }

  value(): Token {
    if (!this.#skipBlanks()) return 'EOF';
    if (this.#bytes[this.end] === BRACE_OPEN) return this.#one('BOPEN');
    let i = this.end;
    while (isValueByte(this.#bytes[i])) i++;
    return this.#scanned(i === this.end ? ~i : i, 'VALUE');
  }

  /** After a value: a timestamp or the end of the line. */
  timestamp(): Token {
    if (!this.#skipBlanks()) return 'EOF';
    if (this.#bytes[this.end] === NEWLINE) return this.#one('LINEBREAK');
    let i = this.end;
    while (isDigit(this.#bytes[i])) i++;
    return this.#scanned(i === this.end ? ~i : i, 'TIMESTAMP');
  }

  /** `# HELP `, `# TYPE `, or any other comment up to its line break. */
  #comment(): Token {
    this.start = this.end;
    let i = this.end + 1;
    if (!isBlank(this.#bytes[i])) return this.#plainComment(i, false);
    while (isBlank(this.#bytes[i])) i++;
    const byte = this.#bytes[i];
    if (byte === 0x48 /* H */) return this.#keyword(i, 'HELP');
    if (byte === 0x54 /* T */) return this.#keyword(i, 'TYPE');
    return this.#plainComment(i, true);
  }

  #keyword(at: number, word: 'HELP' | 'TYPE'): Token {
    const after = scanWord(this.#bytes, at, word);
    if (after < 0) return this.#plainComment(~after, true);
    if (!isBlank(this.#bytes[after])) return this.#plainComment(after, true);
    let i = after;
    while (isBlank(this.#bytes[i])) i = skipNulls(this.#bytes, i + 1);
    this.end = i;
    return word;
  }

  /** @param nulls Whether NUL bytes are part of the comment; without a blank after `#` they end the page. */
  #plainComment(at: number, nulls: boolean): Token {
    let i = at;
    while (this.#bytes[i] !== NEWLINE && this.#bytes[i] > 0) {
      i++;
      if (nulls) i = skipNulls(this.#bytes, i);
    }
    this.end = i;
    return this.#bytes[i] === NEWLINE ? 'COMMENT' : 'EOF';
  }

  /** Whether there is anything after the blanks. */
  #skipBlanks(): boolean {
    while (isBlank(this.#bytes[this.end])) this.end++;
    return this.end < this.#bytes.length;
  }

  #one(token: Token): Token {
    this.start = this.end++;
    return token;
  }

  #scanned(end: number, token: Token): Token {
    this.start = this.end;
    this.end = end < 0 ? ~end : end;
    return end < 0 ? 'INVALID' : token;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function isValueByte(byte: number): boolean {
  return byte > 0 && byte !== SPACE && byte !== NEWLINE && byte !== BRACE_OPEN && byte !== TAB;
}
