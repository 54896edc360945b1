/** Structured logs. Fields must not hold secrets. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** An Error is logged with its message, cause and stack. */
export type LogFields = Readonly<Record<string, unknown>>;
