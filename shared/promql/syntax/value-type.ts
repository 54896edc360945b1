import type { BinaryExpr, Expr, ParenExpr, StepInvariantExpr, UnaryExpr, ValueType } from './ast.ts';
import { FUNCTIONS } from './functions-table.ts';

/** The type of an expression's value.
 *  @see prometheus/promql/parser/ast.go Expr.Type */
export function valueType(expr: Expr): ValueType {
  const inner = withoutWrappers(expr);
  switch (inner.kind) {
    case 'aggregate':
    case 'vectorSelector':
      return 'vector';
    case 'matrixSelector':
    case 'subquery':
      return 'matrix';
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'call':
      return FUNCTIONS.get(inner.func)?.returnType ?? 'none';
    case 'binary':
      return isScalar(inner) ? 'scalar' : 'vector';
  }
}

type Wrapper = ParenExpr | StepInvariantExpr | UnaryExpr;

/** What has the same type as what is inside is taken off. */
function withoutWrappers(expr: Expr): Exclude<Expr, Wrapper> {
  let inner = expr;
  while (inner.kind === 'paren' || inner.kind === 'stepInvariant' || inner.kind === 'unary') inner = inner.expr;
  return inner;
}

/** Whether all operands are scalars, however many there are: without recursion. */
function isScalar(expr: BinaryExpr): boolean {
  const pending: Expr[] = [expr];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const operand = withoutWrappers(next);
    if (operand.kind !== 'binary') {
      if (valueType(operand) !== 'scalar') return false;
    } else if (operand.vectorMatching !== undefined) return false;
    else pending.push(operand.lhs, operand.rhs);
  }
  return true;
}

/** A type as the documentation and error messages call it: `instant vector`. */
export function documentedType(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}
