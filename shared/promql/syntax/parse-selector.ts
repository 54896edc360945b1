import { goQuote, METRIC_NAME } from '#shared/model/labels.ts';
import { createMatcher, type Matcher, type MatchOperator } from '#shared/model/matcher.ts';
import type { Span, VectorSelector } from './ast.ts';
import { IDENTIFIER, STRING, type Token } from './token.ts';
import type { Context, TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

const MATCH_OPERATORS: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~'] satisfies MatchOperator[]);

/** Parses label matchers in braces, after a metric name or alone.
 *  @param nameToken The metric name, already consumed; without it the next token is `{`. */
export function parseVectorSelector(tokens: TokenStream, nameToken?: Token): VectorSelector {
  const start = (nameToken ?? tokens.peek()).span.start;
  const name = nameToken?.text ?? '';
  const matchers = tokens.peek().kind === '{' ? parseMatchers(tokens) : [];
  if (name !== '') matchers.push(createMatcher(METRIC_NAME, '=', name));
  return {
    kind: 'vectorSelector',
    span: { start, end: tokens.lastEnd },
    name,
    matchers,
    offset: { kind: 'fixed', ms: 0 },
    anchored: false,
    smoothed: false,
  };
}

function parseMatchers(tokens: TokenStream): Matcher[] {
  return parseBraces(tokens, 'label matching', () => parseMatcher(tokens));
}

/** A series' labels; a lone string is the metric name. The next token is `{`. */
export function parseLabelSet(tokens: TokenStream): (readonly [name: string, value: string])[] {
  return parseBraces(tokens, 'label set', () => parseLabel(tokens));
}

/** `{ item, item, }` */
function parseBraces<T>(tokens: TokenStream, construct: string, parseItem: () => T): T[] {
  tokens.expect('{');
  const items: T[] = [];
  while (tokens.eat('}') === undefined) {
    items.push(parseItem());
    if (tokens.eat(',') === undefined && tokens.peek().kind !== '}') {
      tokens.unexpected({ construct, expected: '"," or "}"' });
    }
  }
  return items;
}

function parseMatcher(tokens: TokenStream): Matcher {
  const construct = 'label matching';
  const label = parseLabelName(tokens, construct);
  if (!MATCH_OPERATORS.has(tokens.peek().kind)) {
    if (label.isQuoted) return createMatcher(METRIC_NAME, '=', label.name);
    tokens.unexpected({ construct, expected: 'label matching operator' });
  }
  const operator = tokens.next().kind as MatchOperator;
  const value = tokens.expect(STRING, { construct, expected: 'string' });
  const text = unquoteToken(tokens, value);
  return matcherOf(tokens, label, operator, { text, end: value.span.end });
}

function matcherOf(
  tokens: TokenStream,
  label: LabelName,
  operator: MatchOperator,
  value: { text: string; end: number },
): Matcher {
  const span: Span = { start: label.span.start, end: value.end };
  // Upstream compares alternatives of plain text without compiling them, so only a real pattern must be UTF-8.
  if (operator.endsWith('~') && !value.text.isWellFormed() && /[\\.+*?()[\]{}^$]/.test(value.text)) {
    const rest = value.text.slice(value.text.search(/\p{Surrogate}/u)).toWellFormed();
    tokens.fail(span, `error parsing regexp: invalid UTF-8: \`${rest}\``);
  }
  try {
    return createMatcher(label.name, operator, value.text);
  } catch (error) {
    return tokens.fail(span, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseLabel(tokens: TokenStream): readonly [name: string, value: string] {
  const construct = 'label set';
  const label = parseLabelName(tokens, construct);
  if (tokens.eat('=') === undefined) {
    if (label.isQuoted) return [METRIC_NAME, label.name];
    tokens.unexpected({ construct, expected: '"="' });
  }
  return [label.name, unquoteToken(tokens, tokens.expect(STRING, { construct, expected: 'string' }))];
}

interface LabelName {
  readonly name: string;
  readonly isQuoted: boolean;
  readonly span: Span;
}

function parseLabelName(tokens: TokenStream, construct: string): LabelName {
  const context: Context = { construct, expected: 'identifier or "}"' };
  const identifier = tokens.eat(IDENTIFIER);
  if (identifier !== undefined) return { name: identifier.text, isQuoted: false, span: identifier.span };
  const quoted = tokens.expect(STRING, context);
  return { name: unquoteToken(tokens, quoted), isQuoted: true, span: quoted.span };
}

/** The text of a string token. */
export function unquoteToken(tokens: TokenStream, token: Token): string {
  try {
    return unquote(token.text);
  } catch (error) {
    // The lexer has refused all that unquote() refuses; kept so that a difference between them is an error of the query.
    return tokens.fail(token.span, `error unquoting string ${goQuote(token.text)}: invalid syntax`, { cause: error });
  }
}
