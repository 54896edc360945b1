import { formatDuration } from '#shared/model/duration.ts';
import { formatFloatGeneral, formatFloatPlain } from '#shared/model/float.ts';
import { compareStrings, isLegacyLabelName, METRIC_NAME } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type {
  AggregateExpr,
  AtModifier,
  BinaryExpr,
  DurationExpr,
  DurationValue,
  Expr,
  MatrixSelector,
  NumberLiteral,
  SubqueryExpr,
  VectorSelector,
} from './ast.ts';
import { foldExpr } from './fold.ts';
import { quoteText } from './quote.ts';

/** How names are written. */
export interface PrinterOptions {
  /** Leave letters of any script and inner dots unquoted, as the parser option of this name reads them. @default false */
  readonly unquotedUtf8Names?: boolean;
}

/** An expression in Prometheus's canonical form on one line; it parses back to the same expression.
 *  @see prometheus/promql/parser/printer.go */
export function printExpr(expr: Expr, options: PrinterOptions = {}): string {
  return foldExpr<string>(expr, { leave: (node, parts) => printNode(node, parts, options) });
}

/** @param parts What is inside, printed, in the order of `children()`. */
function printNode(expr: Expr, parts: readonly string[], options: PrinterOptions): string {
  switch (expr.kind) {
    case 'aggregate':
      return `${printAggregateHead(expr, options)}(${parts.toReversed().join(', ')})`;
    case 'binary':
      return `${parts[0]} ${printOperator(expr, options)} ${parts[1]}`;
    case 'call':
      return `${expr.func}(${parts.join(', ')})`;
    case 'matrixSelector':
      return printMatrixSelector(expr, options);
    case 'number':
      return printNumber(expr);
    case 'paren':
      return `(${parts[0]})`;
    case 'stepInvariant':
      return parts[0];
    case 'string':
      return quoteText(expr.value);
    case 'subquery':
      return `${parts[0]}${printSubqueryTail(expr)}`;
    case 'unary':
      return `${expr.op}${parts[0]}`;
    case 'vectorSelector': {
      const extension = printExtension(expr);
      return `${printSelectorHead(expr, options)}${printAt(expr.at)}${extension}${printOffset(expr.offset)}`;
    }
  }
}

/** `sum by (a, b) `: the operator and its grouping. */
export function printAggregateHead({ op, grouping, without }: AggregateExpr, options: PrinterOptions): string {
  if (without) return `${op} without (${printLabelNames(grouping, options)}) `;
  return grouping.length > 0 ? `${op} by (${printLabelNames(grouping, options)}) ` : op;
}

/** `== bool on (a) group_left (b)`: the operator and its modifiers. */
export function printOperator({ op, returnBool, vectorMatching }: BinaryExpr, options: PrinterOptions): string {
  const parts: string[] = returnBool ? [op, 'bool'] : [op];
  if (vectorMatching === undefined) return parts.join(' ');
  const { card, matchingLabels, on, include, fillLeft, fillRight } = vectorMatching;
  const isGrouped = card === 'many-to-one' || card === 'one-to-many';
  if (matchingLabels.length > 0 || on || isGrouped) {
    parts.push(`${on ? 'on' : 'ignoring'} (${printLabelNames(matchingLabels, options)})`);
  }
  if (isGrouped) {
    parts.push(`group_${card === 'many-to-one' ? 'left' : 'right'} (${printLabelNames(include, options)})`);
  }
  if (fillLeft !== undefined && fillLeft === fillRight) parts.push(`fill (${formatFloatGeneral(fillLeft)})`);
  else {
    if (fillLeft !== undefined) parts.push(`fill_left (${formatFloatGeneral(fillLeft)})`);
    if (fillRight !== undefined) parts.push(`fill_right (${formatFloatGeneral(fillRight)})`);
  }
  return parts.join(' ');
}

/** `[5m:1m] @ 1.000 offset 1h`: what follows a subquery's expression. */
export function printSubqueryTail({ range, step, at, offset }: SubqueryExpr): string {
  const stepText = step.kind === 'fixed' && step.ms === 0 ? '' : printDuration(step);
  return `[${printDuration(range)}:${stepText}]${printAt(at)}${printOffset(offset)}`;
}

function printMatrixSelector({ vectorSelector, range }: MatrixSelector, options: PrinterOptions): string {
  const { at, offset } = vectorSelector;
  // Unlike an instant vector's, the extension stands before the time.
  const tail = `${printExtension(vectorSelector)}${printAt(at)}${printOffset(offset)}`;
  return `${printSelectorHead(vectorSelector, options)}[${printDuration(range)}]${tail}`;
}

function printSelectorHead({ name, matchers }: VectorSelector, options: PrinterOptions): string {
  const shown = matchers.filter((matcher) => !isImplied(matcher, name));
  if (shown.length === 0) return name;
  const texts = shown.map((matcher) => printMatcher(matcher, options)).sort(compareStrings);
  return `${name}{${texts.join(',')}}`;
}

function printMatcher({ name, operator, value }: Matcher, options: PrinterOptions): string {
  return `${printLabelName(name, options)}${operator}${quoteText(value)}`;
}

/** Whether the matcher says nothing that the name before the braces does not say. */
function isImplied({ name, operator, value }: Matcher, metricName: string): boolean {
  return name === METRIC_NAME && operator === '=' && value === metricName && value !== '';
}

function printLabelNames(names: readonly string[], options: PrinterOptions): string {
  return names.map((name) => printLabelName(name, options)).join(', ');
}

function printLabelName(name: string, { unquotedUtf8Names }: PrinterOptions): string {
  const isBare = unquotedUtf8Names ? /^[\p{L}_][\p{L}0-9_.]*$/u.test(name) : isLegacyLabelName(name);
  return isBare ? name : quoteText(name);
}

function printExtension({ anchored, smoothed }: VectorSelector): string {
  if (anchored) return ' anchored';
  return smoothed ? ' smoothed' : '';
}

function printAt(at: AtModifier | undefined): string {
  if (at === undefined) return '';
  return 'startOrEnd' in at ? ` @ ${at.startOrEnd}()` : ` @ ${(at.timestampMs / 1000).toFixed(3)}`;
}

function printOffset(offset: DurationValue): string {
  return offset.kind === 'fixed' && offset.ms === 0 ? '' : ` offset ${printDuration(offset)}`;
}

function printDuration(value: DurationValue): string {
  return value.kind === 'fixed' ? formatDuration(value.ms) : printDurationExpr(value.expr);
}

function printDurationExpr(expr: DurationExpr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr);
    case 'step':
    case 'range':
      return `${expr.kind}()`;
    case 'unary':
      return `${expr.op === '-' ? '-' : ''}${printDurationExpr(expr.operand)}`;
    case 'paren':
      return `(${printDurationExpr(expr.inner)})`;
    case 'binary': {
      const [lhs, rhs] = [printDurationExpr(expr.lhs), printDurationExpr(expr.rhs)];
      if (expr.op === 'min_of' || expr.op === 'max_of') return `${expr.op}(${lhs}, ${rhs})`;
      return `${lhs} ${expr.op} ${rhs}`;
    }
  }
}

function printNumber({ value, isDuration }: Pick<NumberLiteral, 'value' | 'isDuration'>): string {
  return isDuration ? formatDuration(secondsToMs(value)) : formatFloatPlain(value);
}

/** Upstream goes through whole nanoseconds, cut and not rounded. */
function secondsToMs(seconds: number): number {
  return Math.trunc(Math.trunc(seconds * 1e9) / 1e6);
}
