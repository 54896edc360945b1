import { formatDuration, parseDuration } from '#shared/model/duration.ts';

/** What is to be monitored. */
export interface Load {
  readonly targets: number;
  /** Of each target, beside the report series that scraping adds. */
  readonly series: number;
  readonly intervalMs: number;
  readonly rules: number;
  /** How often rules are evaluated. */
  readonly evaluationMs: number;
  /** Views of a dashboard page, a day. */
  readonly viewsPerDay: number;
  readonly retentionMs: number;
}

interface Field {
  readonly default?: string;
  /** @throws {Error} When it cannot be read. */
  readonly read: (text: string) => number;
}

const DEFAULTS_TO = {
  targets: { read: count(1, 100_000) },
  series: { read: count(1, 100_000) },
  interval: { default: '15s', read: seconds },
  rules: { default: '50', read: count(0, 10_000) },
  evaluation: { default: '1m', read: seconds },
  views: { default: '100/day', read: perDay },
  retention: { default: '15d', read: parseDuration },
} as const satisfies Readonly<Record<string, Field>>;

type FieldName = keyof typeof DEFAULTS_TO;

/** What can be said of a load, and what it is where nothing is said. */
export const LOAD_HELP = Object.entries(DEFAULTS_TO)
  .map(([name, field]: [string, Field]) => (field.default === undefined ? `${name}=N` : `[${name}=${field.default}]`))
  .join(',');

/** Reads `targets=100,series=1000,interval=15s`.
 *  @throws {SyntaxError} Naming the field that cannot be read. */
export function parseLoad(text: string): Load {
  const given = new Map<string, string>();
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at < 0 ? undefined : at).trim();
    if (!Object.hasOwn(DEFAULTS_TO, name)) {
      throw new SyntaxError(`Cannot read load: "${name}" is unknown, expected ${LOAD_HELP}`);
    }
    if (at < 0) throw new SyntaxError(`Cannot read load: "${name}" has no value, expected ${LOAD_HELP}`);
    given.set(name, part.slice(at + 1).trim());
  }
  const value = (name: FieldName): number => {
    const field: Field = DEFAULTS_TO[name];
    const shown = given.get(name) ?? field.default;
    if (shown === undefined) throw new SyntaxError(`Cannot read load: "${name}" is missing, expected ${LOAD_HELP}`);
    try {
      return field.read(shown);
    } catch (cause) {
      throw new SyntaxError(`Cannot read load: ${name} is "${shown}": ${(cause as Error).message}`, { cause });
    }
  };
  return {
    targets: value('targets'),
    series: value('series'),
    intervalMs: value('interval'),
    rules: value('rules'),
    evaluationMs: value('evaluation'),
    viewsPerDay: value('views'),
    retentionMs: value('retention'),
  };
}

/** The load in words. */
export function describeLoad(load: Load): string {
  const { targets, series, rules, viewsPerDay } = load;
  const [interval, evaluation, retention] = [load.intervalMs, load.evaluationMs, load.retentionMs].map(formatDuration);
  return `${number(targets)} targets of ${number(series)} series every ${interval}; ${number(rules)} rules every ${evaluation}; ${number(viewsPerDay)} views of a dashboard a day; kept for ${retention}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function count(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new RangeError(`expected a whole number from ${least} to ${most}`);
  };
}

/** Slots are whole seconds. */
function seconds(text: string): number {
  const ms = parseDuration(text);
  if (ms >= 1000 && ms <= 300_000 && ms % 1000 === 0) return ms;
  throw new RangeError('expected whole seconds, from 1s to 5m');
}

function perDay(text: string): number {
  return count(0, 1_000_000)(text.replace(/\/day$/, ''));
}
