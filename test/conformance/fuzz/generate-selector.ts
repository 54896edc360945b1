import { formatLabels, goQuote, isLegacyMetricName, type Labels } from '#shared/model/labels.ts';
import { END_MS, type Family, type FamilyKind, START_MS } from './data.ts';
import type { Rng } from './rng.ts';
import { matrix, modifier, NOTHING, type Term, vector } from './term.ts';

/** What queries are made with. */
export interface Grammar {
  readonly rng: Rng;
  readonly families: readonly Family[];
  /** Whether what is behind feature flags may be used. */
  readonly features: boolean;
}

const DURATIONS = ['15s', '30s', '45s', '1m', '90s', '2m', '2m30s', '5m', '7m', '10m', '20m', '61s1ms', '300'];
const LONG_DURATIONS = ['30m', '1h', '2h', '4000s'];
const DURATION_EXPRESSIONS = [
  '1m+step()',
  '2m*2',
  'step()*3',
  'max_of(1m,step())',
  'min_of(5m, range()+30s)',
  '5m-30s',
  '10m/2',
  '2m^1',
  '(1m+1m)*2',
  '7m%2m',
  '-(-3m)',
];

/** A duration as written in brackets. */
export function duration({ rng }: Grammar): string {
  return rng.weighted([
    [30, rng.pick(DURATIONS)],
    [4, rng.pick(LONG_DURATIONS)],
    [3, rng.pick(DURATION_EXPRESSIONS)],
  ]);
}

/** `offset` and `@`, in any order, seldom both. */
export function timeModifiers(grammar: Grammar): Term {
  const { rng } = grammar;
  if (rng.chance(0.8)) return NOTHING;
  const both = [modifier`${offset(grammar)}`, modifier`${at(rng)}`];
  if (rng.chance(0.85)) return rng.pick(both);
  return rng.chance(0.5) ? modifier`${both[0]}${both[1]}` : modifier`${both[1]}${both[0]}`;
}

function offset({ rng }: Grammar): string {
  if (rng.chance(0.15)) return ` offset (${rng.pick(DURATION_EXPRESSIONS)})`;
  return ` offset ${rng.chance(0.25) ? '-' : ''}${rng.pick(DURATIONS)}`;
}

function at(rng: Rng): string {
  if (rng.chance(0.4)) return rng.pick([' @ start()', ' @ end()']);
  const timeMs = rng.int(START_MS - 120_000, END_MS + 120_000);
  return ` @ ${rng.chance(0.6) ? Math.round(timeMs / 1000) : timeMs / 1000}`;
}

/** A family, of one of the kinds if there is one. Native histograms are taken more often than others: most functions of
 *  floats leave nothing of them. */
export function familyOf({ rng, families }: Grammar, kinds?: readonly FamilyKind[]): Family {
  const wanted = kinds ?? (rng.chance(0.3) ? ['native'] : undefined);
  const fitting = wanted === undefined ? families : families.filter(({ kind }) => wanted.includes(kind));
  return rng.pick(fitting.length === 0 ? families : fitting);
}

/** An instant vector selector. */
export function selector(grammar: Grammar, family: Family): Term {
  const { rng } = grammar;
  const smoothed = rng.chance(0.02) ? modifier` smoothed` : NOTHING;
  return vector`${selection(grammar, family)}${smoothed}${timeModifiers(grammar)}`;
}

/** A range vector selector. */
export function rangeSelector(grammar: Grammar, family: Family, extension: Term = NOTHING): Term {
  const range = `[${duration(grammar)}]`;
  return matrix`${selection(grammar, family)}${range}${extension}${timeModifiers(grammar)}`;
}

/** A name with matchers. */
function selection(grammar: Grammar, family: Family): Term {
  return { ...writeSelection(grammar, family), narrower: () => family.series.map(({ labels }) => exactly(labels)) };
}

function writeSelection(grammar: Grammar, family: Family): Term {
  const { rng } = grammar;
  const matchers = rng.chance(0.5) ? [] : [labelMatcher(grammar, family)];
  if (rng.chance(0.15)) matchers.push(labelMatcher(grammar, family));
  if (rng.chance(0.04)) {
    const names = [family.name, familyOf(grammar, [family.kind]).name].map(regexQuote).join('|');
    return vector`{${[`__name__=~${goQuote(names)}`, ...matchers].join(',')}}`;
  }
  if (!isLegacyMetricName(family.name)) return vector`{${[goQuote(family.name), ...matchers].join(', ')}}`;
  return vector`${family.name}${matchers.length > 0 ? modifier`{${matchers.join(',')}}` : NOTHING}`;
}

/** A selector of one series. */
function exactly(labels: Labels): Term {
  return vector`${formatLabels(labels)}`;
}

function labelMatcher({ rng }: Grammar, { series }: Family): string {
  const { labels } = rng.pick(series);
  const at = 2 * rng.int(0, labels.length / 2 - 1);
  if (labels[at] === '__name__') return rng.pick(['job="api"', 'instance!="a:80"', 'job!~"ap.*"', 'nolabel=""']);
  const name = isLegacyMetricName(labels[at]) ? labels[at] : goQuote(labels[at]);
  const value = labels[at + 1];
  return rng.weighted([
    [4, `${name}=${goQuote(value)}`],
    [4, `${name}!=${goQuote(value)}`],
    [2, `${name}=~${goQuote(`${regexQuote(value)}|b.*`)}`],
    [2, `${name}=~".+"`],
    [1, `${name}!~${goQuote(`${regexQuote(value.slice(0, 1))}.*`)}`],
    [1, `${name}=~"(?i)[A-M].*|[0-4]+"`],
  ]);
}

export function regexQuote(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
