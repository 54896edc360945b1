import { compareStrings, type Labels } from '#shared/model/labels.ts';
import type { MetricType } from '#shared/model/storage.ts';
import { formatOpenMetricsFloat, parseGoFloat } from './float-text.ts';

/** Where a series's parts stand on the page. Used again for each series, so that reading one allocates nothing. */
export class SeriesOffsets {
  /** -1 while no metric name was read. */
  nameStart = -1;
  nameEnd = -1;
  /** Start and end of the name and of the value of each label; entries from `length` on are old. */
  readonly labels: number[] = [];
  length = 0;

  reset(nameStart: number, nameEnd: number): void {
    this.nameStart = nameStart;
    this.nameEnd = nameEnd;
    this.length = 0;
  }

  /** Adds a label's name or, after it, its value. */
  add(start: number, end: number): void {
    this.labels[this.length++] = start;
    this.labels[this.length++] = end;
  }
}

/** Makes names and values equal by content one string, copied out of the page: a slice would keep the whole page alive. */
export class StringPool {
  readonly #strings = new Map<string, string>();

  intern(text: string): string {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const copy = copyString(text);
    this.#strings.set(copy, copy);
    return copy;
  }
}

/** A string that does not refer to the one `text` was sliced from. */
export function copyString(text: string): string {
  // V8 joins, then flattens the join to cut it: the result refers to a string of this length only.
  return `${text} `.slice(0, -1);
}

/** Undoes the escapes of label values and quoted names; any other backslash stands for itself. */
export function unescapeLabel(text: string): string {
  return text.includes('\\') ? replaceEscapes(text, true) : text;
}

/** Undoes the escapes of a `# HELP` line of the Prometheus text format, where quotes are not escaped. */
export function unescapeHelp(text: string): string {
  return text.includes('\\') ? replaceEscapes(text, false) : text;
}

function replaceEscapes(text: string, quotes: boolean): string {
  let out = '';
  let from = 0;
  for (let i = text.indexOf('\\'); i >= 0; i = text.indexOf('\\', i)) {
    const plain = unescaped(text[i + 1], quotes);
    if (plain === undefined) {
      i++;
      continue;
    }
    out += text.slice(from, i) + plain;
    from = i += 2;
  }
  return out + text.slice(from);
}

function unescaped(char: string | undefined, quotes: boolean): string | undefined {
  if (char === '\\') return '\\';
  if (char === 'n') return '\n';
  return char === '"' && quotes ? '"' : undefined;
}

/** `le` of classic histograms and `quantile` of summaries in OpenMetrics's form: `1` becomes `1.0`.
 *  @see prometheus/model/textparse/openmetricsparse.go normalizeFloatsInLabelValues */
export function normalizeBound(type: MetricType, name: string, value: string): string {
  if (!(type === 'histogram' && name === 'le') && !(type === 'summary' && name === 'quantile')) return value;
  const bound = parseGoFloat(value);
  return typeof bound === 'number' ? formatOpenMetricsFloat(bound) : value;
}

/** Orders flat name-value pairs by name in place, keeping the order of equal names. Pages are mostly in order already. */
export function sortPairs(pairs: string[]): void {
  for (let i = 2; i < pairs.length; i += 2) {
    const name = pairs[i];
    const value = pairs[i + 1];
    let k = i;
    for (; k > 0 && compareStrings(pairs[k - 2], name) > 0; k -= 2) {
      pairs[k] = pairs[k - 2];
      pairs[k + 1] = pairs[k - 1];
    }
    pairs[k] = name;
    pairs[k + 1] = value;
  }
}

/** Removes labels of empty value from ordered pairs; of a repeated name, all when one is empty.
 *  @see prometheus/model/labels Builder.Reset */
export function withoutEmptyValues(pairs: readonly string[]): readonly string[] {
  if (!pairs.some((text, i) => i % 2 === 1 && text === '')) return pairs;
  const empty = new Set(pairs.filter((_, i) => i % 2 === 0 && pairs[i + 1] === ''));
  const labels = pairs.filter((_, i) => !empty.has(pairs[i - (i % 2)]));
  EMPTY_NAMES.set(labels, empty);
  return labels;
}

/** Kept beside the label sets, which have no labels of empty value, as long as they live. */
const EMPTY_NAMES = new WeakMap<Labels, ReadonlySet<string>>();
const NONE: ReadonlySet<string> = new Set();

/** The labels that the page wrote with an empty value. They say that the series has no such label, also where the target
 *  has one and `honor_labels` is set. @param labels A label set of a `Page`, itself. */
export function emptyNames(labels: Labels): ReadonlySet<string> {
  return EMPTY_NAMES.get(labels) ?? NONE;
}

/** The first name that ordered labels have twice. */
export function repeatedName(labels: Labels): string | undefined {
  for (let i = 2; i < labels.length; i += 2) if (labels[i] === labels[i - 2]) return labels[i];
  return undefined;
}
