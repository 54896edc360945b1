import type { Clock } from '#shared/ports/clock.ts';
import type { LogFields, Logger } from '#shared/ports/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** How logs are written. */
export interface LoggerOptions {
  readonly clock: Clock;
  /** The least level that is written. @default 'info' */
  readonly level?: LogLevel;
  /** @default 'text' */
  readonly format?: 'text' | 'json';
  /** Gets each line, with its line break. @default Standard error. */
  readonly write?: (line: string) => void;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A logger of one line an entry: `2026-11-22T19:53:00.123Z WARN  Scrape failed job=node error="…"`, or JSON. */
export function createLineLogger(options: LoggerOptions): Logger {
  const { clock, level = 'info', format = 'text', write = (line) => process.stderr.write(line) } = options;
  const entry = format === 'json' ? formatJson : formatText;
  const log = (of: LogLevel) => (message: string, fields?: LogFields) => {
    if (LEVELS.indexOf(of) < LEVELS.indexOf(level)) return;
    write(`${entry(new Date(clock.nowMs()).toISOString(), of, message, fields ?? {})}\n`);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

function formatText(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const stacks: string[] = [];
  const pairs = Object.entries(fields).map(([name, value]) => {
    if (value instanceof Error && level === 'error') stacks.push(describeStack(value));
    return ` ${name}=${quoteIfNeeded(textOf(value))}`;
  });
  return `${time} ${level.toUpperCase().padEnd(5)} ${oneLine(message)}${pairs.join('')}${stacks.join('')}`;
}

function formatJson(time: string, level: LogLevel, message: string, fields: LogFields): string {
  return toJson({ time, level, message, ...fields }) ?? JSON.stringify({ time, level, message });
}

function textOf(value: unknown): string {
  if (value instanceof Error) return describeError(value);
  if (typeof value === 'object' && value !== null) return toJson(value) ?? String(value);
  return String(value);
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

/** `message: cause: cause of the cause`. */
function describeError(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${describeError(error.cause)}` : error.message;
}

function describeStack(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((frame) => `\n    ${frame.trim()}`).join('');
}

/** Values from outside must not be able to forge lines. */
function quoteIfNeeded(text: string): string {
  return /^[^\s"=\\\x00-\x1f\x7f]+$/.test(text) ? text : JSON.stringify(text);
}

function oneLine(text: string): string {
  return /[\x00-\x1f\x7f]/.test(text) ? JSON.stringify(text) : text;
}
