import { almostEqual } from './exceptions.ts';
import type { Answer } from './servers.ts';

/** How two answers differ. */
export interface Difference {
  /** Differences of one kind probably have one cause. */
  readonly kind: 'status' | 'error' | 'type' | 'series' | 'values' | 'order' | 'warnings' | 'infos' | 'internal';
  /** What the real server said there. */
  readonly expected: string;
  readonly got: string;
}

type Sample = readonly [timeSeconds: number, value: unknown];

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Sample;
  readonly histogram?: Sample;
  readonly values?: readonly Sample[];
  readonly histograms?: readonly Sample[];
}

interface Body {
  readonly status: 'success' | 'error';
  readonly data?: { readonly resultType: string; readonly result: readonly Series[] | Sample };
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** Compares answers as exactly as they are defined: numbers as texts, series without an order unless the query is one that
 *  orders them.
 *  @param ordered Whether the order of series means something.
 *  @returns `undefined` when they are the same. */
export function compareAnswers(
  expected: Answer,
  got: Answer,
  { ordered, query }: { readonly ordered: boolean; readonly query: string },
): Difference | undefined {
  if (expected.status === got.status && expected.body === got.body) return undefined;
  const real = JSON.parse(expected.body) as Body;
  const ours = parseOurs(got);
  if (ours === undefined) return { kind: 'internal', expected: brief(real), got: `${got.status} ${got.body}` };
  if (real.status !== ours.status || expected.status !== got.status) {
    const kind = ours.errorType === 'internal' ? 'internal' : 'status';
    return { kind, expected: `${expected.status} ${brief(real)}`, got: `${got.status} ${brief(ours)}` };
  }
  if (real.error !== ours.error || real.errorType !== ours.errorType) {
    return { kind: 'error', expected: `${real.errorType}: ${real.error}`, got: `${ours.errorType}: ${ours.error}` };
  }
  return compareData(real, ours, { ordered, query }) ?? compareAnnotations(real, ours);
}

function parseOurs({ body }: Answer): Body | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function brief({ data, error, errorType }: Body): string {
  return data === undefined ? `${errorType}: ${error}` : JSON.stringify(data).slice(0, 300);
}

function compareData(real: Body, ours: Body, options: { ordered: boolean; query: string }): Difference | undefined {
  if (real.data === undefined || ours.data === undefined) return undefined;
  if (real.data.resultType !== ours.data.resultType) {
    return { kind: 'type', expected: real.data.resultType, got: ours.data.resultType };
  }
  const a = real.data.result;
  const b = ours.data.result;
  if (!isSeries(a) || !isSeries(b)) return compareSamples([a as Sample], [b as Sample], options.query, {});
  const matrix = real.data.resultType === 'matrix';
  return compareSeries(a, b, { ...options, ordered: matrix || options.ordered });
}

function isSeries(result: readonly Series[] | Sample): result is readonly Series[] {
  return result.length === 0 || typeof result[0] === 'object';
}

function compareSeries(
  real: readonly Series[],
  ours: readonly Series[],
  { ordered, query }: { readonly ordered: boolean; readonly query: string },
): Difference | undefined {
  const key = ({ metric }: Series) => JSON.stringify(Object.entries(metric).sort());
  const byKey = new Map(ours.map((one) => [key(one), one]));
  const missing = real.filter((one) => !byKey.has(key(one)));
  if (missing.length > 0 || real.length !== ours.length) {
    const known = new Set(real.map(key));
    const more = ours.filter((one) => !known.has(key(one)));
    return { kind: 'series', expected: listSeries(missing, real.length), got: listSeries(more, ours.length) };
  }
  for (const one of real) {
    const other = byKey.get(key(one))!;
    const samples = compareSamples(samplesOf(one, 'float'), samplesOf(other, 'float'), query, one.metric);
    if (samples !== undefined) return samples;
    const histograms = compareSamples(samplesOf(one, 'histogram'), samplesOf(other, 'histogram'), query, one.metric);
    if (histograms !== undefined) return histograms;
  }
  if (!ordered || real.every((one, i) => key(one) === key(ours[i]))) return undefined;
  return { kind: 'order', expected: listSeries(real, real.length), got: listSeries(ours, ours.length) };
}

function samplesOf(series: Series, type: 'float' | 'histogram'): readonly Sample[] {
  const one = type === 'float' ? series.value : series.histogram;
  return one === undefined ? ((type === 'float' ? series.values : series.histograms) ?? []) : [one];
}

function listSeries(series: readonly Series[], total: number): string {
  const shown = series.slice(0, 5).map((one) => JSON.stringify(one).slice(0, 400));
  return `${series.length} of ${total} series${shown.map((text) => `\n    ${text}`).join('')}`;
}

function compareSamples(
  real: readonly Sample[],
  ours: readonly Sample[],
  query: string,
  metric: Readonly<Record<string, string>>,
): Difference | undefined {
  for (let i = 0; i < Math.max(real.length, ours.length); i++) {
    const a = JSON.stringify(real[i]);
    const b = JSON.stringify(ours[i]);
    if (a === b || (a !== undefined && b !== undefined && almostEqual(query, a, b))) continue;
    const where = `${JSON.stringify(metric)} sample ${i} of `;
    return { kind: 'values', expected: `${where}${real.length}: ${a}`, got: `${where}${ours.length}: ${b}` };
  }
  return undefined;
}

/** As many as the API shows of one severity, before it says how many more there are. Which ones is not defined. */
const MAX_ANNOTATIONS = 10;

function compareAnnotations(real: Body, ours: Body): Difference | undefined {
  for (const kind of ['warnings', 'infos'] as const) {
    const a = [...(real[kind] ?? [])].sort();
    const b = [...(ours[kind] ?? [])].sort();
    if (a.length === b.length && (a.length > MAX_ANNOTATIONS || a.every((text, i) => text === b[i]))) continue;
    const only = (these: string[], those: string[]) => these.filter((text) => !those.includes(text)).join('\n    ');
    return { kind, expected: only(a, b), got: only(b, a) };
  }
  return undefined;
}
