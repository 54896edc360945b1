import { goPow } from '#shared/promql/functions/go-math.ts';
import { goAtan2 } from '#shared/promql/functions/go-trigonometry.ts';
import type {
  ArithmeticOperator,
  BinaryOperator,
  ComparisonOperator,
  SetOperator,
  TrimOperator,
} from '#shared/promql/syntax/ast.ts';
import { executionError } from './query-error.ts';

/** An operator that makes a new number of two. */
export type Arithmetic = (lhs: number, rhs: number) => number;
/** An operator that keeps or drops. */
export type Comparison = (lhs: number, rhs: number) => boolean;

const ARITHMETIC: Readonly<Record<ArithmeticOperator, Arithmetic>> = {
  '+': (lhs, rhs) => lhs + rhs,
  '-': (lhs, rhs) => lhs - rhs,
  '*': (lhs, rhs) => lhs * rhs,
  '/': (lhs, rhs) => lhs / rhs,
  '%': (lhs, rhs) => lhs % rhs,
  '^': goPow,
  atan2: goAtan2,
};

const COMPARISON: Readonly<Record<ComparisonOperator, Comparison>> = {
  '==': (lhs, rhs) => lhs === rhs,
  '!=': (lhs, rhs) => lhs !== rhs,
  '>': (lhs, rhs) => lhs > rhs,
  '<': (lhs, rhs) => lhs < rhs,
  '>=': (lhs, rhs) => lhs >= rhs,
  '<=': (lhs, rhs) => lhs <= rhs,
};

export function isComparison(op: BinaryOperator): op is ComparisonOperator {
  return Object.hasOwn(COMPARISON, op);
}

export function isSetOperator(op: BinaryOperator): op is SetOperator {
  return op === 'and' || op === 'or' || op === 'unless';
}

/** Trimming, which only native histograms know. */
export function isTrim(op: BinaryOperator): op is TrimOperator {
  return op === '</' || op === '>/';
}

/** Whether the result is no longer the metric that the operand was.
 *  @see prometheus/promql/engine.go changesMetricSchema */
export function changesMeaning(op: BinaryOperator): boolean {
  return Object.hasOwn(ARITHMETIC, op);
}

/** The operator between two floats, where comparisons keep or drop. */
export function comparison(op: ComparisonOperator): Comparison {
  return COMPARISON[op];
}

/** @throws {QueryError} For operators that are not between numbers. */
export function arithmetic(op: BinaryOperator): Arithmetic {
  if (!Object.hasOwn(ARITHMETIC, op)) throw executionError(`operator "${op}" not allowed for Scalar operations`);
  return ARITHMETIC[op as ArithmeticOperator];
}

/** The operator between two scalars, where comparisons give 0 and 1. */
export function scalarOperator(op: BinaryOperator): Arithmetic {
  if (!isComparison(op)) return arithmetic(op);
  const holds = COMPARISON[op];
  return (lhs, rhs) => (holds(lhs, rhs) ? 1 : 0);
}
