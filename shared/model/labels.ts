/** The label set of a series: a flat list `[name, value, name, value, …]`, ordered by name (UTF-8 byte order),
 *  names unique, values never empty (an empty value is the same as no label). The metric name is the label `__name__`.
 *  Immutable; a plain array so that it is compact, comparable and JSON as it is. */
export type Labels = readonly string[];

/** The label that holds the metric name. */
export const METRIC_NAME = '__name__';

/** Compares two strings by their UTF-8 bytes, as Go does. UTF-16 order differs only where surrogates meet U+E000–U+FFFF. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codeUnitRank(x) - codeUnitRank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest of the BMP, which is where UTF-8 has them. */
function codeUnitRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Makes a label set of name → value pairs in any order; empty values are dropped, of a repeated name the last one wins. */
export function labelsFromPairs(pairs: Iterable<readonly [name: string, value: string]>): Labels {
  const map = new Map<string, string>();
  for (const [name, value] of pairs) map.set(name, value);
  const names = [...map.keys()].filter((name) => map.get(name) !== '').sort(compareStrings);
  return names.flatMap((name) => [name, map.get(name)!]);
}

export function labelsFromRecord(record: Readonly<Record<string, string>>): Labels {
  return labelsFromPairs(Object.entries(record));
}

/** The value of a label, or `''` where the series has none. */
export function getLabel(labels: Labels, name: string): string {
  for (let i = 0; i < labels.length; i += 2) if (labels[i] === name) return labels[i + 1];
  return '';
}

export function* labelPairs(labels: Labels): Generator<readonly [name: string, value: string]> {
  for (let i = 0; i < labels.length; i += 2) yield [labels[i], labels[i + 1]];
}

/** A label set as a JSON object, in order. `__proto__` is an ordinary name. */
export function labelsToRecord(labels: Labels): Record<string, string> {
  return Object.fromEntries(labelPairs(labels));
}

/** A string that equals another label set's exactly when the two are equal. For use as a Map key; not stable across versions.
 *  The separator is a lone surrogate, which no decoded UTF-8 text contains. */
export function labelsKey(labels: Labels): string {
  return labels.join('\ud800');
}

/** Orders label sets as Prometheus does: pair by pair, name before value, a prefix first. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return compareStrings(a[i], b[i]);
  }
  return a.length - b.length;
}

export function labelsEqual(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** `labels` with `name` set to `value`; an empty value removes it. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  let i = 0;
  while (i < labels.length && compareStrings(labels[i], name) < 0) i += 2;
  const rest = labels[i] === name ? i + 2 : i;
  const inserted = value === '' ? [] : [name, value];
  return [...labels.slice(0, i), ...inserted, ...labels.slice(rest)];
}

/** `labels` without those for which `drop` holds. */
export function withoutLabels(labels: Labels, drop: (name: string) => boolean): Labels {
  const kept: string[] = [];
  for (let i = 0; i < labels.length; i += 2) if (!drop(labels[i])) kept.push(labels[i], labels[i + 1]);
  return kept;
}

/** A label set in PromQL notation: `up{instance="a:80", job="node"}`, `{}` when empty. A name that PromQL cannot take
 *  bare is quoted: `{"my name", job="node"}`. */
export function formatLabels(labels: Labels): string {
  const metricName = getLabel(labels, METRIC_NAME);
  const bareName = isLegacyMetricName(metricName);
  const parts: string[] = [];
  for (const [name, value] of labelPairs(labels)) {
    if (name === METRIC_NAME && bareName) continue;
    if (name === METRIC_NAME) parts.unshift(goQuote(value));
    else parts.push(`${isLegacyLabelName(name) ? name : goQuote(name)}=${goQuote(value)}`);
  }
  if (bareName && parts.length === 0) return metricName;
  return `${bareName ? metricName : ''}{${parts.join(', ')}}`;
}

export function isLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

export function isLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** Quotes a string as Go's `strconv.Quote` does. */
export function goQuote(text: string): string {
  let out = '"';
  for (const char of text) out += quoteChar(char);
  return `${out}"`;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function quoteChar(char: string): string {
  const named = NAMED_ESCAPES[char];
  if (named !== undefined) return named;
  const code = char.codePointAt(0)!;
  if (code === 0x20 || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char)) return char;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
