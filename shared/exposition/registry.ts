import {
  compareStrings,
  isLegacyLabelName,
  isLegacyMetricName,
  type Labels,
  labelsFromPairs,
  withLabel,
} from '#shared/model/labels.ts';
import type { MetricType } from '#shared/model/storage.ts';
import { formatTextFloat } from './float-text.ts';
import type { FamilySample, MetricFamily } from './metric-family.ts';

/** The values of a metric's labels, by name. */
export type LabelValues = Readonly<Record<string, string>>;

export interface MetricOptions {
  readonly name: string;
  readonly help: string;
  /** Every use must give a value for exactly these. Without labels a metric shows from the start, as 0. @default [] */
  readonly labelNames?: readonly string[];
}

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds, rising; `+Inf` is added. @default client_golang's: 5 ms to 10 s */
  readonly buckets?: readonly number[];
}

/** client_golang's `DefBuckets`, for durations in seconds. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const NO_LABELS: LabelValues = {};

/** A number that only rises. */
export interface Counter {
  /** @param by ≥ 0. @throws {RangeError} When it is not. */
  add(by: number, labels?: LabelValues): void;
}

/** A number that goes up and down. */
export interface Gauge {
  set(value: number, labels?: LabelValues): void;
  add(by: number, labels?: LabelValues): void;
}

/** Counts of observed values up to each bound. */
export interface Histogram {
  observe(value: number, labels?: LabelValues): void;
}

/** The metrics of this process, for its own `/metrics`. Asking twice for a name is a mistake of the caller.
 *  @see client_golang/prometheus/registry.go */
export class Registry {
  readonly #metrics = new Map<string, () => MetricFamily>();

  counter(options: MetricOptions): Counter {
    const values = new Children(options, () => ({ value: 0 }));
    this.#register(options, 'counter', () => singleSamples(options.name, values));
    return {
      add: (by, labels = NO_LABELS) => {
        if (!(by >= 0)) throw new RangeError(`Cannot add ${by} to counter "${options.name}": it must not decrease`);
        values.of(labels).value += by;
      },
    };
  }

  gauge(options: MetricOptions): Gauge {
    const values = new Children(options, () => ({ value: 0 }));
    this.#register(options, 'gauge', () => singleSamples(options.name, values));
    return {
      set: (value, labels = NO_LABELS) => {
        values.of(labels).value = value;
      },
      add: (by, labels = NO_LABELS) => {
        values.of(labels).value += by;
      },
    };
  }

  histogram(options: HistogramOptions): Histogram {
    const bounds = checkBounds(options.name, options.buckets ?? DEFAULT_BUCKETS);
    const values = new Children(options, () => ({ counts: bounds.map(() => 0), sum: 0 }));
    this.#register(options, 'histogram', () => histogramSamples(options.name, bounds, values));
    return {
      observe: (value, labels = NO_LABELS) => {
        const child = values.of(labels);
        const bucket = bounds.findIndex((bound) => value <= bound);
        // NaN is in no bucket but the last.
        child.counts[bucket < 0 ? bounds.length - 1 : bucket]++;
        child.sum += value;
      },
    };
  }

  /** What every metric has now, ordered by name, its samples by labels. */
  families(): MetricFamily[] {
    return [...this.#metrics.keys()].sort(compareStrings).map((name) => this.#metrics.get(name)!());
  }

  #register(options: MetricOptions, type: MetricType, samples: () => FamilySample[]): void {
    const { name, help } = options;
    if (!isLegacyMetricName(name)) throw new TypeError(`Cannot register metric "${name}": its name is not valid`);
    if (this.#metrics.has(name)) throw new TypeError(`Cannot register metric "${name}": it is registered already`);
    this.#metrics.set(name, () => ({ name, type, help, samples: samples() }));
  }
}

interface HistogramChild {
  /** By bucket, not cumulative. */
  readonly counts: number[];
  sum: number;
}

/** What a metric holds for each combination of label values. */
class Children<Child> {
  readonly #options: MetricOptions;
  readonly #labelNames: readonly string[];
  readonly #create: () => Child;
  readonly #children = new Map<string, { readonly labels: Labels; readonly child: Child }>();

  constructor(options: MetricOptions, create: () => Child) {
    this.#options = options;
    this.#labelNames = [...(options.labelNames ?? [])].sort(compareStrings);
    this.#create = create;
    const wrong = this.#labelNames.find((name) => !isLegacyLabelName(name));
    if (wrong !== undefined) {
      throw new TypeError(`Cannot register metric "${options.name}": label name "${wrong}" is not valid`);
    }
    if (this.#labelNames.length === 0) this.of(NO_LABELS);
  }

  of(values: LabelValues): Child {
    const key = JSON.stringify(this.#labelNames.map((name) => values[name]));
    const known = this.#children.get(key);
    if (known !== undefined && Object.keys(values).length === this.#labelNames.length) return known.child;
    this.#check(values);
    const labels = labelsFromPairs(this.#labelNames.map((name) => [name, values[name]]));
    const child = this.#create();
    this.#children.set(key, { labels, child });
    return child;
  }

  /** In the order of their label values. */
  *entries(): Generator<readonly [labels: Labels, child: Child]> {
    const keys = [...this.#children.keys()].sort(compareStrings);
    for (const key of keys) {
      const { labels, child } = this.#children.get(key)!;
      yield [labels, child];
    }
  }

  #check(values: LabelValues): void {
    const given = Object.keys(values).sort(compareStrings);
    if (given.join() === this.#labelNames.join()) return;
    throw new TypeError(
      `Cannot use metric "${this.#options.name}": labels are "${given.join()}", expected "${this.#labelNames.join()}"`,
    );
  }
}

function checkBounds(name: string, buckets: readonly number[]): readonly number[] {
  const bounds = buckets.at(-1) === Number.POSITIVE_INFINITY ? buckets : [...buckets, Number.POSITIVE_INFINITY];
  const wrong = bounds.findIndex((bound, i) => i > 0 && !(bound > bounds[i - 1]));
  if (wrong < 0) return bounds;
  throw new RangeError(
    `Cannot register histogram "${name}": bucket ${bounds[wrong]} after ${bounds[wrong - 1]}, expected rising bounds`,
  );
}

function singleSamples(name: string, children: Children<{ value: number }>): FamilySample[] {
  return Array.from(children.entries(), ([labels, { value }]) => ({ name, labels, value }));
}

function histogramSamples(name: string, bounds: readonly number[], children: Children<HistogramChild>): FamilySample[] {
  return Array.from(children.entries()).flatMap(([labels, { counts, sum }]) => {
    let count = 0;
    const buckets = bounds.map((bound, i) => ({
      name: `${name}_bucket`,
      labels: withLabel(labels, 'le', formatTextFloat(bound)),
      value: (count += counts[i]),
    }));
    return [...buckets, { name: `${name}_sum`, labels, value: sum }, { name: `${name}_count`, labels, value: count }];
  });
}
