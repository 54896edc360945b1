import { ENVIRONMENT } from '#shared/adapters/aws/schema.ts';
import { parseFeatures } from '#shared/config/features.ts';
import { parseDuration } from '#shared/model/duration.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';

/** The configuration's main files, below the prefix that the deployment uploaded. */
export const CONFIGURATION_PATHS = { prometheus: 'prometheus.yml', alertmanager: 'alertmanager.yml' } as const;

/** `true` on an emulator: targets and receivers on the loopback are allowed, where a demo has them. */
export const ALLOW_LOOPBACK = 'ALLOW_LOOPBACK';
/** The version of Emberwatch that is deployed. */
export const VERSION = 'VERSION';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What SQS takes to wake a function, and most of a cold start: later than 250 ms, samples lose their slot's time. */
const DISPATCH_LEAD_MS = 1500;

/** Of Lambda itself. */
const DEFAULT_FUNCTION_MB = 128;

/** Reads the settings of a Lambda function.
 *  @throws {TypeError} Naming the variable. */
export function readSettings(environment: Environment): Settings {
  return {
    ...DEFAULT_SETTINGS,
    paths: CONFIGURATION_PATHS,
    env: (name) => environment[name],
    externalUrl: externalUrlOf(environment[ENVIRONMENT.externalUrl]),
    retentionMs: retentionOf(environment[ENVIRONMENT.retention]),
    features: parseFeatures([environment[ENVIRONMENT.features] ?? '']).features,
    dispatchLeadMs: DISPATCH_LEAD_MS,
    ...memoryOf(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
  };
}

/** Queries and decoded samples get their shares of the function's memory; the rest is Node's and the code's. */
function memoryOf(megabytes: string | undefined): Pick<Settings, 'headMaxBytes' | 'queryMaxMemoryBytes'> {
  const bytes = Number(megabytes ?? DEFAULT_FUNCTION_MB) * 1024 * 1024;
  return { headMaxBytes: Math.floor(bytes * 0.25), queryMaxMemoryBytes: Math.floor(bytes * 0.3) };
}

/** What functions may connect to besides what all may. */
export function readEgress(environment: Environment): { readonly allowLoopback: boolean } {
  return { allowLoopback: environment[ALLOW_LOOPBACK] === 'true' };
}

function externalUrlOf(text: string | undefined): string {
  if (text !== undefined && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new TypeError(`Cannot start: ${ENVIRONMENT.externalUrl} is "${text ?? ''}", expected a URL`);
}

function retentionOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SETTINGS.retentionMs;
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new TypeError(`Cannot start: ${ENVIRONMENT.retention} is "${text}", expected a duration such as "15d"`, {
      cause,
    });
  }
}
