import { type FormatOptions, sprint } from './format.ts';
import { toJson } from './json.ts';
import { FunctionError } from './template-error.ts';
import { dereference, methodText, type Value } from './value.ts';

/** A value as a JavaScript expression without side effects: JSON, with spaces where it could join a word beside it. */
export function jsValue(args: readonly Value[], options: FormatOptions): string {
  const value = args.length === 1 ? dereference(args[0]) : sprint(args, options);
  if (typeof value === 'object' && value !== null && value.kind === 'string') {
    if (value.type.name === 'template.JS') return value.value;
    if (value.type.name === 'template.JSStr') return `"${value.value}"`;
  }
  try {
    const json = toJson(jsonSource(value), options.maxLength);
    const touchesWords = /^[$0-9A-Za-z_]|[$0-9A-Za-z_]$/.test(json);
    return touchesWords ? ` ${json} ` : json;
  } catch (cause) {
    if (cause instanceof FunctionError && cause.message.startsWith('json: ')) return ` /* ${cause.message} */null `;
    throw cause;
  }
}

/** Values that print in a way of their own are strings, except times, which have their own JSON. */
function jsonSource(value: Value): Value {
  if (typeof value === 'object' && value !== null && value.kind === 'time') return value;
  return methodText(value, 'String') ?? value;
}

const LOW_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
]);

/** Escapes for a JavaScript string in quotes, which may stand in an HTML attribute.
 *  @param isEscaped The text already is the inside of a JavaScript string, so backslashes stay. */
export function jsStringText(text: string, isEscaped: boolean): string {
  return text.replace(/[\0-\x1f"&'`+/<>\\\u2028\u2029]/g, (char) =>
    char === '\\' && isEscaped ? char : escapeChar(char),
  );
}

/** Escapes for a JavaScript template literal. */
export function jsTemplateText(text: string): string {
  return text.replace(/[\0-\x1f"&'`+/<>\\${}\u2028\u2029]/g, escapeChar);
}

/** Escapes for a JavaScript regular expression; nothing at all becomes an empty group, as `//` would be a comment. */
export function jsRegexpText(text: string): string {
  if (text === '') return '(?:)';
  return text.replace(/[\0-\x1f"$&'()*+\-./<>?[\\\]^{|}\u2028\u2029]/g, (char) =>
    '$()*-.?[]^{|}'.includes(char) ? `\\${char}` : escapeChar(char),
  );
}

function escapeChar(char: string): string {
  if (char === '\\' || char === '/') return `\\${char}`;
  return LOW_ESCAPES.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
