import type { Expr } from './ast.ts';
import { checkNesting } from './depth.ts';
import { type PrinterOptions, printAggregateHead, printExpr, printOperator, printSubqueryTail } from './printer.ts';
import { utf8Length } from './syntax-error.ts';

/** In bytes, as upstream counts. What is longer on one line is broken into several. */
const MAX_LINE_LENGTH = 100;

/** An expression over several lines, two spaces a level, as `/api/v1/format_query` gives it.
 *  @throws {RangeError} When it is nested too deeply: each level is indented by its depth.
 *  @see prometheus/promql/parser/prettier.go */
export function prettifyExpr(expr: Expr, options: PrinterOptions = {}): string {
  checkNesting(expr, 'format');
  return prettify(expr, 0, options);
}

/** @param level 0 also where the parent has not begun a new line. */
function prettify(expr: Expr, level: number, options: PrinterOptions): string {
  const indent = '  '.repeat(level);
  const below = (part: Expr) => prettify(part, level + 1, options);
  switch (expr.kind) {
    case 'matrixSelector':
    case 'number':
    case 'string':
    case 'vectorSelector':
      return indent + printExpr(expr, options);
    case 'stepInvariant':
      return prettify(expr.expr, level, options);
    case 'unary':
      return `${indent}${expr.op}${prettify(expr.expr, level, options).trim()}`;
    case 'subquery': {
      const line = printExpr(expr, options);
      // Upstream does not indent a subquery that fits.
      return fits(line) ? line : `${prettify(expr.expr, level, options)}${printSubqueryTail(expr)}`;
    }
  }
  const line = printExpr(expr, options);
  if (fits(line)) return indent + line;
  switch (expr.kind) {
    case 'aggregate': {
      const args = expr.param === undefined ? [expr.expr] : [expr.param, expr.expr];
      return `${indent}${printAggregateHead(expr, options)}(\n${args.map(below).join(',\n')}\n${indent})`;
    }
    case 'binary':
      return `${below(expr.lhs)}\n${indent}${printOperator(expr, options)}\n${below(expr.rhs)}`;
    case 'call':
      return `${indent}${expr.func}(\n${expr.args.map(below).join(',\n')}\n${indent})`;
    case 'paren':
      return `${indent}(\n${below(expr.expr)}\n${indent})`;
  }
}

function fits(line: string): boolean {
  return utf8Length(line) <= MAX_LINE_LENGTH;
}
