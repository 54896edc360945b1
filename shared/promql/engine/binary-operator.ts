import { goPow } from '#shared/promql/functions/go-math.ts';
import type {
  ArithmeticOperator,
  BinaryOperator,
  ComparisonOperator,
  SetOperator,
  TrimOperator,
} from '#shared/promql/syntax/ast.ts';
import { executionError } from './query-error.ts';
import type { Column } from './value.ts';

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
  atan2: Math.atan2,
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

/** Computes the sample of step k, or leaves it out. */
export type PairOperator = (lhs: number, rhs: number, out: Column, k: number) => void;

/** An operator between two samples: comparisons filter, and keep the left value, unless they give 0 and 1. */
export function pairOperator(op: BinaryOperator, returnBool: boolean): PairOperator {
  if (!isComparison(op)) {
    const compute = arithmetic(op);
    return (lhs, rhs, out, k) => {
      out.values[k] = compute(lhs, rhs);
      out.present[k] = 1;
    };
  }
  const holds = COMPARISON[op];
  if (!returnBool) {
    return (lhs, rhs, out, k) => {
      if (!holds(lhs, rhs)) return;
      out.values[k] = lhs;
      out.present[k] = 1;
    };
  }
  return (lhs, rhs, out, k) => {
    out.values[k] = holds(lhs, rhs) ? 1 : 0;
    out.present[k] = 1;
  };
}

/** The operator between two scalars, where comparisons give 0 and 1. */
export function scalarOperator(op: BinaryOperator): Arithmetic {
  if (!isComparison(op)) return arithmetic(op);
  const holds = COMPARISON[op];
  return (lhs, rhs) => (holds(lhs, rhs) ? 1 : 0);
}

function arithmetic(op: BinaryOperator): Arithmetic {
  if (!Object.hasOwn(ARITHMETIC, op)) throw executionError(`operator "${op}" not allowed for Scalar operations`);
  return ARITHMETIC[op as ArithmeticOperator];
}
