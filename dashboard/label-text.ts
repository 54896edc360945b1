import { compareStrings, goQuote, isLegacyLabelName, METRIC_NAME } from '#shared/model/labels.ts';
import type { LabelRecord, WireMatcher } from './api-types.ts';

export type MatcherOperator = '=' | '!=' | '=~' | '!~';

/** A matcher as it is edited. */
export interface MatcherInput {
  readonly name: string;
  readonly operator: MatcherOperator;
  readonly value: string;
}

export const OPERATORS: readonly MatcherOperator[] = ['=', '!=', '=~', '!~'];

/** The labels in order, without the metric name. */
export function sortedLabels(labels: LabelRecord): readonly (readonly [name: string, value: string])[] {
  return Object.entries(labels)
    .filter(([name]) => name !== METRIC_NAME)
    .sort(([a], [b]) => compareStrings(a, b));
}

/** A series in PromQL: `up{job="api"}`; a name that is not a classic one goes into the braces. */
export function seriesText(labels: LabelRecord): string {
  const name = labels[METRIC_NAME] ?? '';
  const isPlain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
  const pairs = sortedLabels(labels).map(([label, value]) => `${labelName(label)}=${goQuote(value)}`);
  if (name !== '' && !isPlain) pairs.unshift(goQuote(name));
  if (isPlain && pairs.length === 0) return name;
  return `${isPlain ? name : ''}{${pairs.join(', ')}}`;
}

function labelName(name: string): string {
  return isLegacyLabelName(name) ? name : goQuote(name);
}

/** A matcher as Alertmanager's `filter` parameter takes it. */
export function matcherText({ name, operator, value }: MatcherInput): string {
  return `${labelName(name)}${operator}${goQuote(value)}`;
}

export function toWireMatcher({ name, operator, value }: MatcherInput): WireMatcher {
  return { name, value, isRegex: operator.endsWith('~'), isEqual: operator.startsWith('=') };
}

export function fromWireMatcher({ name, value, isRegex, isEqual }: WireMatcher): MatcherInput {
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return { name, operator, value };
}

/** The address of the form for a silence of what has exactly these labels. */
export function silenceLink(labels: LabelRecord): string {
  const matchers = sortedLabels(labels).map(([name, value]): MatcherInput => ({ name, operator: '=', value }));
  return `/silences?${matchersToSearch(matchers)}`;
}

/** `new=1&matcher=["job","=","api"]&…` */
export function matchersToSearch(matchers: readonly MatcherInput[]): string {
  const params = new URLSearchParams({ new: '1' });
  for (const { name, operator, value } of matchers) params.append('matcher', JSON.stringify([name, operator, value]));
  return params.toString();
}

/** The matchers of a link; what cannot be read is left out, as links are written by others too. */
export function matchersFromSearch(search: string): readonly MatcherInput[] {
  return new URLSearchParams(search).getAll('matcher').flatMap((text) => readMatcher(text) ?? []);
}

function readMatcher(text: string): MatcherInput | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 3) return undefined;
  const [name, written, value] = parts as readonly unknown[];
  const operator = OPERATORS.find((candidate) => candidate === written);
  if (typeof name !== 'string' || typeof value !== 'string' || operator === undefined) return undefined;
  return { name, operator, value };
}

/** Reads labels as people type them: `env=prod, team="a, b"`, separated by commas or line breaks, quotes optional.
 *  @throws {SyntaxError} */
export function parseLabelText(text: string): Record<string, string> {
  const labels = new Map<string, string>();
  for (let rest = text.trim(); rest !== ''; ) {
    const match = /^([^=,\n"]+)=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\n]*))\s*(?:[,\n]|$)/.exec(rest);
    if (match === null) throw new SyntaxError(`expected labels such as env=prod, team=web, got "${rest}"`);
    const [whole, name, quoted, bare = ''] = match;
    if (labels.has(name.trim())) throw new SyntaxError(`label "${name.trim()}" is given twice`);
    labels.set(name.trim(), quoted === undefined ? bare.trim() : quoted.replace(/\\(.)/g, '$1'));
    rest = rest.slice(whole.length).trim();
  }
  return Object.fromEntries(labels);
}

/** Whether all words of a search occur in the labels or texts, whatever the case. */
export function matchesSearch(words: string, labels: LabelRecord, ...texts: readonly string[]): boolean {
  if (words.trim() === '') return true;
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const haystack = [...pairs, ...texts].join('\n').toLowerCase();
  return words
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
