import type { BinaryExpr } from '#shared/promql/syntax/ast.ts';
import { type Annotation, incompatibleTypes } from './annotations.ts';
import { isComparison, isSetOperator, isTrim, pairOperator, scalarOperator } from './binary-operator.ts';
import { applySetOperator } from './set-operator.ts';
import {
  createColumn,
  dropMetadata,
  EMPTY_VECTOR,
  mergeSameLabels,
  type ScalarValue,
  type Value,
  type VectorSeries,
  type VectorValue,
} from './value.ts';
import { changesMeaning, type MatchOptions, matchVectors } from './vector-match.ts';

export interface BinaryOptions extends MatchOptions {
  readonly annotate: (annotation: Annotation) => void;
}

/** Applies a binary operator to two scalars, two vectors or one of each. */
export function applyBinary(lhs: Value, rhs: Value, options: BinaryOptions): Value {
  const { expr } = options;
  if (lhs.kind === 'scalar' && rhs.kind === 'scalar') return betweenScalars(expr, lhs, rhs);
  if (isTrim(expr.op)) return trimFloats(lhs, rhs, options);
  if (lhs.kind === 'vector' && rhs.kind === 'vector') return betweenVectors(lhs, rhs, options);
  if (lhs.kind === 'vector' && rhs.kind === 'scalar') return withScalar(lhs, rhs, false, options);
  if (lhs.kind === 'scalar' && rhs.kind === 'vector') return withScalar(rhs, lhs, true, options);
  throw new TypeError(`Cannot apply "${expr.op}" to ${lhs.kind} and ${rhs.kind}, expected scalars or instant vectors`);
}

function betweenScalars(expr: BinaryExpr, lhs: ScalarValue, rhs: ScalarValue): ScalarValue {
  const compute = scalarOperator(expr.op);
  return { kind: 'scalar', values: lhs.values.map((value, k) => compute(value, rhs.values[k])) };
}

function betweenVectors(lhs: VectorValue, rhs: VectorValue, options: BinaryOptions): VectorValue {
  const { op, vectorMatching } = options.expr;
  if (isSetOperator(op)) {
    return { kind: 'vector', series: applySetOperator(op, lhs.series, rhs.series, vectorMatching!) };
  }
  return { kind: 'vector', series: matchVectors(lhs.series, rhs.series, options) };
}

/** Only native histograms can be trimmed: floats give nothing but a remark. */
function trimFloats(lhs: Value, rhs: Value, { expr, annotate }: BinaryOptions): VectorValue {
  const sides = [lhs, rhs].filter((side) => side.kind === 'vector');
  if (sides.every((side) => side.series.length > 0)) annotate(incompatibleTypes('float', expr.op, 'float', expr.span));
  return EMPTY_VECTOR;
}

/** @param swap Whether the scalar is on the left. A comparison keeps the vector's value either way.
 *  @see prometheus/promql/engine.go VectorscalarBinop */
function withScalar(vector: VectorValue, scalar: ScalarValue, swap: boolean, options: BinaryOptions): VectorValue {
  const { expr, delayedNameRemoval } = options;
  const operator = pairOperator(expr.op, expr.returnBool);
  const filters = isComparison(expr.op) && !expr.returnBool;
  const dropName = changesMeaning(expr) || expr.returnBool;
  const results: VectorSeries[] = [];
  for (const series of vector.series) {
    const column = createColumn(options.steps);
    for (let k = 0; k < options.steps; k++) {
      if (series.present[k] === 0) continue;
      const value = series.values[k];
      if (swap) operator(scalar.values[k], value, column, k);
      else operator(value, scalar.values[k], column, k);
    }
    if (!column.present.includes(1)) continue;
    const labels = dropName && !delayedNameRemoval ? dropMetadata(series.labels) : series.labels;
    const values = filters ? series.values : column.values;
    results.push({ labels, values, present: column.present, dropName: dropName || series.dropName });
  }
  return { kind: 'vector', series: mergeSameLabels(results) };
}
