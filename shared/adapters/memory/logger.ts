import type { LogFields, Logger } from '#shared/ports/logger.ts';

/** A line of the log. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: LogFields;
}

/** A logger that keeps its lines. */
export interface MemoryLogger extends Logger {
  readonly entries: readonly LogEntry[];
}

/** A logger that keeps its lines. */
export function createMemoryLogger(): MemoryLogger {
  const entries: LogEntry[] = [];
  const write = (level: LogEntry['level']) => (message: string, fields?: LogFields) => {
    entries.push({ level, message, ...(fields && { fields }) });
  };
  return { entries, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
