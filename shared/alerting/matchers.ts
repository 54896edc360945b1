import { compareStrings } from '#shared/model/labels.ts';
import type { Matcher, MatchOperator } from '#shared/model/matcher.ts';
import { compileWrappedRegex } from '#shared/model/regex.ts';
import { MatcherTokens, tokenText } from './matcher-tokens.ts';

const OPERATORS: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];

/** Parses Alertmanager's matchers: `{a=~"b", c!="d"}`, braces and a last comma optional, quotes optional where nothing is
 *  ambiguous, label names in any script. What only the classic parser understands is read as it does.
 *  @throws {SyntaxError} With Alertmanager's words.
 *  @see alertmanager/matcher/compat/parse.go FallbackMatchersParser */
export function parseMatchers(text: string): Matcher[] {
  return preferClassic(
    () => parseUtf8Matchers(text),
    () => parseClassicMatchers(text),
  );
}

/** Parses exactly one matcher, without braces. @throws {SyntaxError} With Alertmanager's words. */
export function parseMatcher(text: string): Matcher {
  if (text.startsWith('{') || text.endsWith('}')) throw new SyntaxError(`unexpected open or close brace: ${text}`);
  const [matcher] = preferClassic(
    () => expectOne(parseUtf8Matchers(text)),
    () => [parseClassicMatcher(text)],
  );
  return matcher;
}

/** Makes a matcher as Alertmanager does: its regexes match the whole value, and their `.` no line break.
 *  @throws {SyntaxError} When a regex does not compile; the message is RE2's. */
export function createAlertMatcher(name: string, operator: MatchOperator, value: string): Matcher {
  const wanted = operator === '=' || operator === '=~';
  if (operator === '=' || operator === '!=') {
    return { name, operator, value, matches: (other) => (other === value) === wanted };
  }
  const regex = compileWrappedRegex(value, '^(?:');
  return { name, operator, value, matches: (other) => regex.matches(other) === wanted };
}

/** Orders matchers by name, then value, then operator. @see alertmanager/pkg/labels/matcher.go Matchers.Less */
export function compareMatchers(a: Matcher, b: Matcher): number {
  return (
    compareStrings(a.name, b.name) ||
    compareStrings(a.value, b.value) ||
    OPERATORS.indexOf(a.operator) - OPERATORS.indexOf(b.operator)
  );
}

/** Where both parsers understand a text and differ, the classic one is right; where neither does, it has the word. */
function preferClassic(parseUtf8: () => readonly Matcher[], parseClassic: () => readonly Matcher[]): Matcher[] {
  const classic = attempt(parseClassic);
  const utf8 = attempt(parseUtf8);
  if (Array.isArray(classic)) return classic;
  if (Array.isArray(utf8)) return utf8;
  throw classic;
}

function attempt(parse: () => readonly Matcher[]): Matcher[] | SyntaxError {
  try {
    return [...parse()];
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}

function expectOne(matchers: readonly Matcher[]): readonly Matcher[] {
  if (matchers.length === 1) return matchers;
  throw new SyntaxError(matchers.length === 0 ? 'no matchers' : `expected 1 matcher, found ${matchers.length}`);
}

/** Parses matchers by the UTF-8 grammar alone. @throws {SyntaxError} With `start:end: text: problem`, columns in
 *  characters from 0. @see alertmanager/matcher/parse/parse.go */
export function parseUtf8Matchers(text: string): Matcher[] {
  const tokens = new MatcherTokens(text);
  const hasOpenBrace = tokens.accept('{');
  const matchers: Matcher[] = [];
  const first = tokens.peek().kind;
  let more = first !== 'end' && first !== '}';
  while (more) {
    matchers.push(parseUtf8Matcher(tokens));
    more = parseSeparator(tokens);
  }
  if (hasOpenBrace) tokens.expectCloseBrace();
  else if (tokens.peek().kind === '}') refuseCloseBrace(tokens);
  tokens.expectEnd();
  return matchers;
}

function parseUtf8Matcher(tokens: MatcherTokens): Matcher {
  const name = tokenText(tokens.expect(['quoted', 'unquoted'], 'expected label name'));
  const operator = tokens.expect(OPERATORS, "expected an operator such as '=', '!=', '=~' or '!~'").kind;
  const value = tokenText(tokens.expect(['quoted', 'unquoted'], 'expected label value'));
  try {
    return createAlertMatcher(name, operator as MatchOperator, value);
  } catch (error) {
    throw new SyntaxError(`failed to create matcher: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether another matcher follows. */
function parseSeparator(tokens: MatcherTokens): boolean {
  if (tokens.peekOneOf([',', '}', 'end'], 'expected a comma or close brace') !== ',') return false;
  tokens.take();
  const next = tokens.peekOneOf(['}', 'unquoted', 'quoted', 'end'], 'expected a matcher or close brace after comma');
  return next !== '}' && next !== 'end';
}

function refuseCloseBrace(tokens: MatcherTokens): never {
  tokens.take();
  throw new SyntaxError(`0:${tokens.column}: }: expected opening brace`);
}

/** @see alertmanager/pkg/labels/parse.go ParseMatchers */
function parseClassicMatchers(text: string): readonly Matcher[] {
  const inner = text.replace(/^\{/, '').replace(/\}$/, '');
  const parts = splitAtCommas(inner);
  const last = parts.pop()!.trim();
  if (last !== '') parts.push(last);
  return parts.map(parseClassicMatcher);
}

/** Splits at commas outside quotes. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let insideQuotes = false;
  let escaped = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === ',' && !insideQuotes) {
      parts.push(text.slice(start, i));
      start = i + 1;
      // Upstream leaves `escaped` alone here.
      continue;
    }
    if (char === '"' && !escaped) insideQuotes = !insideQuotes;
    if (char === '\\') escaped = !escaped;
    else if (char !== ',') escaped = false;
  }
  return [...parts, text.slice(start)];
}

const CLASSIC = /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*([\s\S]*)$/;

/** @see alertmanager/pkg/labels/parse.go ParseMatcher */
function parseClassicMatcher(text: string): Matcher {
  const match = CLASSIC.exec(text);
  if (match === null) throw new SyntaxError(`bad matcher format: ${text}`);
  const [, name, operator, rest] = match;
  return createAlertMatcher(name, operator as MatchOperator, unescapeClassic(trimEndSpace(rest)));
}

function trimEndSpace(text: string): string {
  let end = text.length;
  while (end > 0 && '\t\n\f\r '.includes(text[end - 1])) end--;
  return text.slice(0, end);
}

/** `\n`, `\"` and `\\` are escapes; before anything else, and at the end, a backslash is itself. */
function unescapeClassic(written: string): string {
  let expectQuote = written.startsWith('"');
  const text = expectQuote ? written.slice(1) : written;
  const badQuote = () => new SyntaxError(`matcher value contains unescaped double quote: ${written}`);
  let value = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\' && i < text.length - 1) {
      const next = text[++i];
      value += next === 'n' ? '\n' : next === '"' || next === '\\' ? next : `\\${next}`;
    } else if (char === '"') {
      if (!expectQuote || i < text.length - 1) throw badQuote();
      expectQuote = false;
    } else value += char;
  }
  if (expectQuote) throw badQuote();
  return value;
}
