/** Go's zero time, which stands for "not ended". */
export const ZERO_GO_TIME = '0001-01-01T00:00:00Z';

/** A time as Go's JSON has it: RFC 3339 in UTC, without trailing zeros in the fraction.
 *  @param timeMs Unix milliseconds. */
export function formatGoTime(timeMs: number): string {
  const [seconds, fraction] = new Date(timeMs).toISOString().slice(0, -1).split('.');
  const digits = fraction.replace(/0+$/, '');
  return digits === '' ? `${seconds}Z` : `${seconds}.${digits}Z`;
}

/** Encodes a value as Go's `json.Encoder` does: characters that mean something in HTML escaped, a line break at the end.
 *  Members that are `undefined` are left out. */
export function encodeGoJson(value: unknown): string {
  const escaped = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}

/** The text, or `undefined` when it is empty: Go's `omitempty`. */
export function omitEmpty(text: string): string | undefined {
  return text === '' ? undefined : text;
}
