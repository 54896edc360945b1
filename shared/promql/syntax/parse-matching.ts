import type { VectorMatching } from './ast.ts';
import { isNumeric, parseNumeric } from './parse-literal.ts';
import { unquoteToken } from './parse-selector.ts';
import { quoteText } from './quote.ts';
import { isGroupingLabel, STRING, startsExpression } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** What stands between a binary operator and its right side. */
export interface BinaryModifiers {
  readonly returnBool: boolean;
  readonly vectorMatching: VectorMatching;
}

/** `bool`, `on (…)` or `ignoring (…)`, `group_left (…)` or `group_right (…)`, `fill (…)`, in this order, each optional. */
export function parseBinaryModifiers(tokens: TokenStream): BinaryModifiers {
  const returnBool = tokens.eat('bool') !== undefined;
  return { returnBool, vectorMatching: { ...parseMatching(tokens), ...parseFill(tokens) } };
}

function parseMatching(tokens: TokenStream): VectorMatching {
  const keyword = tokens.eat('on') ?? tokens.eat('ignoring');
  if (keyword === undefined) return { card: 'one-to-one', matchingLabels: [], on: false, include: [] };
  const on = keyword.kind === 'on';
  const matchingLabels = parseGroupingLabels(tokens);
  const group = tokens.eat('group_left') ?? tokens.eat('group_right');
  if (group === undefined) return { card: 'one-to-one', matchingLabels, on, include: [] };
  const card = group.kind === 'group_left' ? 'many-to-one' : 'one-to-many';
  return { card, matchingLabels, on, include: parseIncludedLabels(tokens) };
}

function parseIncludedLabels(tokens: TokenStream): readonly string[] {
  const { kind } = tokens.peek();
  if (kind !== '(' && startsExpression(kind)) return [];
  return parseGroupingLabels(tokens);
}

function parseFill(tokens: TokenStream): { fillLeft?: number; fillRight?: number } {
  if (tokens.eat('fill') !== undefined) {
    const value = parseFillValue(tokens);
    return { fillLeft: value, fillRight: value };
  }
  if (tokens.eat('fill_left') !== undefined) {
    const fillLeft = parseFillValue(tokens);
    return tokens.eat('fill_right') === undefined ? { fillLeft } : { fillLeft, fillRight: parseFillValue(tokens) };
  }
  if (tokens.eat('fill_right') === undefined) return {};
  const fillRight = parseFillValue(tokens);
  return tokens.eat('fill_left') === undefined ? { fillRight } : { fillRight, fillLeft: parseFillValue(tokens) };
}

function parseFillValue(tokens: TokenStream): number {
  tokens.expect('(');
  const sign = tokens.eat('+') ?? tokens.eat('-');
  if (!isNumeric(tokens.peek().kind)) tokens.unexpected();
  const { value } = parseNumeric(tokens);
  tokens.expect(')');
  return sign?.kind === '-' ? -value : value;
}

/** The label names after `by`, `without`, `on`, `ignoring`, `group_left`, `group_right`: `(a, "b c",)`. */
export function parseGroupingLabels(tokens: TokenStream): readonly string[] {
  const construct = 'grouping opts';
  tokens.expect('(', { construct, expected: '"("' });
  const labels: string[] = [];
  if (tokens.eat(')') !== undefined) return labels;
  do {
    labels.push(parseGroupingLabel(tokens));
    if (tokens.eat(')') !== undefined) return labels;
    tokens.expect(',', { construct, expected: '"," or ")"' });
  } while (tokens.eat(')') === undefined);
  return labels;
}

function parseGroupingLabel(tokens: TokenStream): string {
  const { kind } = tokens.peek();
  if (kind !== STRING && !isGroupingLabel(kind)) tokens.unexpected({ construct: 'grouping opts', expected: 'label' });
  const token = tokens.next();
  const name = kind === STRING ? unquoteToken(tokens, token) : token.text;
  // A colon in an unquoted name is an old acceptance that the newer syntax does not keep.
  const hasOldColon = kind !== STRING && tokens.options.unquotedUtf8Names === true && name.includes(':');
  if (name === '' || !name.isWellFormed() || hasOldColon) {
    tokens.fail(token.span, `invalid label name for grouping: ${quoteText(name)}`);
  }
  return name;
}
