import { formatFloatPlain } from '#shared/model/float.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { AtModifier, BinaryExpr, Call, DurationExpr, DurationValue, Expr, VectorSelector } from './ast.ts';
import { checkNesting } from './depth.ts';
import { FUNCTIONS } from './functions-table.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A number that JSON cannot have: `unsupported value: -Inf`. */
export class UnsupportedValueError extends Error {}

/** The tree as `/api/v1/parse_query` gives it; keys are in alphabetical order, as Go writes maps.
 *  @throws {RangeError} When it is nested too deeply for encoders of JSON.
 *  @throws {UnsupportedValueError} When it fills in a value that JSON has no number for.
 *  @see prometheus/web/api/v1/translate_ast.go */
export function exprToJson(expr: Expr): Json {
  checkNesting(expr, 'show the tree of');
  return nodeToJson(expr);
}

function nodeToJson(expr: Expr): Json {
  switch (expr.kind) {
    case 'aggregate':
      return {
        expr: nodeToJson(expr.expr),
        grouping: expr.grouping,
        op: expr.op,
        param: expr.param === undefined ? null : nodeToJson(expr.param),
        type: 'aggregation',
        without: expr.without,
      };
    case 'binary':
      return {
        bool: expr.returnBool,
        lhs: nodeToJson(expr.lhs),
        matching: matchingToJson(expr),
        op: expr.op,
        rhs: nodeToJson(expr.rhs),
        type: 'binaryExpr',
      };
    case 'call':
      return { args: expr.args.map(nodeToJson), func: signatureToJson(expr), type: 'call' };
    case 'matrixSelector': {
      const selector = selectorToJson(expr.vectorSelector);
      const { name, offset, offsetExpr, smoothed, startOrEnd, timestamp, ...matching } = selector;
      const range = { range: fixedMs(expr.range), rangeExpr: exprOf(expr.range) };
      return {
        ...matching,
        name,
        offset,
        offsetExpr,
        ...range,
        smoothed,
        startOrEnd,
        timestamp,
        type: 'matrixSelector',
      };
    }
    case 'number':
      return { type: 'numberLiteral', val: formatFloatPlain(expr.value) };
    case 'paren':
      return { expr: nodeToJson(expr.expr), type: 'parenExpr' };
    case 'stepInvariant':
      return nodeToJson(expr.expr);
    case 'string':
      return { type: 'stringLiteral', val: jsonText(expr.value) };
    case 'subquery':
      return {
        expr: nodeToJson(expr.expr),
        offset: fixedMs(expr.offset),
        offsetExpr: exprOf(expr.offset),
        range: fixedMs(expr.range),
        rangeExpr: exprOf(expr.range),
        startOrEnd: startOrEnd(expr.at),
        step: fixedMs(expr.step),
        stepExpr: exprOf(expr.step),
        timestamp: timestampMs(expr.at),
        type: 'subquery',
      };
    case 'unary':
      return { expr: nodeToJson(expr.expr), op: expr.op, type: 'unaryExpr' };
    case 'vectorSelector':
      return { ...selectorToJson(expr), type: 'vectorSelector' };
  }
}

function selectorToJson(selector: VectorSelector) {
  return {
    anchored: selector.anchored,
    matchers: selector.matchers.map(matcherToJson),
    name: selector.name,
    offset: fixedMs(selector.offset),
    offsetExpr: exprOf(selector.offset),
    smoothed: selector.smoothed,
    startOrEnd: startOrEnd(selector.at),
    timestamp: timestampMs(selector.at),
  };
}

function matcherToJson({ name, operator, value }: Matcher): Json {
  return { name: jsonText(name), type: operator, value: jsonText(value) };
}

/** Go writes a byte that is not UTF-8 as U+FFFD. */
function jsonText(text: string): string {
  return text.toWellFormed();
}

function matchingToJson({ vectorMatching }: BinaryExpr): Json {
  if (vectorMatching === undefined) return null;
  const { card, fillLeft, fillRight, include, matchingLabels, on } = vectorMatching;
  const fillValues = { lhs: fillToJson(fillLeft), rhs: fillToJson(fillRight) };
  return { card, fillValues, include, labels: matchingLabels, on };
}

function fillToJson(value: number | undefined): Json {
  if (value === undefined) return null;
  if (!Number.isFinite(value)) throw new UnsupportedValueError(`unsupported value: ${formatFloatPlain(value)}`);
  return value;
}

function signatureToJson({ func }: Call): Json {
  const { name, argTypes, returnType, variadic } = FUNCTIONS.get(func)!;
  return { argTypes, name, returnType, variadic };
}

function fixedMs(value: DurationValue): number {
  return value.kind === 'fixed' ? value.ms : 0;
}

function exprOf(value: DurationValue): Json {
  return value.kind === 'fixed' ? null : durationExprToJson(value.expr, false);
}

/** Upstream has no node for parentheses: they are a mark on what is in them, and a number takes the mark by a plus before it. */
function durationExprToJson(expr: DurationExpr, wrapped: boolean): Json {
  const node = (op: string, lhs: Json, rhs: Json): Json => ({ lhs, op, rhs, type: 'durationExpr', wrapped });
  switch (expr.kind) {
    case 'number': {
      const number = { duration: expr.isDuration, type: 'numberLiteral', val: formatFloatPlain(expr.value) };
      return wrapped ? node('+', null, number) : number;
    }
    case 'step':
    case 'range':
      return node(expr.kind, null, null);
    case 'unary':
      return node(expr.op, null, durationExprToJson(expr.operand, false));
    case 'paren':
      return durationExprToJson(expr.inner, true);
    case 'binary':
      return node(expr.op, durationExprToJson(expr.lhs, false), durationExprToJson(expr.rhs, false));
  }
}

function startOrEnd(at: AtModifier | undefined): Json {
  return at !== undefined && 'startOrEnd' in at ? at.startOrEnd : null;
}

function timestampMs(at: AtModifier | undefined): Json {
  return at !== undefined && 'timestampMs' in at ? at.timestampMs : null;
}
