/** Where an answer may differ from the real server's, by no more than the last bit of a number, and why. */
interface Exception {
  /** Of queries that may differ. */
  readonly queries: RegExp;
  readonly reason: string;
}

const EXCEPTIONS: readonly Exception[] = [];

/** Whether samples, as JSON, are the same but for the last bit of numbers, in a query that is an exception. */
export function almostEqual(query: string, expected: string, got: string): boolean {
  if (!EXCEPTIONS.some(({ queries }) => queries.test(query))) return false;
  const a = expected.split(/[",[\]]+/);
  const b = got.split(/[",[\]]+/);
  return a.length === b.length && a.every((text, i) => text === b[i] || withinOneUlp(Number(text), Number(b[i])));
}

function withinOneUlp(a: number, b: number): boolean {
  const view = new DataView(new ArrayBuffer(16));
  view.setFloat64(0, a);
  view.setFloat64(8, b);
  const distance = view.getBigInt64(0) - view.getBigInt64(8);
  return distance >= -1n && distance <= 1n;
}
