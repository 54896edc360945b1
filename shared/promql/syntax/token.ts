import { goQuote } from '#shared/model/labels.ts';
import type { Span } from './ast.ts';
import { utf8Length } from './syntax-error.ts';

/** What a token is: one of the capitalised classes, or else the token's canonical text: `(`, `==`, `sum`, `group_left`. */
export type TokenKind = string;

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  readonly span: Span;
}

export const END_OF_INPUT = 'EOF';
export const IDENTIFIER = 'IDENTIFIER';
/** An identifier with a colon: a metric name, never a function or label. */
export const METRIC_IDENTIFIER = 'METRIC_IDENTIFIER';
export const STRING = 'STRING';
export const NUMBER = 'NUMBER';
export const DURATION = 'DURATION';

export const AGGREGATORS: ReadonlySet<TokenKind> = new Set([
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

const MODIFIER_KEYWORDS: ReadonlySet<TokenKind> = new Set([
  'offset',
  'smoothed',
  'anchored',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'fill',
  'fill_left',
  'fill_right',
  'bool',
]);

/** Words that are functions before `(` and mean something of their own in durations or after `@`. */
export const FUNCTION_WORDS: ReadonlySet<TokenKind> = new Set(['start', 'end', 'step', 'range', 'max_of', 'min_of']);

const WORD_OPERATORS: ReadonlySet<TokenKind> = new Set(['and', 'or', 'unless', 'atan2']);

const OPERATORS: ReadonlySet<TokenKind> = new Set([
  ...WORD_OPERATORS,
  ...['+', '-', '*', '/', '%', '^', '==', '!=', '<=', '<', '>=', '>', '</', '>/', '=~', '!~', '@'],
]);

/** Words that the lexer knows, in lower case; they are recognised in any case. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...AGGREGATORS,
  ...MODIFIER_KEYWORDS,
  ...FUNCTION_WORDS,
  ...WORD_OPERATORS,
]);

/** Keywords that cannot be metric names, because a binary operator or its modifiers could not be told from one. */
const NEVER_METRIC_NAMES: ReadonlySet<TokenKind> = new Set([
  'atan2',
  'bool',
  'group_left',
  'group_right',
  'ignoring',
  'on',
]);

export function isMetricName(kind: TokenKind): boolean {
  if (kind === IDENTIFIER || kind === METRIC_IDENTIFIER) return true;
  return KEYWORDS.has(kind) && !NEVER_METRIC_NAMES.has(kind);
}

/** Whether the token can stand in `by (…)`, `on (…)` and the like. Every keyword can but `without`, which upstream's list leaves out. */
export function isGroupingLabel(kind: TokenKind): boolean {
  return kind === IDENTIFIER || kind === METRIC_IDENTIFIER || (KEYWORDS.has(kind) && kind !== 'without');
}

/** Whether an expression can begin with the token. */
export function startsExpression(kind: TokenKind): boolean {
  return LITERAL_OR_BRACKET.has(kind) || isMetricName(kind);
}

const LITERAL_OR_BRACKET: ReadonlySet<TokenKind> = new Set([NUMBER, DURATION, STRING, '(', '{', '+', '-']);

const CLASS_NAMES: Readonly<Record<string, string>> = {
  [IDENTIFIER]: 'identifier',
  [METRIC_IDENTIFIER]: 'metric identifier',
  [STRING]: 'string',
  [NUMBER]: 'number',
  [DURATION]: 'duration',
};

/** A token as error messages name it: `identifier "foo"`, `<op:+>`, `<by>`, `end of input`.
 *  @see prometheus/promql/parser/lex.go Item.desc */
export function describeToken({ kind, text }: Token): string {
  if (kind === END_OF_INPUT) return 'end of input';
  if (MODIFIER_KEYWORDS.has(kind)) return `<${text}>`;
  if (OPERATORS.has(kind)) return `<op:${text}>`;
  if (AGGREGATORS.has(kind)) return `<aggr:${text}>`;
  if (kind === IDENTIFIER || kind === METRIC_IDENTIFIER) return `${CLASS_NAMES[kind]} ${goQuote(text)}`;
  const quoted = utf8Length(text) > 10 ? `${goQuote([...text].slice(0, 10).join(''))}...` : goQuote(text);
  return Object.hasOwn(CLASS_NAMES, kind) ? `${CLASS_NAMES[kind]} ${quoted}` : quoted;
}
