interface Answer {
  readonly status: string;
  readonly data?: { readonly resultType: string; readonly result: readonly unknown[] };
}

/** Whether two answers of the query API are the same, number by number; the order of series and of labels aside. */
export function sameAnswer(a: Buffer, b: Buffer): boolean {
  const [x, y] = [a, b].map((body) => JSON.parse(body.toString()) as Answer);
  if (x.status !== y.status || x.data?.resultType !== y.data?.resultType) return false;
  if (x.data === undefined || y.data === undefined) return x.data === y.data;
  const theirs = new Map(y.data.result.map((series) => [keyOf(series), series]));
  return (
    x.data.result.length === y.data.result.length && x.data.result.every((s) => sameValue(s, theirs.get(keyOf(s))))
  );
}

function keyOf(series: unknown): string {
  const metric = (series as { readonly metric?: Record<string, string> } | null)?.metric;
  return metric === undefined ? JSON.stringify(series) : JSON.stringify(Object.entries(metric).sort());
}

function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b || sameNumber(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => sameValue((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

function sameNumber(a: string, b: string): boolean {
  const [x, y] = [Number(a), Number(b)];
  return !Number.isNaN(x) && Object.is(x, y);
}
