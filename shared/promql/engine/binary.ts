import type { BinaryExpr } from '#shared/promql/syntax/ast.ts';
import { changesMeaning, isSetOperator, scalarOperator } from './binary-operator.ts';
import { ColumnCombiner } from './column-combiner.ts';
import { distinctResults, type OperatorContext, type Work } from './operator-context.ts';
import { applySetOperator } from './set-operator.ts';
import {
  type Column,
  dropMetadata,
  type ScalarValue,
  type Value,
  type VectorSeries,
  type VectorValue,
} from './value.ts';
import { matchVectors } from './vector-match.ts';

/** Applies a binary operator to two scalars, two vectors or one of each. */
export function* applyBinary(lhs: Value, rhs: Value, expr: BinaryExpr, context: OperatorContext): Work<Value> {
  if (lhs.kind === 'scalar' && rhs.kind === 'scalar') return betweenScalars(expr, lhs, rhs);
  if (lhs.kind === 'vector' && rhs.kind === 'vector') return yield* betweenVectors(lhs, rhs, expr, context);
  if (lhs.kind === 'vector' && rhs.kind === 'scalar') return yield* withScalar(lhs, rhs, false, { expr, context });
  if (lhs.kind === 'scalar' && rhs.kind === 'vector') return yield* withScalar(rhs, lhs, true, { expr, context });
  throw new TypeError(`Cannot apply "${expr.op}" to ${lhs.kind} and ${rhs.kind}, expected scalars or instant vectors`);
}

function betweenScalars(expr: BinaryExpr, lhs: ScalarValue, rhs: ScalarValue): ScalarValue {
  const compute = scalarOperator(expr.op);
  return { kind: 'scalar', values: lhs.values.map((value, k) => compute(value, rhs.values[k])) };
}

function* betweenVectors(
  lhs: VectorValue,
  rhs: VectorValue,
  expr: BinaryExpr,
  context: OperatorContext,
): Work<VectorValue> {
  const { op, vectorMatching } = expr;
  if (isSetOperator(op)) {
    const within = { matching: vectorMatching!, context };
    return { kind: 'vector', series: yield* applySetOperator(op, lhs.series, rhs.series, within) };
  }
  return { kind: 'vector', series: yield* matchVectors(lhs.series, rhs.series, expr, context) };
}

/** @param swap Whether the scalar is on the left. A comparison keeps the vector's value either way.
 *  @see prometheus/promql/engine.go VectorscalarBinop */
function* withScalar(
  vector: VectorValue,
  scalar: ScalarValue,
  swap: boolean,
  { expr, context }: { readonly expr: BinaryExpr; readonly context: OperatorContext },
): Work<VectorValue> {
  const combiner = new ColumnCombiner(expr, context);
  const dropName = changesMeaning(expr.op) || expr.returnBool;
  const results: VectorSeries[] = [];
  for (const series of vector.series) {
    yield;
    const other: Column = { values: scalar.values, present: series.present };
    const [lhs, rhs] = swap ? [other, series] : [series, other];
    const { result } = combiner.combine(lhs, rhs, series.present, series);
    if (result === undefined) continue;
    const labels = dropName && !context.delayedNameRemoval ? dropMetadata(series.labels) : series.labels;
    results.push({ labels, dropName: dropName || series.dropName, ...result });
  }
  combiner.report();
  return { kind: 'vector', series: dropName ? distinctResults(results, context) : results };
}
