import type { Matcher } from '#shared/model/matcher.ts';
import { parseMetricSelector } from '#shared/promql/syntax/parser.ts';
import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import type { Params } from '../params.ts';

/** The matchers of each `match[]`.
 *  @throws {SyntaxError} With Prometheus's words.
 *  @see prometheus/web/api/v1/api.go parseMatchersParam */
export function parseMatcherSets(params: Params, options: ParserOptions = {}): readonly (readonly Matcher[])[] {
  const sets = params.all('match[]').map((text) => parseMetricSelector(text, options));
  for (const matchers of sets) {
    if (matchers.every((matcher) => matcher.matches(''))) {
      throw new SyntaxError('match[] must contain at least one non-empty matcher');
    }
  }
  return sets;
}
