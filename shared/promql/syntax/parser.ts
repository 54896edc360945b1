import { type Labels, labelsFromPairs, METRIC_NAME } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { Expr } from './ast.ts';
import { checkDepth } from './depth.ts';
import { parseExpression } from './parse-expression.ts';
import { parseLabelSet, parseVectorSelector } from './parse-selector.ts';
import { END_OF_INPUT, isMetricName } from './token.ts';
import { type ParserOptions, TokenStream } from './token-stream.ts';
import { checkTypes } from './type-check.ts';

/** Parses and type-checks a query.
 *  @throws {PromqlSyntaxError} With Prometheus's words; nothing else is thrown.
 *  @see prometheus/promql/parser/parse.go Parser.ParseExpr */
export function parseExpr(query: string, options: ParserOptions = {}): Expr {
  const tokens = new TokenStream(query, options);
  if (tokens.peek().kind === END_OF_INPUT) tokens.fail({ start: 0, end: 0 }, 'no expression found in input');
  const expr = parseExpression(tokens);
  tokens.expect(END_OF_INPUT);
  checkDepth(expr, tokens);
  checkTypes(expr, tokens.query);
  return expr;
}

/** Parses the value of a `match[]` parameter, such as `up{job="node"}`, into its matchers; the name's comes last.
 *  A selector of everything, `{}`, is not refused here.
 *  @throws {PromqlSyntaxError} */
export function parseMetricSelector(text: string, options: ParserOptions = {}): readonly Matcher[] {
  const tokens = new TokenStream(text, options);
  const { kind } = tokens.peek();
  const name = isMetricName(kind) ? tokens.next() : undefined;
  if (name === undefined && kind !== '{') tokens.unexpected();
  const selector = parseVectorSelector(tokens, name);
  tokens.expect(END_OF_INPUT);
  return selector.matchers;
}

/** Parses a series in its usual notation: `up{instance="a:80"}`, `{"my.metric", a="b"}`.
 *  @throws {PromqlSyntaxError} */
export function parseMetric(text: string, options: ParserOptions = {}): Labels {
  const tokens = new TokenStream(text, options);
  const name = isMetricName(tokens.peek().kind) ? tokens.next().text : undefined;
  const pairs = tokens.peek().kind === '{' ? parseLabelSet(tokens) : [];
  tokens.expect(END_OF_INPUT);
  return labelsFromPairs(name === undefined ? pairs : [...pairs, [METRIC_NAME, name]]);
}
