import { parseFeatures } from '#shared/config/features.ts';
import { parseDuration } from '#shared/model/duration.ts';

/** What `-c name=value` or the `context` of cdk.json decide. */
export interface DeploymentContext {
  /** The stage's name, which begins the names of its stacks. @default Emberwatch */
  readonly stage: string;
  /** The folder with `prometheus.yml`, `alertmanager.yml` and what they name, relative to the repository.
   *  @default infra/configuration */
  readonly configurationFolder: string;
  /** Who gets what is published to the alert topic. Each address confirms by a mail. @default None. */
  readonly alertEmails: readonly string[];
  /** Who is told when Emberwatch itself is in trouble. @default The same. */
  readonly operatorEmails: readonly string[];
  /** How long samples are kept, as a Prometheus duration. @default 15d */
  readonly retention: string;
  /** Features of Prometheus to turn on, as its `--enable-feature` has them, separated by commas. @default None. */
  readonly features: string;
  /** Under which users reach the API, where a domain of your own points at it. @default The deployment's own URL. */
  readonly externalUrl?: string;
  /** The least level that functions log: debug, info, warn or error. @default info */
  readonly logLevel: string;
  readonly emulator: EmulatorSwitches;
}

/** All that `-c emulator=true` changes, for a deployment on a local AWS emulator. */
export interface EmulatorSwitches {
  /** Stacks, table and bucket may be deleted, with what they hold. */
  readonly disposable: boolean;
  /** No dashboard bucket and no CloudFront: emulators cannot route from there to the API. */
  readonly withoutSite: boolean;
  /** Functions may connect to this machine, where the targets of a demo are. */
  readonly loopbackTargets: boolean;
}

const FLAGS = [
  'stage',
  'config',
  'alertEmails',
  'operatorEmails',
  'retention',
  'features',
  'externalUrl',
  'logLevel',
  'emulator',
] as const;
type Flag = (typeof FLAGS)[number];

/** @param get The value of a context flag, `undefined` where it is not given.
 *  @throws {TypeError} Naming the flag. */
export function readContext(get: (flag: Flag) => unknown): DeploymentContext {
  const alertEmails = readEmails('alertEmails', get);
  const isEmulator = readSwitch('emulator', get);
  return {
    stage: readText('stage', get, { default: 'Emberwatch', pattern: /^[A-Za-z][A-Za-z0-9-]{0,63}$/ })!,
    configurationFolder: readText('config', get, { default: 'infra/configuration' })!,
    alertEmails,
    operatorEmails: get('operatorEmails') === undefined ? alertEmails : readEmails('operatorEmails', get),
    retention: readRetention(get),
    features: readFeatures(get),
    externalUrl: readText('externalUrl', get, { pattern: /^https?:\/\/[^\s]+$/ })?.replace(/\/+$/, ''),
    logLevel: readText('logLevel', get, { default: 'info', pattern: /^(?:debug|info|warn|error)$/ })!,
    emulator: { disposable: isEmulator, withoutSite: isEmulator, loopbackTargets: isEmulator },
  };
}

function readText(
  flag: Flag,
  get: (flag: Flag) => unknown,
  options: { readonly default?: string; readonly pattern?: RegExp } = {},
): string | undefined {
  const value = get(flag) ?? options.default;
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '' && (options.pattern?.test(value) ?? true)) return value;
  throw unusable(flag, value, `a text${options.pattern === undefined ? '' : ` that matches ${options.pattern}`}`);
}

function readSwitch(flag: Flag, get: (flag: Flag) => unknown): boolean {
  const value = get(flag) ?? false;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw unusable(flag, value, 'true or false');
}

function readEmails(flag: Flag, get: (flag: Flag) => unknown): string[] {
  const value = get(flag) ?? [];
  const emails = typeof value === 'string' ? value.split(',').map((email) => email.trim()) : value;
  const isList = Array.isArray(emails) && emails.every((email) => /^[^\s@,]+@[^\s@,]+$/.test(String(email)));
  if (isList) return [...new Set(emails as string[])];
  throw unusable(flag, value, 'e-mail addresses, separated by commas');
}

function readRetention(get: (flag: Flag) => unknown): string {
  const text = readText('retention', get, { default: '15d' })!;
  try {
    if (parseDuration(text) >= parseDuration('1d')) return text;
  } catch {
    // Reported below, like one that is too short.
  }
  throw unusable('retention', text, 'a duration of at least 1d, such as 15d');
}

/** A name that is not known would be a mistake that nobody sees: unlike a server, a deployment has no log to read. */
function readFeatures(get: (flag: Flag) => unknown): string {
  const text = readText('features', get) ?? '';
  const unused = text === '' ? [] : parseFeatures([text]).notices.filter(({ severity }) => severity === 'warn');
  if (unused.length === 0) return text;
  throw unusable('features', text, `features that have an effect, which "${unused[0].option}" has not`);
}

function unusable(flag: Flag, value: unknown, expected: string): TypeError {
  return new TypeError(`Cannot read context flag "${flag}": got ${JSON.stringify(value)}, expected ${expected}`);
}
