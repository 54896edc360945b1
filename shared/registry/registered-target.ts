import { parseDuration } from '#shared/model/duration.ts';
import { isLegacyLabelName } from '#shared/model/labels.ts';

/** A target that was registered through the API. Durations and times in milliseconds. */
export interface RegisteredTarget {
  readonly id: string;
  /** `host:port` */
  readonly address: string;
  readonly job: string;
  readonly scheme: 'http' | 'https';
  readonly metricsPath: string;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** The target is forgotten this long after it was last written; absent: never. */
  readonly ttlMs?: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type TargetSettings = Omit<RegisteredTarget, 'id' | 'createdAtMs' | 'updatedAtMs'>;

/** One thing wrong with a request. */
export interface FieldProblem {
  /** Such as `labels.env`. */
  readonly field: string;
  readonly problem: string;
}

export interface TargetDefaults {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
}

export const DEFAULT_JOB = 'registered';

const FIELDS = [
  'address',
  'job',
  'scheme',
  'metricsPath',
  'params',
  'labels',
  'scrapeInterval',
  'scrapeTimeout',
  'ttl',
];
const MIN_TTL_MS = 10_000;
const MAX_LABELS = 64;
const MAX_TEXT = 1024;

/** Reads the body of a registration. All problems are found, not only the first. */
export function parseTargetSettings(
  body: unknown,
  defaults: TargetDefaults,
):
  | { readonly ok: true; readonly settings: TargetSettings }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { ok: false, problems: [{ field: '', problem: `expected an object, got ${describe(body)}` }] };
  }
  const reader = new FieldReader(body as Record<string, unknown>);
  const intervalMs = reader.duration('scrapeInterval', defaults.scrapeIntervalMs);
  const settings: TargetSettings = {
    address: reader.address(),
    job: reader.text('job', DEFAULT_JOB),
    scheme: reader.choice('scheme', ['http', 'https']),
    metricsPath: reader.path('metricsPath', '/metrics'),
    params: reader.params(),
    labels: reader.labels(),
    scrapeIntervalMs: intervalMs,
    scrapeTimeoutMs: reader.duration('scrapeTimeout', Math.min(defaults.scrapeTimeoutMs, intervalMs)),
    ...(reader.has('ttl') ? { ttlMs: reader.duration('ttl', 0) } : {}),
  };
  reader.checkTimes(settings);
  return reader.problems.length > 0 ? { ok: false, problems: reader.problems } : { ok: true, settings };
}

class FieldReader {
  readonly problems: FieldProblem[] = [];
  readonly #body: Map<string, unknown>;

  constructor(body: Record<string, unknown>) {
    this.#body = new Map(Object.entries(body));
    for (const field of this.#body.keys()) {
      if (!FIELDS.includes(field)) this.#report(field, `unknown field, expected one of ${FIELDS.join(', ')}`);
    }
  }

  has(field: string): boolean {
    return this.#body.get(field) !== undefined;
  }

  text(field: string, fallback: string): string {
    if (!this.has(field)) return fallback;
    return this.#string(field, this.#body.get(field)) || fallback;
  }

  address(): string {
    if (!this.has('address')) {
      this.#report('address', 'is required, such as "localhost:9100"');
      return '';
    }
    const address = this.#string('address', this.#body.get('address'));
    if (address !== '' && !isAddress(address)) {
      this.#report('address', `expected host:port such as "localhost:9100", got "${address}"`);
    }
    return address;
  }

  path(field: string, fallback: string): string {
    const path = this.text(field, fallback);
    if (!path.startsWith('/')) this.#report(field, `expected a path that starts with "/", got "${path}"`);
    return path;
  }

  choice<const T extends string>(field: string, choices: readonly T[]): T {
    const value = this.text(field, choices[0]);
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) this.#report(field, `expected ${choices.join(' or ')}, got "${value}"`);
    return chosen ?? choices[0];
  }

  duration(field: string, fallbackMs: number): number {
    if (!this.has(field)) return fallbackMs;
    const text = this.#string(field, this.#body.get(field));
    if (text === '') return fallbackMs;
    try {
      return parseDuration(text);
    } catch (error) {
      this.#report(field, (error as Error).message);
      return fallbackMs;
    }
  }

  labels(): Record<string, string> {
    const entries = this.#entries('labels');
    if (entries.length > MAX_LABELS)
      this.#report('labels', `expected at most ${MAX_LABELS} labels, got ${entries.length}`);
    const labels = entries.map(([name, value]) => {
      const field = `labels.${name}`;
      if (!isLegacyLabelName(name)) this.#report(field, 'expected a label name of letters, digits and "_"');
      if (name.startsWith('__')) this.#report(field, 'names that start with "__" are reserved');
      return [name, this.#string(field, value)] as const;
    });
    return Object.fromEntries(labels);
  }

  params(): Record<string, string[]> {
    const params = this.#entries('params').map(([name, value]) => {
      const field = `params.${name}`;
      const list = Array.isArray(value) ? value : [value];
      return [name, list.map((item) => this.#string(field, item))] as const;
    });
    return Object.fromEntries(params);
  }

  checkTimes({ scrapeIntervalMs, scrapeTimeoutMs, ttlMs }: TargetSettings): void {
    if (scrapeIntervalMs < 1000 || scrapeIntervalMs % 1000 !== 0) {
      this.#report('scrapeInterval', 'expected whole seconds, at least 1s');
    }
    if (scrapeTimeoutMs <= 0) this.#report('scrapeTimeout', 'expected more than 0s');
    if (scrapeTimeoutMs > scrapeIntervalMs) this.#report('scrapeTimeout', 'expected at most the scrape interval');
    if (ttlMs !== undefined && ttlMs < MIN_TTL_MS) this.#report('ttl', 'expected at least 10s');
  }

  #entries(field: string): [string, unknown][] {
    const value = this.#body.get(field);
    if (value === undefined) return [];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
    this.#report(field, `expected an object, got ${describe(value)}`);
    return [];
  }

  #string(field: string, value: unknown): string {
    if (typeof value !== 'string') this.#report(field, `expected a string, got ${describe(value)}`);
    else if (value.length > MAX_TEXT)
      this.#report(field, `expected at most ${MAX_TEXT} characters, got ${value.length}`);
    else if (!value.isWellFormed()) this.#report(field, 'expected valid Unicode');
    else return value;
    return '';
  }

  #report(field: string, problem: string): void {
    this.problems.push({ field, problem });
  }
}

/** Whether `text` is `host:port` with a name, an IPv4 or a bracketed IPv6 address. */
function isAddress(text: string): boolean {
  const match = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$/.exec(text);
  return match !== null && Number(match[1]) >= 1 && Number(match[1]) <= 65_535;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `${typeof value} ${JSON.stringify(value)}`;
}
