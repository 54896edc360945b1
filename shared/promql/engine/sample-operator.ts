import {
  addHistograms,
  type CombinedHistogram,
  divideHistogram,
  multiplyHistogram,
  subtractHistograms,
  withCounterReset,
} from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import { equalHistograms } from '#shared/model/histogram/equal.ts';
import { trimHistogram } from '#shared/model/histogram/trim.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import type { BinaryExpr } from '#shared/promql/syntax/ast.ts';
import {
  type Annotation,
  counterResetCollision,
  type HistogramOperation,
  incompatibleBucketLayout,
  incompatibleTypes,
  mismatchedCustomBuckets,
} from './annotations.ts';
import { arithmetic, comparison, isComparison, isTrim } from './binary-operator.ts';

/** A float or a native histogram. */
export type Sample = number | Histogram;

/** What an operator makes of two samples. */
export interface Combined {
  readonly value: Sample;
  /** Whether a comparison holds; else true. */
  readonly keep: boolean;
  /** A remark on the value. */
  readonly remark?: Annotation;
}

/** Why there is no value. */
export interface NotCombined {
  readonly refusal: Annotation;
}

/** Applies an operator to two samples of any type.
 *  @see prometheus/promql/engine.go vectorElemBinop */
export function combineSamples(expr: BinaryExpr, lhs: Sample, rhs: Sample): Combined | NotCombined {
  if (typeof lhs === 'number') {
    return typeof rhs === 'number' ? betweenFloats(expr, lhs, rhs) : floatWithHistogram(expr, lhs, rhs);
  }
  return typeof rhs === 'number' ? histogramWithFloat(expr, lhs, rhs) : betweenHistograms(expr, lhs, rhs);
}

function betweenFloats(expr: BinaryExpr, lhs: number, rhs: number): Combined | NotCombined {
  const { op } = expr;
  if (isTrim(op)) return refuse(expr, 'float', 'float');
  if (isComparison(op)) return { value: lhs, keep: comparison(op)(lhs, rhs) };
  return { value: arithmetic(op)(lhs, rhs), keep: true };
}

function floatWithHistogram(expr: BinaryExpr, lhs: number, rhs: Histogram): Combined | NotCombined {
  if (expr.op !== '*') return refuse(expr, 'float', 'histogram');
  return { value: compactHistogram(multiplyHistogram(rhs, lhs)), keep: true };
}

function histogramWithFloat(expr: BinaryExpr, lhs: Histogram, rhs: number): Combined | NotCombined {
  switch (expr.op) {
    case '*':
      return { value: compactHistogram(multiplyHistogram(lhs, rhs)), keep: true };
    case '/':
      return { value: compactHistogram(divideHistogram(lhs, rhs)), keep: true };
    case '</':
      return { value: trimHistogram(lhs, rhs, 'below'), keep: true };
    case '>/':
      return { value: trimHistogram(lhs, rhs, 'above'), keep: true };
    default:
      return refuse(expr, 'histogram', 'float');
  }
}

function betweenHistograms(expr: BinaryExpr, lhs: Histogram, rhs: Histogram): Combined | NotCombined {
  switch (expr.op) {
    case '+':
      return fromCombined(expr, addHistograms(lhs, rhs), 'addition');
    case '-':
      return fromCombined(expr, subtractHistograms(lhs, rhs), 'subtraction');
    case '==':
      return { value: lhs, keep: equalHistograms(lhs, rhs) };
    case '!=':
      return { value: lhs, keep: !equalHistograms(lhs, rhs) };
    default:
      return refuse(expr, 'histogram', 'histogram');
  }
}

/** Upstream drops a result about which the counter resets collide. */
function fromCombined(
  { op, span }: BinaryExpr,
  combined: CombinedHistogram | undefined,
  operation: HistogramOperation,
): Combined | NotCombined {
  if (combined === undefined) return { refusal: incompatibleBucketLayout(op, span) };
  if (combined.counterResetCollision) return { refusal: counterResetCollision(operation, span) };
  const { histogram, boundsReconciled } = combined;
  const value = compactHistogram(operation === 'subtraction' ? withCounterReset(histogram, 'gauge') : histogram);
  return boundsReconciled
    ? { value, keep: true, remark: mismatchedCustomBuckets(operation, span) }
    : { value, keep: true };
}

function refuse({ op, span }: BinaryExpr, left: string, right: string): NotCombined {
  return { refusal: incompatibleTypes(left, op, right, span) };
}
