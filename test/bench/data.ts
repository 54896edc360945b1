import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { NO_BUCKETS } from '#shared/model/histogram.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';

/** One source of samples: some targets scraped at one interval. */
export interface BenchStream {
  readonly name: string;
  readonly intervalMs: number;
  readonly targets: readonly { readonly name: string; readonly series: readonly SeriesSamples[] }[];
}

const MINUTE_MS = 60_000;
const INSTANCES = 100;
const HANDLERS = ['/', '/cart', '/login', '/logout', '/search', '/items', '/help', '/about', '/admin', '/api'];
const CODES = ['200', '201', '204', '301', '400', '401', '404', '500', '502', '503'];
const MODES = ['user', 'system', 'idle', 'iowait', 'irq', 'softirq', 'nice', 'steal', 'guest', 'guest_nice'];
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf'];

/** What a small company's Prometheus has: 10,000 counters of 100 web servers, and 10 machines at a shorter interval with
 *  1,000 CPU counters, 1,000 buckets of classic histograms, gauges, and native histograms. The same for a seed. */
export function benchStreams(
  times: { readonly startMs: number; readonly endMs: number },
  { wideIntervalMs, seed = 1 }: { readonly wideIntervalMs: number; readonly seed?: number },
): readonly BenchStream[] {
  const random = createSeededRandom(seed);
  const make = new Maker(times, () => random.next());
  return [make.webServers(wideIntervalMs), make.machines(15_000), make.nativeHistograms(MINUTE_MS)];
}

class Maker {
  readonly #times: { readonly startMs: number; readonly endMs: number };
  readonly #random: () => number;

  constructor(times: { readonly startMs: number; readonly endMs: number }, random: () => number) {
    this.#times = times;
    this.#random = random;
  }

  webServers(intervalMs: number): BenchStream {
    const timestampsMs = this.#timestamps(intervalMs);
    const targets = Array.from({ length: INSTANCES }, (_, n) => {
      const instance = `10.0.${Math.floor(n / 10)}.${n % 10}:8080`;
      const common = { job: 'web', instance, zone: `zone-${Math.floor(n / 10)}` };
      const series = HANDLERS.flatMap((handler) =>
        CODES.map((code) => {
          const labels = { __name__: 'http_requests_total', ...common, handler, code };
          return this.#series(labels, timestampsMs, this.#wholeCounter(timestampsMs.length, 40 * this.#random()));
        }),
      );
      return { name: `web/${instance}`, series };
    });
    return { name: 'bench-web', intervalMs, targets };
  }

  machines(intervalMs: number): BenchStream {
    const timestampsMs = this.#timestamps(intervalMs);
    const steps = timestampsMs.length;
    const targets = Array.from({ length: 10 }, (_, n) => {
      const common = { job: 'node', instance: `10.1.0.${n}:9100` };
      const series: SeriesSamples[] = [];
      const add = (labels: Record<string, string>, values: Float64Array) =>
        series.push(this.#series({ ...labels, ...common }, timestampsMs, values));
      for (let cpu = 0; cpu < 10; cpu++) {
        for (const mode of MODES) {
          add(
            { __name__: 'node_cpu_seconds_total', cpu: String(cpu), mode },
            this.#floatCounter(steps, this.#random()),
          );
        }
      }
      for (const handler of HANDLERS) {
        const buckets = this.#cumulative(steps);
        for (const [i, le] of BOUNDS.entries()) {
          add({ __name__: 'request_duration_seconds_bucket', handler, le }, buckets[i]);
        }
        add({ __name__: 'request_duration_seconds_count', handler }, buckets[BOUNDS.length - 1]);
        add({ __name__: 'node_filesystem_avail_bytes', device: handler }, this.#gauge(steps, 1e11));
        add({ __name__: 'node_temperature_celsius', sensor: handler }, this.#decimals(steps));
      }
      add({ __name__: 'node_uname_info', release: `6.${n}.0`, nodename: `node-${n}` }, new Float64Array(steps).fill(1));
      return { name: `node/${n}`, series };
    });
    return { name: 'bench-node', intervalMs, targets };
  }

  nativeHistograms(intervalMs: number): BenchStream {
    const timestampsMs = this.#timestamps(intervalMs);
    const targets = Array.from({ length: 10 }, (_, n) => {
      const instance = `10.2.0.${n}:8080`;
      const series = HANDLERS.map((handler): SeriesSamples => {
        const labels = labelsFromRecord({ __name__: 'rpc_duration_seconds', job: 'rpc', instance, handler });
        const histograms = this.#histograms(timestampsMs.length);
        return { labels, timestampsMs, values: new Float64Array(timestampsMs.length), histograms };
      });
      return { name: `rpc/${instance}`, series };
    });
    return { name: 'bench-rpc', intervalMs, targets };
  }

  #timestamps(intervalMs: number): Float64Array {
    const { startMs, endMs } = this.#times;
    return Float64Array.from(
      { length: Math.floor((endMs - startMs) / intervalMs) + 1 },
      (_, i) => startMs + i * intervalMs,
    );
  }

  #series(labels: Record<string, string>, timestampsMs: Float64Array, values: Float64Array): SeriesSamples {
    return { labels: labelsFromRecord(labels), timestampsMs, values };
  }

  #fill(steps: number, next: (before: number) => number): Float64Array {
    const values = new Float64Array(steps);
    let value = 0;
    for (let i = 0; i < steps; i++) values[i] = value = next(value);
    return values;
  }

  /** Begins anew about once in two days at one sample a minute. */
  #wholeCounter(steps: number, perStep: number): Float64Array {
    return this.#fill(
      steps,
      (before) => (this.#random() < 0.0003 ? 0 : before) + Math.floor(this.#random() * perStep * 2),
    );
  }

  #floatCounter(steps: number, perStep: number): Float64Array {
    return this.#fill(steps, (before) => Math.round((before + this.#random() * perStep * 15) * 100) / 100);
  }

  #gauge(steps: number, size: number): Float64Array {
    return this.#fill(steps, (before) => (before === 0 ? size : before) * (0.99 + 0.02 * this.#random()));
  }

  #decimals(steps: number): Float64Array {
    return this.#fill(steps, () => Math.round(400 + 300 * this.#random()) / 10);
  }

  /** Cumulative counters, one for each of BOUNDS. */
  #cumulative(steps: number): readonly Float64Array[] {
    const columns = BOUNDS.map(() => new Float64Array(steps));
    const counts = new Float64Array(BOUNDS.length);
    for (let k = 0; k < steps; k++) {
      let sum = 0;
      for (let i = 0; i < BOUNDS.length; i++) {
        counts[i] += Math.floor(this.#random() * 8);
        sum += counts[i];
        columns[i][k] = sum;
      }
    }
    return columns;
  }

  #histograms(steps: number): Histogram[] {
    const indexes = Int32Array.from({ length: 20 }, (_, i) => i + (i < 10 ? -30 : -26));
    const totals = new Float64Array(indexes.length);
    let sum = 0;
    return Array.from({ length: steps }, (_, k): Histogram => {
      const reset = this.#random() < 0.0005;
      if (reset) totals.fill(0);
      for (let i = 0; i < totals.length; i++) totals[i] += 1 + Math.floor(this.#random() * 5);
      sum = (reset ? 0 : sum) + Math.round(this.#random() * 1000) / 100;
      const count = totals.reduce((a, b) => a + b, 0);
      const counterReset = k === 0 ? 'unknown' : reset ? 'reset' : 'not-reset';
      const positive = { indexes, counts: totals.slice() };
      return {
        counterReset,
        schema: 3,
        zeroThreshold: 1e-128,
        zeroCount: 0,
        count,
        sum,
        positive,
        negative: NO_BUCKETS,
      };
    });
  }
}
