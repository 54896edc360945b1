import { unquote } from '#shared/promql/syntax/unquote.ts';

export type MatcherTokenKind = '{' | '}' | ',' | '=' | '!=' | '=~' | '!~' | 'quoted' | 'unquoted' | 'end';

/** A token of the UTF-8 matchers' grammar. Columns count characters from 0, the end exclusive. */
export interface MatcherToken {
  readonly kind: MatcherTokenKind;
  readonly text: string;
  readonly startColumn: number;
  readonly endColumn: number;
}

/** Scans matchers token by token, one ahead.
 *  @see alertmanager/matcher/parse/lexer.go */
export class MatcherTokens {
  readonly #chars: readonly string[];
  /** Where the current token starts and the cursor is. */
  #start = 0;
  #at = 0;
  #next: MatcherToken | undefined;
  /** How far has been taken. */
  #taken = 0;

  constructor(text: string) {
    this.#chars = [...text];
  }

  /** The next token, left where it is. @throws {SyntaxError} When there is no token. */
  peek(): MatcherToken {
    this.#next ??= this.#scan();
    return this.#next;
  }

  /** Takes the next token if it is of that kind. */
  accept(kind: MatcherTokenKind): boolean {
    if (this.peek().kind !== kind) return false;
    this.take();
    return true;
  }

  take(): MatcherToken {
    const token = this.peek();
    this.#next = undefined;
    this.#taken = token.endColumn;
    return token;
  }

  /** The kind of the next token, one of `kinds`.
   *  @param expected The end of the message when it is another, or none.
   *  @throws {SyntaxError} */
  peekOneOf(kinds: readonly MatcherTokenKind[], expected: string): MatcherTokenKind {
    const token = this.#peekFor(expected);
    if (kinds.includes(token.kind)) return token.kind;
    if (token.kind === 'end') throw new SyntaxError(`end of input: ${expected}`);
    throw new SyntaxError(`${place(token)}: unexpected ${token.text}: ${expected}`);
  }

  /** Takes the next token, one of `kinds`. @throws {SyntaxError} */
  expect(kinds: readonly MatcherTokenKind[], expected: string): MatcherToken {
    this.peekOneOf(kinds, expected);
    return this.take();
  }

  expectCloseBrace(): void {
    try {
      this.expect(['}'], 'expected close brace');
    } catch (error) {
      throw new SyntaxError(`0:${this.#taken}: ${(error as Error).message}`, { cause: error });
    }
  }

  expectEnd(): void {
    const token = this.#peekFor('expected end of input');
    if (token.kind !== 'end') throw new SyntaxError(`${place(token)}: ${token.text}: expected end of input`);
  }

  /** How many characters have been taken. */
  get column(): number {
    return this.#taken;
  }

  #peekFor(expected: string): MatcherToken {
    try {
      return this.peek();
    } catch (error) {
      throw new SyntaxError(`${(error as Error).message}: ${expected}`, { cause: error });
    }
  }

  #scan(): MatcherToken {
    while (isSpace(this.#chars[this.#at])) this.#at++;
    this.#start = this.#at;
    const char = this.#chars[this.#at];
    if (char === undefined) return this.#emit('end');
    if (char === '{' || char === '}' || char === ',') return this.#emit(char, 1);
    if (char === '=') return this.#isNext('~') ? this.#emit('=~', 2) : this.#emit('=', 1);
    if (char === '!') return this.#scanNot();
    if (char === '"') return this.#scanQuoted();
    if (!isReserved(char)) return this.#scanUnquoted();
    this.#at++;
    throw this.#error('invalid input');
  }

  #scanNot(): MatcherToken {
    if (this.#isNext('=')) return this.#emit('!=', 2);
    if (this.#isNext('~')) return this.#emit('!~', 2);
    this.#at++;
    if (this.#at < this.#chars.length) throw this.#error("expected one of '=~'");
    throw new SyntaxError(`${this.#start}:${this.#at}: unexpected end of input, expected one of '=~'`);
  }

  #scanQuoted(): MatcherToken {
    this.#at++;
    while (this.#at < this.#chars.length && this.#chars[this.#at] !== '"') {
      this.#at += this.#chars[this.#at] === '\\' ? 2 : 1;
    }
    if (this.#at < this.#chars.length) return this.#emit('quoted', 1);
    this.#at = this.#chars.length;
    throw this.#error('missing end "');
  }

  #scanUnquoted(): MatcherToken {
    while (this.#at < this.#chars.length && !isReserved(this.#chars[this.#at])) this.#at++;
    return this.#emit('unquoted');
  }

  #isNext(char: string): boolean {
    return this.#chars[this.#at + 1] === char;
  }

  #emit(kind: MatcherTokenKind, length = 0): MatcherToken {
    this.#at += length;
    return { kind, text: this.#text(), startColumn: this.#start, endColumn: this.#at };
  }

  #text(): string {
    return this.#chars.slice(this.#start, this.#at).join('');
  }

  #error(problem: string): SyntaxError {
    return new SyntaxError(`${this.#start}:${this.#at}: ${this.#text()}: ${problem}`);
  }
}

/** The text of a label name or value. @throws {SyntaxError} When it is quoted badly, or is not UTF-8. */
export function tokenText(token: MatcherToken): string {
  if (token.kind !== 'quoted') return token.text;
  const text = tryUnquote(token.text);
  // Bytes that are not UTF-8 come as lone surrogates.
  if (!text?.isWellFormed()) throw new SyntaxError(`${place(token)}: ${token.text}: invalid input`);
  return text;
}

function tryUnquote(literal: string): string | undefined {
  try {
    return unquote(literal);
  } catch {
    return undefined;
  }
}

/** Whether a character must be quoted in a label name. */
function isReserved(char: string): boolean {
  return isSpace(char) || '{}!=~,\\"\'`'.includes(char);
}

/** As Go's `unicode.IsSpace`, which differs from `\s` by U+0085 and U+FEFF. */
function isSpace(char: string | undefined): boolean {
  return char !== undefined && (char === '\u0085' || (/\s/.test(char) && char !== '\ufeff'));
}

function place(token: MatcherToken): string {
  return `${token.startColumn}:${token.endColumn}`;
}
