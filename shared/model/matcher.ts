import { goQuote, isLegacyLabelName } from './labels.ts';
import { compileRegex, type LinearRegex } from './regex.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** One condition on a label. A missing label has the value `''`. Regexes are RE2 and match the whole value. */
export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
  matches(value: string): boolean;
}

/** @throws {SyntaxError} When a regex does not compile; the message is RE2's. */
export function createMatcher(name: string, operator: MatchOperator, value: string): Matcher {
  const regex: LinearRegex | undefined = operator === '=~' || operator === '!~' ? compileRegex(value) : undefined;
  return { name, operator, value, matches: predicate(operator, value, regex) };
}

function predicate(operator: MatchOperator, value: string, regex: LinearRegex | undefined): (v: string) => boolean {
  switch (operator) {
    case '=':
      return (v) => v === value;
    case '!=':
      return (v) => v !== value;
    case '=~':
      return (v) => regex!.matches(v);
    case '!~':
      return (v) => !regex!.matches(v);
  }
}

/** A matcher in PromQL notation: `job=~"a|b"`. */
export function formatMatcher(matcher: Pick<Matcher, 'name' | 'operator' | 'value'>): string {
  const name = isLegacyLabelName(matcher.name) ? matcher.name : goQuote(matcher.name);
  return `${name}${matcher.operator}${goQuote(matcher.value)}`;
}
