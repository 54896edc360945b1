import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import type { LogFields, Logger } from '#shared/ports/logger.ts';
import { createRedaction } from './redaction.ts';
import { ENVIRONMENT } from './schema.ts';

/** The order of levels, least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What Lambda says of an invocation, as far as it is logged. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
}

/** The log of a Lambda function, which knows what is worked on. */
export interface LambdaLogger extends Logger {
  /** Puts the request and these fields on each line until the next call. */
  begin(context: InvocationContext, fields: LogFields): void;
  /** Masks the text on all lines to come. */
  hide(secret: string): void;
}

/** How the log of a function is written. */
export interface LambdaLoggerOptions {
  /** The function, as `service` on each line. */
  readonly service: string;
  /** The least level that is written. @default 'info' */
  readonly level?: LogLevel;
  /** On each line. */
  readonly fields?: LogFields;
  /** Gets each line, with its line break. @default Standard output, and standard error for warnings and errors. */
  readonly write?: (line: string) => void;
}

/** What Powertools writes itself, and leaves out, with a warning, of the fields of others. */
const RESERVED: ReadonlySet<string> = new Set(['level', 'message', 'sampling_rate', 'service', 'timestamp']);

/** A logger of one JSON object a line, which CloudWatch Logs finds fields in: `{"level": …, "message": …, "timestamp": …,
 *  "service": …, "cold_start": …, "function_request_id": …, …fields}`. Secrets are masked: those under a name that secrets
 *  have, and those that it was told to hide. */
export function createLambdaLogger(options: LambdaLoggerOptions): LambdaLogger {
  const { service, level = 'info', fields = {}, write } = options;
  const redaction = createRedaction();
  const powertools = new PowertoolsLogger({
    serviceName: service,
    logLevel: upperCase(level),
    persistentKeys: { ...fields },
    jsonReplacerFn: redaction.replace,
  });
  if (write !== undefined) Object.assign(powertools, { console: consoleOf(write) });
  const log = (of: LogLevel) => (message: string, extra?: LogFields) => {
    try {
      powertools[of](message, unreserved(extra ?? {}));
    } catch {
      // A field that cannot be written must not fail the work it is about.
      powertools[of](message);
    }
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    hide: (secret) => redaction.hide(secret),
    begin(context, about) {
      powertools.resetKeys();
      powertools.addContext(context as Parameters<typeof powertools.addContext>[0]);
      powertools.appendKeys(unreserved(about));
    },
  };
}

/** The level that the environment asks for. @throws {Error} When there is no such level. */
export function readLogLevel(env: Readonly<Record<string, string | undefined>>): LogLevel {
  const level = env[ENVIRONMENT.logLevel] || 'info';
  if ((LOG_LEVELS as readonly string[]).includes(level)) return level as LogLevel;
  throw new Error(`Cannot use ${ENVIRONMENT.logLevel} "${level}": expected one of ${LOG_LEVELS.join(', ')}`);
}

/** A field must not be able to hide the level. */
function unreserved(fields: LogFields): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [RESERVED.has(name) ? `field_${name}` : name, value]);
  return Object.fromEntries(entries);
}

function upperCase(level: LogLevel): Uppercase<LogLevel> {
  return level.toUpperCase() as Uppercase<LogLevel>;
}

function consoleOf(write: (line: string) => void): Record<LogLevel, (line: string) => void> {
  const writeLine = (line: string) => write(`${line}\n`);
  return { debug: writeLine, info: writeLine, warn: writeLine, error: writeLine };
}
