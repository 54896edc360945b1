import type { Span } from './ast.ts';
import { Lexer } from './lexer.ts';
import { PromqlSyntaxError } from './syntax-error.ts';
import { describeToken, type Token, type TokenKind } from './token.ts';

/** Which optional syntax is on. The defaults are those of the Prometheus binary: all off. */
export interface ParserOptions {
  /** Feature `promql-experimental-functions`. @default false */
  readonly experimentalFunctions?: boolean;
  /** `fill(…)`, `fill_left(…)`, `fill_right(…)`: feature `promql-binop-fill-modifiers`. @default false */
  readonly binopFillModifiers?: boolean;
  /** Letters of any script and inner dots in unquoted names: feature `promql-unquoted-utf8-names`. @default false */
  readonly unquotedUtf8Names?: boolean;
}

/** What an error about an unexpected token says of the place: `in <construct>, expected <expected>`. */
export interface Context {
  readonly construct: string;
  readonly expected: string;
}

/** Durations that are nested deeper are refused: each level takes stack in the parser, the printer and the engine. */
export const MAX_DURATION_DEPTH = 500;

/** The tokens of one query with one token of lookahead, and where the parser is: what a handwritten parser needs.
 *  A token is only read when it is asked for, because upstream reports an error of the lexer at that moment. */
export class TokenStream {
  readonly query: string;
  readonly options: ParserOptions;
  /** Where the last consumed token ends. */
  lastEnd = 0;
  readonly #lexer: Lexer;
  #ahead: Token | undefined;
  #context: Context = { construct: '', expected: '' };
  #depth = 0;

  constructor(query: string, options: ParserOptions) {
    this.query = query.toWellFormed();
    this.options = options;
    this.#lexer = new Lexer(this.query, options.unquotedUtf8Names ?? false);
  }

  peek(): Token {
    this.#ahead ??= this.#lexer.read();
    return this.#ahead;
  }

  next(): Token {
    const token = this.peek();
    this.#ahead = undefined;
    this.lastEnd = token.span.end;
    return token;
  }

  /** Consumes the next token if it is of the kind. */
  eat(kind: TokenKind): Token | undefined {
    return this.peek().kind === kind ? this.next() : undefined;
  }

  /** Consumes a token of the kind. @param context Instead of the surrounding construct's. */
  expect(kind: TokenKind, context?: Context): Token {
    return this.eat(kind) ?? this.unexpected(context);
  }

  /** Runs `parse`; errors about unexpected tokens inside it speak of `context`, unless it sets its own. */
  within<T>(context: Context, parse: () => T): T {
    const outer = this.enter(context);
    const result = parse();
    this.enter(outer);
    return result;
  }

  /** As `within()`, where the construct ends in another function. @returns The context to go back to. */
  enter(context: Context): Context {
    const outer = this.#context;
    this.#context = context;
    return outer;
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    this.#depth++;
    if (this.#depth > MAX_DURATION_DEPTH) this.failDepth(this.peek().span, MAX_DURATION_DEPTH);
    const result = parse();
    this.#depth--;
    return result;
  }

  failDepth(span: Span, max: number): never {
    return this.fail(span, `expression is nested too deeply, more than ${max} levels`);
  }

  unexpected({ construct, expected }: Context = this.#context): never {
    const token = this.peek();
    const place = construct === '' ? '' : ` in ${construct}`;
    const wanted = expected === '' ? '' : `, expected ${expected}`;
    return this.fail(token.span, `unexpected ${describeToken(token)}${place}${wanted}`);
  }

  fail(span: Span, problem: string, options?: ErrorOptions): never {
    throw new PromqlSyntaxError(this.query, span, problem, options);
  }
}
