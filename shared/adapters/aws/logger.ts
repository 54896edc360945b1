import type { Clock } from '#shared/ports/clock.ts';
import type { LogFields, Logger } from '#shared/ports/logger.ts';

/** The order of levels, least first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A logger of one JSON object a line, which CloudWatch Logs finds fields in: `{"time": …, "level": …, "message": …, …fields}`.
 *  @param options.level The least level that is written. @default 'info'
 *  @param options.write Gets each line, with its line break. @default Standard output. */
export function createJsonLogger(options: {
  readonly clock: Clock;
  readonly level?: LogLevel;
  readonly write?: (line: string) => void;
}): Logger {
  const { clock, level = 'info', write = (line) => process.stdout.write(line) } = options;
  const log = (of: LogLevel) => (message: string, fields?: LogFields) => {
    if (LOG_LEVELS.indexOf(of) < LOG_LEVELS.indexOf(level)) return;
    // Our own names come last: a field must not be able to hide the level.
    const own = { time: new Date(clock.nowMs()).toISOString(), level: of, message };
    write(`${toJson({ ...own, ...fields, ...own }) ?? JSON.stringify(own)}\n`);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** `undefined` for what JSON cannot hold, such as a cycle: a log line must not fail the work it is about. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, part) => {
      if (part instanceof Error)
        return { name: part.name, message: part.message, stack: part.stack, cause: part.cause };
      return typeof part === 'bigint' ? String(part) : part;
    });
  } catch {
    return undefined;
  }
}
