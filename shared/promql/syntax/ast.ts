import type { Matcher, MatchOperator } from '#shared/model/matcher.ts';

/** Where a node stands in the query: offsets in UTF-16 units, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ValueType = 'none' | 'scalar' | 'vector' | 'matrix' | 'string';

/** A PromQL expression. Names of nodes and fields are upstream's.
 *  @see prometheus/promql/parser/ast.go */
export type Expr =
  | AggregateExpr
  | BinaryExpr
  | Call
  | MatrixSelector
  | NumberLiteral
  | ParenExpr
  | StepInvariantExpr
  | StringLiteral
  | SubqueryExpr
  | UnaryExpr
  | VectorSelector;

export type AggregateOperator =
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'count'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'count_values'
  | 'quantile'
  | 'limitk'
  | 'limit_ratio';

export interface AggregateExpr {
  readonly kind: 'aggregate';
  readonly span: Span;
  readonly op: AggregateOperator;
  readonly expr: Expr;
  /** Of topk, bottomk, quantile, limitk, limit_ratio (scalar) and count_values (string). */
  readonly param?: Expr;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type ComparisonOperator = '==' | '!=' | '>' | '<' | '>=' | '<=';
export type SetOperator = 'and' | 'or' | 'unless';
/** Histogram trimming. */
export type TrimOperator = '</' | '>/';
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator | TrimOperator;

export interface BinaryExpr {
  readonly kind: 'binary';
  readonly span: Span;
  readonly op: BinaryOperator;
  readonly lhs: Expr;
  readonly rhs: Expr;
  /** Present when both sides are vectors. */
  readonly vectorMatching?: VectorMatching;
  readonly returnBool: boolean;
}

export interface VectorMatching {
  readonly card: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  readonly matchingLabels: readonly string[];
  /** `on(…)`; else `ignoring(…)`, which is also the default with no labels. */
  readonly on: boolean;
  /** Labels copied from the "one" side: `group_left(…)`. */
  readonly include: readonly string[];
  readonly fillLeft?: number;
  readonly fillRight?: number;
}

export interface Call {
  readonly kind: 'call';
  readonly span: Span;
  readonly func: string;
  readonly args: readonly Expr[];
}

/** A time given by `@`: Unix milliseconds, or the query's start or end. */
export type AtModifier = { readonly timestampMs: number } | { readonly startOrEnd: 'start' | 'end' };

/** A duration that is known when parsed, or an expression of numbers, step(), range() … that is known when the query runs. */
export type DurationValue =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'expr'; readonly expr: DurationExpr };

/** @see prometheus/promql/parser/ast.go DurationExpr */
export type DurationExpr =
  | {
      readonly kind: 'number';
      readonly span: Span /** Seconds. */;
      readonly value: number;
      readonly isDuration: boolean;
    }
  | { readonly kind: 'step' | 'range'; readonly span: Span }
  | { readonly kind: 'unary'; readonly span: Span; readonly op: '+' | '-'; readonly operand: DurationExpr }
  | { readonly kind: 'paren'; readonly span: Span; readonly inner: DurationExpr }
  | {
      readonly kind: 'binary';
      readonly span: Span;
      readonly op: '+' | '-' | '*' | '/' | '%' | '^' | 'min_of' | 'max_of';
      readonly lhs: DurationExpr;
      readonly rhs: DurationExpr;
    };

export interface VectorSelector {
  readonly kind: 'vectorSelector';
  readonly span: Span;
  /** The metric name written before the braces; `''` when none. It is also among the matchers. */
  readonly name: string;
  readonly matchers: readonly Matcher[];
  /** As written; negative looks ahead. */
  readonly offset: DurationValue;
  readonly at?: AtModifier;
  readonly anchored: boolean;
  readonly smoothed: boolean;
}

export interface MatrixSelector {
  readonly kind: 'matrixSelector';
  readonly span: Span;
  readonly vectorSelector: VectorSelector;
  readonly range: DurationValue;
}

export interface SubqueryExpr {
  readonly kind: 'subquery';
  readonly span: Span;
  readonly expr: Expr;
  readonly range: DurationValue;
  /** `{ fixed, 0 }` when left out: the default step of the engine. */
  readonly step: DurationValue;
  readonly offset: DurationValue;
  readonly at?: AtModifier;
}

export interface NumberLiteral {
  readonly kind: 'number';
  readonly span: Span;
  readonly value: number;
  /** Written as a duration, such as `5m`. */
  readonly isDuration: boolean;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly span: Span;
  readonly value: string;
}

export interface ParenExpr {
  readonly kind: 'paren';
  readonly span: Span;
  readonly expr: Expr;
}

export interface UnaryExpr {
  readonly kind: 'unary';
  readonly span: Span;
  readonly op: '+' | '-';
  readonly expr: Expr;
}

/** Put around by the engine's preparation, never by the parser: the value is the same at every step. */
export interface StepInvariantExpr {
  readonly kind: 'stepInvariant';
  readonly span: Span;
  readonly expr: Expr;
}

export type { MatchOperator };
