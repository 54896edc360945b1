import { isPrintable, quote } from './go-string.ts';

export type TokenKind =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'assign'
  | 'complex'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | Keyword;

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'range'
  | 'nil'
  | 'template'
  | 'with';

export interface Token {
  readonly kind: TokenKind;
  /** For `error`: what is wrong. */
  readonly text: string;
  /** Where it starts, in UTF-16 units. */
  readonly start: number;
  /** From 1. */
  readonly line: number;
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'nil',
  'template',
  'with',
] satisfies Keyword[]);

export function isKeyword(kind: string): boolean {
  return KEYWORDS.has(kind) || kind === 'dot';
}

const LEFT = '{{';
const RIGHT = '}}';
const TRIM_MARKER_LENGTH = 2;

const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

/** Splits a template into text and the tokens of its actions. The last token is `eof` or `error`.
 *  Spaces beside `{{- ` and ` -}}` and comments are already gone.
 *  @see Go text/template/parse/lex.go */
export function tokenize(input: string): readonly Token[] {
  return new Lexer(input).run();
}

class Lexer {
  readonly #input: string;
  readonly #tokens: Token[] = [];
  #start = 0;
  #at = 0;
  #parens = 0;
  #insideAction = false;
  #line = 1;
  #lineKnownTo = 0;

  constructor(input: string) {
    this.#input = input;
  }

  run(): readonly Token[] {
    while (this.#insideAction ? this.#action() : this.#text()) {}
    return this.#tokens;
  }

  /** Each step returns whether the input goes on. */
  #text(): boolean {
    const open = this.#input.indexOf(LEFT, this.#at);
    const end = open < 0 ? this.#input.length : open;
    const trimmed = open >= 0 && this.#trimsLeft(open) ? trimEnd(this.#input, this.#at, open) : end;
    if (trimmed > this.#at) this.#emitTo('text', trimmed);
    this.#skipTo(end);
    if (open < 0) return this.#finish('eof', 'EOF');
    return this.#leftDelimiter();
  }

  #trimsLeft(open: number): boolean {
    return this.#input[open + 2] === '-' && isSpace(this.#input[open + 3]);
  }

  #leftDelimiter(): boolean {
    const afterMarker = this.#at + LEFT.length + (this.#trimsLeft(this.#at) ? TRIM_MARKER_LENGTH : 0);
    if (this.#input.startsWith('/*', afterMarker)) {
      this.#skipTo(afterMarker);
      return this.#comment();
    }
    this.#emitTo('leftDelim', this.#at + LEFT.length);
    this.#skipTo(afterMarker);
    this.#parens = 0;
    this.#insideAction = true;
    return true;
  }

  #comment(): boolean {
    const close = this.#input.indexOf('*/', this.#at + 2);
    if (close < 0) return this.#fail('unclosed comment');
    const right = this.#rightDelimiterAt(close + 2);
    if (right === undefined) return this.#fail('comment ends before closing delimiter');
    const end = close + 2 + (right.trims ? TRIM_MARKER_LENGTH : 0) + RIGHT.length;
    this.#skipTo(right.trims ? trimStart(this.#input, end) : end);
    return true;
  }

  #rightDelimiterAt(at: number): { readonly trims: boolean } | undefined {
    if (isSpace(this.#input[at]) && this.#input[at + 1] === '-' && this.#input.startsWith(RIGHT, at + 2))
      return { trims: true };
    return this.#input.startsWith(RIGHT, at) ? { trims: false } : undefined;
  }

  #action(): boolean {
    const right = this.#rightDelimiterAt(this.#at);
    if (right === undefined) return this.#inside();
    if (this.#parens > 0) return this.#fail('unclosed left paren');
    if (right.trims) this.#skipTo(this.#at + TRIM_MARKER_LENGTH);
    this.#emitTo('rightDelim', this.#at + RIGHT.length);
    if (right.trims) this.#skipTo(trimStart(this.#input, this.#at));
    this.#insideAction = false;
    return true;
  }

  #inside(): boolean {
    const char = this.#char(this.#at);
    switch (char) {
      case '':
        return this.#fail('unclosed action');
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return this.#space();
      case '=':
        return this.#emitTo('assign', this.#at + 1);
      case ':':
        return this.#input[this.#at + 1] === '=' ? this.#emitTo('declare', this.#at + 2) : this.#fail('expected :=');
      case '|':
        return this.#emitTo('pipe', this.#at + 1);
      case '"':
      case "'":
        return this.#quoted(char);
      case '`':
        return this.#rawString();
      case '$':
        return this.#fieldOrVariable('variable');
      case '(':
        this.#parens++;
        return this.#emitTo('leftParen', this.#at + 1);
      case ')':
        if (--this.#parens < 0) return this.#fail('unexpected right paren');
        return this.#emitTo('rightParen', this.#at + 1);
      case '.':
        if (this.#at + 1 < this.#input.length && !isDigit(this.#input[this.#at + 1]))
          return this.#fieldOrVariable('field');
        return this.#number();
      default:
        return this.#other(char);
    }
  }

  #other(char: string): boolean {
    if (char === '+' || char === '-' || isDigit(char)) return this.#number();
    if (isAlphaNumeric(char)) return this.#identifier();
    if (char > ' ' && char <= '~') return this.#emitTo('char', this.#at + 1);
    return this.#fail(`unrecognized character in action: ${showChar(char)}`);
  }

  /** A run of spaces, but not the one that belongs to ` -}}`. */
  #space(): boolean {
    let end = this.#at;
    while (isSpace(this.#input[end])) end++;
    if (this.#rightDelimiterAt(end - 1)?.trims) end--;
    if (end > this.#at) this.#emitTo('space', end);
    return true;
  }

  #identifier(): boolean {
    const end = this.#wordEnd(this.#at);
    if (!this.#isTerminator(end)) return this.#fail(`bad character ${showChar(this.#char(end))}`);
    const word = this.#input.slice(this.#at, end);
    if (KEYWORDS.has(word)) return this.#emitTo(word as Keyword, end);
    return this.#emitTo(word === 'true' || word === 'false' ? 'bool' : 'identifier', end);
  }

  #fieldOrVariable(kind: 'field' | 'variable'): boolean {
    const end = this.#wordEnd(this.#at + 1);
    if (!this.#isTerminator(end)) return this.#fail(`bad character ${showChar(this.#char(end))}`);
    if (end === this.#at + 1 && kind === 'field') return this.#emitTo('dot', end);
    return this.#emitTo(kind, end);
  }

  #wordEnd(from: number): number {
    let at = from;
    for (let char = this.#char(at); char !== '' && isAlphaNumeric(char); char = this.#char(at)) at += char.length;
    return at;
  }

  #isTerminator(at: number): boolean {
    const char = this.#input[at];
    return char === undefined || isSpace(char) || '.,|:)('.includes(char) || this.#input.startsWith(RIGHT, at);
  }

  #quoted(mark: string): boolean {
    for (let at = this.#at + 1; ; at++) {
      const char = this.#input[at];
      if (char === mark) return this.#emitTo(mark === '"' ? 'string' : 'charConstant', at + 1);
      const escaped = char === '\\' ? this.#input[++at] : char;
      if (escaped === undefined || escaped === '\n') {
        return this.#fail(mark === '"' ? 'unterminated quoted string' : 'unterminated character constant');
      }
    }
  }

  #rawString(): boolean {
    const close = this.#input.indexOf('`', this.#at + 1);
    return close < 0 ? this.#fail('unterminated raw quoted string') : this.#emitTo('rawString', close + 1);
  }

  /** Numbers are checked by the parser; here only their end is found. */
  #number(): boolean {
    const end = this.#numberEnd(this.#at);
    if (end.bad) return this.#failNumber(end.at);
    if (this.#input[end.at] !== '+' && this.#input[end.at] !== '-') return this.#emitTo('number', end.at);
    const imaginary = this.#numberEnd(end.at);
    if (imaginary.bad || this.#input[imaginary.at - 1] !== 'i') return this.#failNumber(imaginary.at);
    return this.#emitTo('complex', imaginary.at);
  }

  #failNumber(end: number): boolean {
    return this.#fail(`bad number syntax: ${quote(this.#input.slice(this.#start, end))}`);
  }

  #numberEnd(from: number): { readonly at: number; readonly bad: boolean } {
    NUMBER.lastIndex = from;
    const at = from + NUMBER.exec(this.#input)![0].length;
    const next = this.#char(at);
    const bad = next !== '' && isAlphaNumeric(next);
    return { at: bad ? at + next.length : at, bad };
  }

  #char(at: number): string {
    const code = this.#input.codePointAt(at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #emitTo(kind: TokenKind, end: number): boolean {
    this.#push(kind, this.#input.slice(this.#start, end));
    this.#skipTo(end);
    return true;
  }

  #skipTo(at: number): void {
    this.#start = at;
    this.#at = at;
  }

  #finish(kind: 'eof' | 'error', text: string): boolean {
    this.#push(kind, text);
    return false;
  }

  #fail(problem: string): boolean {
    return this.#finish('error', problem);
  }

  #push(kind: TokenKind, text: string): void {
    for (; this.#lineKnownTo < this.#start; this.#lineKnownTo++) {
      if (this.#input.charCodeAt(this.#lineKnownTo) === 10) this.#line++;
    }
    this.#tokens.push({ kind, text, start: this.#start, line: this.#line });
  }
}

function trimEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isSpace(text[end - 1])) end--;
  return end;
}

function trimStart(text: string, from: number): number {
  let start = from;
  while (isSpace(text[start])) start++;
  return start;
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n';
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function isAlphaNumeric(char: string): boolean {
  return char === '_' || /^[\p{L}\p{Nd}]$/u.test(char);
}

/** Go's `%#U`: `U+00A0`, with the character itself where it can be printed; `U+FFFFFFFFFFFFFFFF` for the end of the input. */
function showChar(char: string): string {
  if (char === '') return 'U+FFFFFFFFFFFFFFFF';
  const hex = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return isPrintable(char) ? `U+${hex} '${char}'` : `U+${hex}`;
}
