/** Series of one target that share a metric's name. */
export const SERIES_PER_METRIC = 10;

/** Synthetic pages: half of the metrics are counters, half gauges. Of both a quarter is 0 and a quarter does not change; of
 *  the other gauges one in four is a fraction. No two targets have the same values, or compression would find them.
 *  @returns The page at a time, Unix milliseconds. */
export function createPage(
  target: number,
  options: { readonly series: number; readonly intervalMs: number },
): (nowMs: number) => string {
  const { series, intervalMs } = options;
  const starts = Array.from({ length: series }, (_, i) => {
    const metric = Math.floor(i / SERIES_PER_METRIC);
    const head =
      i % SERIES_PER_METRIC === 0 ? `# TYPE ${metricName(metric)} ${isCounter(metric) ? 'counter' : 'gauge'}\n` : '';
    return `${head}${metricName(metric)}{method="${i % 2 === 0 ? 'GET' : 'POST'}",path="/api/v1/items/${i % SERIES_PER_METRIC}"} `;
  });
  return (nowMs) => {
    const step = Math.floor(nowMs / intervalMs);
    let page = '';
    for (let i = 0; i < series; i++) page += `${starts[i]}${sampleAt(target * series + i, i, step)}\n`;
    return page;
  };
}

/** Even ones are counters. */
export function metricName(metric: number): string {
  return isCounter(metric) ? `app_requests_${metric}_total` : `app_queue_${metric}_length`;
}

export function isCounter(metric: number): boolean {
  return metric % 2 === 0;
}

function sampleAt(identity: number, i: number, step: number): number {
  const own = scramble(identity);
  const kind = own % 4;
  if (kind === 0) return 0;
  if (kind === 1) return (own >>> 8) % 1000;
  const now = scramble(own ^ Math.imul(step, 0x9e3779b1));
  if (isCounter(Math.floor(i / SERIES_PER_METRIC))) {
    const rate = (own >>> 8) % 200;
    return rate * (step % 100_000) + (now % (rate + 1));
  }
  return kind === 3 && i % 2 === 0 ? (now % 1_000_000) / 1e6 : now % 200;
}

/** Mixes the bits of a number. @see MurmurHash3's finalizer */
function scramble(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
