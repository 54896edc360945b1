import type { Expr, ValueType } from './ast.ts';
import { FUNCTIONS } from './functions-table.ts';

/** The type of an expression's value.
 *  @see prometheus/promql/parser/ast.go Expr.Type */
export function valueType(expr: Expr): ValueType {
  switch (expr.kind) {
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
      return FUNCTIONS.get(expr.func)?.returnType ?? 'none';
    case 'binary':
      return valueType(expr.lhs) === 'scalar' && valueType(expr.rhs) === 'scalar' ? 'scalar' : 'vector';
    case 'paren':
    case 'stepInvariant':
    case 'unary':
      return valueType(expr.expr);
  }
}

/** A type as the documentation and error messages call it: `instant vector`. */
export function documentedType(type: ValueType): string {
  if (type === 'vector') return 'instant vector';
  return type === 'matrix' ? 'range vector' : type;
}
