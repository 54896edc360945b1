import { goQuote } from '#shared/model/labels.ts';
import { isAlpha, isAlphaNumeric, isDigit, isSpace, nameRune, quoteRune } from './character.ts';
import { PromqlSyntaxError } from './syntax-error.ts';
import {
  DURATION,
  END_OF_INPUT,
  IDENTIFIER,
  KEYWORDS,
  METRIC_IDENTIFIER,
  NUMBER,
  STRING,
  type Token,
  type TokenKind,
} from './token.ts';

const DIGITS = '0123456789';
const HEX_DIGITS = '0123456789abcdefABCDEF';
const DURATION_WORDS: ReadonlySet<string> = new Set(['step', 'range', 'max_of', 'min_of']);
const MAX_CODE_POINT = 0x10ffff;

/** What `#next` gives at the end of the input. */
const END = '';

/** Tokens of one or two characters outside braces, the longer first. */
const SYMBOLS = ['<=', '</', '<', '>=', '>/', '>', ',', '*', '/', '%', '+', '-', '^', '@'];

/** Characters inside brackets that are a token by themselves. */
const DURATION_SYMBOLS = '+-*/%^,';

/** Cuts a query into tokens, one at a call. What a character means depends on the brackets open around it:
 *  in braces words are never keywords, in brackets there are only durations and their arithmetic.
 *  @see prometheus/promql/parser/lex.go */
export class Lexer {
  readonly #input: string;
  readonly #unquotedUtf8Names: boolean;
  #pos = 0;
  /** Where the token being read begins. */
  #start = 0;
  #parenDepth = 0;
  #braceOpen = false;
  #bracketOpen = false;
  /** Directly after `[` and between the operators of a duration expression; a number leaves this state. */
  #inDurationExpr = false;
  #gotColon = false;
  #gotDuration = false;

  /** @param input Well-formed UTF-16. */
  constructor(input: string, unquotedUtf8Names: boolean) {
    this.#input = input;
    this.#unquotedUtf8Names = unquotedUtf8Names;
  }

  /** The next token; `EOF` at the end, as often as asked.
   *  @throws {PromqlSyntaxError} When no token can begin here. */
  read(): Token {
    for (;;) {
      const kind = this.#readKind();
      const span = { start: this.#start, end: this.#pos };
      this.#start = this.#pos;
      if (kind !== undefined) return { kind, text: this.#input.slice(span.start, span.end), span };
    }
  }

  /** `undefined` where white space or a comment was skipped. */
  #readKind(): TokenKind | undefined {
    if (this.#inDurationExpr) return this.#readInDurationExpr();
    if (this.#input[this.#pos] === '#') return this.#skipComment();
    if (isSpace(this.#peek())) return this.#skipSpaces();
    return this.#braceOpen ? this.#readInBraces() : this.#readStatement();
  }

  #readStatement(): TokenKind {
    for (const symbol of SYMBOLS) {
      if (!this.#input.startsWith(symbol, this.#pos)) continue;
      this.#pos += symbol.length;
      return symbol;
    }
    const char = this.#next();
    if (isDigit(char) || (char === '.' && isDigit(this.#peek()))) return this.#readNumberOrDuration(char);
    if (this.#isNameStart(char) || char === ':') {
      return this.#bracketOpen ? this.#readWordInBrackets(char) : this.#readWord();
    }
    switch (char) {
      case END:
        return this.#readEnd();
      case '=':
        return this.#readEqual();
      case '!':
        return this.#readNotEqual();
      case '"':
      case "'":
        return this.#readString(char);
      case '`':
        return this.#readRawString();
      case '(':
      case ')':
        return this.#readParenthesis(char);
      case '{':
        this.#braceOpen = true;
        return char;
      case '[':
        return this.#openBracket();
      case ']':
        if (!this.#bracketOpen) this.#fail(`unexpected right bracket ${quoteRune(char)}`);
        this.#bracketOpen = false;
        return char;
      default:
        return this.#fail(`unexpected character: ${quoteRune(char)}`);
    }
  }

  #readEnd(): TokenKind {
    if (this.#parenDepth !== 0) this.#fail('unclosed left parenthesis');
    if (this.#bracketOpen) this.#fail('unclosed left bracket');
    return END_OF_INPUT;
  }

  #readEqual(): TokenKind {
    const char = this.#peek();
    if (char === '~') this.#fail(`unexpected character after '=': ${quoteRune(char)}`);
    return this.#accept('=') ? '==' : '=';
  }

  #readNotEqual(): TokenKind {
    const char = this.#next();
    if (char !== '=') this.#fail(`unexpected character after '!': ${quoteRune(char)}`);
    return '!=';
  }

  #readParenthesis(char: string): TokenKind {
    this.#parenDepth += char === '(' ? 1 : -1;
    if (this.#parenDepth < 0) this.#failAfter(`unexpected right parenthesis ${quoteRune(char)}`);
    return char;
  }

  #openBracket(): TokenKind {
    if (this.#bracketOpen) this.#fail(`unexpected left bracket ${quoteRune('[')}`);
    this.#bracketOpen = true;
    this.#inDurationExpr = true;
    this.#gotColon = false;
    this.#gotDuration = false;
    return '[';
  }

  #readInBraces(): TokenKind {
    const char = this.#next();
    if (this.#isNameStart(char)) {
      while (this.#isNameContinue(this.#peek())) this.#next();
      return IDENTIFIER;
    }
    switch (char) {
      case END:
        return this.#fail('unexpected end of input inside braces');
      case ',':
        return char;
      case '"':
      case "'":
        return this.#readString(char);
      case '`':
        return this.#readRawString();
      case '=':
        return this.#accept('~') ? '=~' : '=';
      case '!': {
        const second = this.#next();
        if (second === '~' || second === '=') return `!${second}`;
        return this.#fail(`unexpected character after '!' inside braces: ${quoteRune(second)}`);
      }
      case '{':
        return this.#fail(`unexpected left brace ${quoteRune(char)}`);
      case '}':
        this.#braceOpen = false;
        return char;
      default:
        return this.#fail(`unexpected character inside braces: ${quoteRune(char)}`);
    }
  }

  #readInDurationExpr(): TokenKind | undefined {
    const char = this.#next();
    if (isSpace(char)) return this.#skipSpaces();
    if (char !== END && DURATION_SYMBOLS.includes(char)) return char;
    if (isDigit(char) || (char === '.' && isDigit(this.#peek()))) {
      this.#gotDuration = true;
      this.#inDurationExpr = false;
      return this.#readNumberOrDuration(char);
    }
    switch (char) {
      case END:
        return this.#fail('unexpected end of input in duration expression');
      case ']':
        this.#bracketOpen = false;
        this.#inDurationExpr = false;
        return char;
      case ':':
        return this.#readColonInDurationExpr();
      case '(':
      case ')':
        return this.#readParenthesis(char);
      default:
        return (
          this.#readDurationWord(char) ?? this.#fail(`unexpected character in duration expression: ${quoteRune(char)}`)
        );
    }
  }

  #readColonInDurationExpr(): TokenKind {
    if (!this.#gotDuration) this.#failAfter('unexpected colon before duration in duration expression');
    if (this.#gotColon) this.#failAfter('unexpected repeated colon in duration expression');
    this.#gotColon = true;
    return ':';
  }

  /** Between a number and the end of the brackets. */
  #readWordInBrackets(char: string): TokenKind {
    if (char === ':') {
      if (this.#gotColon) this.#fail(`unexpected colon ${quoteRune(char)}`);
      this.#gotColon = true;
      return char;
    }
    return this.#readDurationWord(char) ?? this.#fail(`unexpected character: ${quoteRune(char)}, expected ':'`);
  }

  /** `step`, `range`, `min_of`, `max_of`; `char` is the first character, already read. */
  #readDurationWord(char: string): TokenKind | undefined {
    if (!'srmSRM'.includes(char) || char === END) return undefined;
    while (isAlpha(this.#peek())) this.#next();
    const word = this.#text().toLowerCase();
    if (!DURATION_WORDS.has(word)) return undefined;
    this.#gotDuration ||= this.#inDurationExpr;
    return word;
  }

  #readWord(): TokenKind {
    while (this.#isNameContinue(this.#peek()) || this.#peek() === ':') this.#next();
    const text = this.#text();
    const keyword = asciiLowerCase(text);
    if (keyword === 'inf' || keyword === 'nan') return NUMBER;
    if (KEYWORDS.has(keyword) && (!keyword.startsWith('fill') || this.#isParenthesisNext())) return keyword;
    return text.includes(':') ? METRIC_IDENTIFIER : IDENTIFIER;
  }

  /** `fill`, `fill_left` and `fill_right` came late: they are keywords only before `(`, so that metrics keep these names. */
  #isParenthesisNext(): boolean {
    let at = this.#pos;
    while (at < this.#input.length && isSpace(this.#input[at])) at++;
    return this.#input[at] === '(';
  }

  #readString(quote: string): TokenKind {
    for (;;) {
      const char = this.#next();
      if (char === quote) return STRING;
      if (char === '\\') this.#readEscape(quote);
      else if (char === '\ufffd') this.#fail('invalid UTF-8 rune');
      else if (char === END || char === '\n') this.#fail('unterminated quoted string');
    }
  }

  #readRawString(): TokenKind {
    for (;;) {
      const char = this.#next();
      if (char === '`') return STRING;
      if (char === '\ufffd') this.#fail('invalid UTF-8 rune');
      if (char === END) this.#fail('unterminated raw string');
    }
  }

  #readEscape(quote: string): void {
    const char = this.#next();
    if (char === END) this.#fail('escape sequence not terminated');
    if (char === quote || 'abfnrtv\\'.includes(char)) return;
    if (char >= '0' && char <= '7') this.#readCodePoint(char, 3, 8, 255);
    else if (char === 'x') this.#readCodePoint(this.#next(), 2, 16, 255);
    else if (char === 'u') this.#readCodePoint(this.#next(), 4, 16, MAX_CODE_POINT);
    else if (char === 'U') this.#readCodePoint(this.#next(), 8, 16, MAX_CODE_POINT);
    else this.#fail(`unknown escape sequence ${nameRune(char)}`);
  }

  #readCodePoint(first: string, length: number, base: number, max: number): void {
    let char = first;
    let value = 0;
    for (let i = 0; i < length; i++) {
      if (i > 0) char = this.#next();
      if (char === END) this.#fail('escape sequence not terminated');
      const digit = HEX_DIGITS.includes(char) ? Number.parseInt(char, 16) : 16;
      if (digit >= base) this.#fail(`illegal character ${nameRune(char)} in escape sequence`);
      value = value * base + digit;
    }
    if (value > max || (value >= 0xd800 && value < 0xe000)) {
      this.#fail('escape sequence is an invalid Unicode code point');
    }
  }

  /** `first` has been read. A number is a prefix of a duration, so it is tried before, and the duration goes on where it failed. */
  #readNumberOrDuration(first: string): TokenKind {
    this.#pos -= first.length;
    if (this.#scanNumber()) return NUMBER;
    if (this.#scanRestOfDuration()) return DURATION;
    return this.#fail(`bad number or duration syntax: ${goQuote(this.#text())}`);
  }

  #scanRestOfDuration(): boolean {
    if (!this.#accept('smhdwy')) return false;
    this.#accept('s');
    while (this.#accept(DIGITS)) {
      this.#acceptRun(DIGITS);
      // A year comes first or never.
      if (!this.#accept('smhdw')) return false;
      this.#accept('s');
    }
    if (!isAlphaNumeric(this.#peek())) return true;
    this.#next();
    return false;
  }

  /** Accepts more than is a number; the parser finds out when it converts the text. */
  #scanNumber(): boolean {
    const isHex = this.#accept('0') && this.#accept('xX');
    if (isHex) this.#accept('_');
    const digits = isHex ? HEX_DIGITS : DIGITS;
    this.#accept('.');
    this.#accept(digits);
    if (!this.#scanRestOfNumber(digits, isHex)) return false;
    return !isAlphaNumeric(this.#peek());
  }

  #scanRestOfNumber(digits: string, isHex: boolean): boolean {
    let gotDot = false;
    let gotExponent = false;
    while (this.#isNextIn(`${digits}._eE`)) {
      if (gotDot && this.#isNextIn('.')) return !this.#accept('.');
      if (gotExponent && this.#isNextIn('eE')) return !this.#accept('eE');
      if (this.#accept('.')) {
        gotDot = true;
        if (this.#accept('_.') || isHex) return false;
      } else if (this.#accept('eE')) {
        gotExponent = true;
        this.#accept('+-');
        if (this.#accept('._eE') || this.#peek() === END) return false;
      } else if (this.#accept('_')) {
        if (this.#accept('._eE') || this.#peek() === END) return false;
      } else {
        this.#acceptRun(digits);
      }
    }
    return true;
  }

  #skipComment(): undefined {
    while (!'\r\n'.includes(this.#peek())) this.#next();
  }

  #skipSpaces(): undefined {
    while (isSpace(this.#peek())) this.#next();
  }

  #isNameStart(char: string): boolean {
    return isAlpha(char) || (this.#unquotedUtf8Names && char > '\x7f' && /^\p{L}$/u.test(char));
  }

  #isNameContinue(char: string): boolean {
    return this.#isNameStart(char) || isDigit(char) || (this.#unquotedUtf8Names && char === '.');
  }

  #text(): string {
    return this.#input.slice(this.#start, this.#pos);
  }

  /** The next character, of one or two UTF-16 units. */
  #peek(): string {
    const code = this.#input.codePointAt(this.#pos);
    return code === undefined ? END : String.fromCodePoint(code);
  }

  #next(): string {
    const char = this.#peek();
    this.#pos += char.length;
    return char;
  }

  #isNextIn(chars: string): boolean {
    return this.#pos < this.#input.length && chars.includes(this.#input[this.#pos]);
  }

  #accept(chars: string): boolean {
    if (!this.#isNextIn(chars)) return false;
    this.#pos++;
    return true;
  }

  #acceptRun(chars: string): void {
    while (this.#accept(chars)) {}
  }

  #fail(problem: string): never {
    throw new PromqlSyntaxError(this.#input, { start: this.#start, end: this.#input.length }, problem);
  }

  /** Upstream has already given out the token when it finds this problem, so it names the place behind it. */
  #failAfter(problem: string): never {
    this.#start = this.#pos;
    this.#fail(problem);
  }
}

/** Letters that become ASCII in lower case, such as the Kelvin sign, do not make keywords. */
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}
