import { parseMatcher } from '#shared/alerting/matchers.ts';
import { matchesAll } from '#shared/alerting/route.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { compileWrappedRegex, type LinearRegex } from '#shared/model/regex.ts';
import { badData } from '../errors.ts';
import type { Params } from '../params.ts';

const TRUE_TEXTS = ['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled'];

/** An optional boolean, true by default. What does not mean true means false.
 *  @see go-openapi/swag ConvertBool */
export function booleanParam(params: Params, name: string): boolean {
  const text = params.get(name);
  return text === '' || TRUE_TEXTS.includes(text.toLowerCase());
}

/** The matchers of each `filter`. @throws {ApiError} With Alertmanager's words. */
export function filterParam(params: Params): readonly Matcher[] {
  return parseMatcherParams(params, 'filter', '');
}

function parseMatcherParams(params: Params, name: string, prefix: string): readonly Matcher[] {
  try {
    return params.all(name).map(parseMatcher);
  } catch (error) {
    if (error instanceof SyntaxError) throw badData(prefix + error.message);
    throw error;
  }
}

/** A regex of a receiver's whole name; `undefined` for any. @throws {ApiError} With Alertmanager's words. */
export function receiverParam(params: Params): LinearRegex | undefined {
  if (params.all('receiver').length === 0 || params.get('receiver') === '') return undefined;
  try {
    return compileWrappedRegex(params.get('receiver'), '^(?:');
  } catch (error) {
    if (error instanceof SyntaxError) throw badData(`failed to parse receiver param: ${error.message}`);
    throw error;
  }
}

/** Whether a receiver is wanted by its labels. A receiver has one label, its name.
 *  @throws {ApiError} With Alertmanager's words. */
export function receiverMatchersParam(params: Params): (receiver: string) => boolean {
  const prefix = 'failed to parse receiver_matchers param: ';
  const matchers = parseMatcherParams(params, 'receiver_matchers', prefix);
  return (receiver) => matchesAll(matchers, ['name', receiver]);
}
