import { parseArgs } from 'node:util';
import { type FeatureNotice, type Features, parseFeatures } from '#shared/config/features.ts';
import { parseDuration } from '#shared/model/duration.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

/** The command line, validated. */
export interface Flags {
  /** Absent: the demo runs. */
  readonly configFile?: string;
  readonly alertmanagerFile?: string;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly externalUrl?: string;
  readonly retentionMs: number;
  readonly lookbackDeltaMs: number;
  readonly queryTimeoutMs: number;
  readonly queryMaxSamples: number;
  readonly queryMaxConcurrency: number;
  readonly queryMaxMemoryBytes: number;
  readonly features: Features;
  /** What there is to say of the features. */
  readonly featureNotices: readonly FeatureNotice[];
  /** Topic ARN and e-mail address each. */
  readonly subscriptions: readonly { readonly topicArn: string; readonly email: string }[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'text' | 'json';
  /** All flags as text, as `/api/v1/status/flags` shows them. */
  readonly shown: Readonly<Record<string, string>>;
}

interface FlagSpec {
  readonly help: string;
  readonly default?: string;
  readonly multiple?: true;
}

const SPECS: Readonly<Record<string, FlagSpec>> = {
  'config.file': { help: 'Your prometheus.yml. Without it a demo runs.' },
  'alertmanager.config.file': { help: 'Your alertmanager.yml. Without it nobody is notified.' },
  'storage.path': { help: 'The data directory.', default: 'data' },
  'storage.tsdb.path': { help: 'The same, by its name in Prometheus.' },
  'storage.retention.time': { help: 'How long samples are kept.', default: '15d' },
  'web.listen-address': { help: 'Where to serve the API.', default: '127.0.0.1:9090' },
  'web.external-url': { help: 'Under which users reach it, for links in notifications.' },
  'query.lookback-delta': { help: 'How long a sample is the current value of its series.', default: '5m' },
  'query.timeout': { help: 'The longest a query may take.', default: '2m' },
  'query.max-samples': {
    help: 'Samples that a query may have in memory.',
    default: String(DEFAULT_SETTINGS.queryMaxSamples),
  },
  'query.max-concurrency': {
    help: 'Queries that run at once; others wait.',
    default: String(DEFAULT_SETTINGS.queryMaxConcurrency),
  },
  'query.max-memory-bytes': {
    help: 'Memory of all queries that run at once.',
    default: String(DEFAULT_SETTINGS.queryMaxMemoryBytes),
  },
  'enable-feature': {
    help: 'Features as Prometheus names them, separated by commas: promql-experimental-functions … Repeatable.',
    multiple: true,
  },
  'sns.subscribe': { help: 'TOPIC_ARN=ADDRESS: an e-mail subscriber of a topic. Repeatable.', multiple: true },
  'log.level': { help: 'debug, info, warn or error.', default: 'info' },
  'log.format': { help: 'text or json.', default: 'text' },
};

/** @throws {TypeError} With a message that names the flag. */
export function parseFlags(args: readonly string[]): Flags | 'help' {
  const values = parse(args);
  if (values.help === true) return 'help';
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : SPECS[name].default;
  };
  const { host, port } = parseListenAddress(text('web.listen-address')!);
  const count = (name: string): number => wholeNumber(name, text(name)!);
  const { features, notices } = parseFeatures((values['enable-feature'] ?? []) as string[]);
  return {
    configFile: text('config.file'),
    alertmanagerFile: text('alertmanager.config.file'),
    dataDir: text('storage.tsdb.path') ?? text('storage.path')!,
    host,
    port,
    externalUrl: parseExternalUrl(text('web.external-url')),
    retentionMs: duration('storage.retention.time', text('storage.retention.time')!),
    lookbackDeltaMs: duration('query.lookback-delta', text('query.lookback-delta')!),
    queryTimeoutMs: duration('query.timeout', text('query.timeout')!),
    queryMaxSamples: count('query.max-samples'),
    queryMaxConcurrency: count('query.max-concurrency'),
    queryMaxMemoryBytes: count('query.max-memory-bytes'),
    features,
    featureNotices: notices,
    subscriptions: ((values['sns.subscribe'] ?? []) as string[]).map(parseSubscription),
    logLevel: choice('log.level', text('log.level')!, ['debug', 'info', 'warn', 'error']),
    logFormat: choice('log.format', text('log.format')!, ['text', 'json']),
    shown: Object.fromEntries(
      Object.keys(SPECS).map((name) => [name, String(values[name] ?? SPECS[name].default ?? '')]),
    ),
  };
}

function parse(args: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(
    Object.entries(SPECS).map(([name, { multiple }]) => [
      name,
      { type: 'string', multiple: multiple === true } as const,
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } }, strict: true })
      .values;
  } catch (error) {
    throw new TypeError(`${(error as Error).message.split('. ')[0]}; --help lists the flags`, { cause: error });
  }
}

function duration(name: string, text: string): number {
  try {
    const ms = parseDuration(text);
    if (ms > 0) return ms;
  } catch (error) {
    throw new TypeError(`--${name}: ${(error as Error).message}`, { cause: error });
  }
  throw new TypeError(`--${name}: expected more than 0, got "${text}"`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`--${name}: expected a whole number above 0, got "${text}"`);
}

function choice<const T extends string>(name: string, text: string, choices: readonly T[]): T {
  const chosen = choices.find((candidate) => candidate === text);
  if (chosen === undefined) throw new TypeError(`--${name}: expected ${choices.join(', ')}, got "${text}"`);
  return chosen;
}

function parseListenAddress(text: string): { host: string; port: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:]*):([0-9]{1,5})$/.exec(text);
  if (match === null || Number(match[2]) > 65_535) {
    throw new TypeError(`--web.listen-address: expected HOST:PORT such as "127.0.0.1:9090", got "${text}"`);
  }
  return { host: match[1].replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(match[2]) };
}

function parseExternalUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:\/\//.test(text)) {
    throw new TypeError(`--web.external-url: expected a URL such as "https://metrics.example.com", got "${text}"`);
  }
  return text.replace(/\/+$/, '');
}

function parseSubscription(text: string): { topicArn: string; email: string } {
  const at = text.lastIndexOf('=');
  const [topicArn, email] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 0 || !topicArn.startsWith('arn:') || !email.includes('@')) {
    throw new TypeError(`--sns.subscribe: expected TOPIC_ARN=ADDRESS, got "${text}"`);
  }
  return { topicArn, email };
}

/** What `--help` prints. */
export function helpText(): string {
  const lines = Object.entries(SPECS).map(([name, { help, default: value }]) => {
    return `  --${name.padEnd(26)} ${help}${value === undefined ? '' : ` [${value}]`}`;
  });
  return ['Usage: npm start -- [flags]', '', ...lines, ''].join('\n');
}
