import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { MetricSink, MetricUnit } from '#shared/ports/metric-sink.ts';
import { METRIC_NAMESPACE } from './schema.ts';

/** The metrics of a Lambda function, which CloudWatch takes out of its log. */
export interface EmfMetrics extends MetricSink {
  /** Writes what came since the last call, if anything did: a line for each station that it is about.
   *  @param notes Stand on each line without being metrics, for who searches the log. */
  publish(notes?: Readonly<Record<string, unknown>>): void;
}

/** How the metrics of a function are written. */
export interface EmfMetricsOptions {
  /** The function: dimension `service`. */
  readonly service: string;
  /** The deployment: dimension `stage`. */
  readonly stage: string;
  /** Gets each line, with its line break. @default Standard output. */
  readonly write?: (line: string) => void;
}

/** Of one line, as the format limits them. Powertools writes by itself what reaches them. */
const MAX_METRICS = 100;
const MAX_VALUES = 100;

/** Metrics in CloudWatch's embedded metric format. Each name is one metric a function: no other dimensions, as each
 *  combination of them is paid for. @see AWS, "Embedded metric format specification" */
export function createEmfMetrics(options: EmfMetricsOptions): EmfMetrics {
  const { service, write = (line) => process.stdout.write(line) } = options;
  const stations = new Map<string, StationMetrics>();
  const publish = (notes: Readonly<Record<string, unknown>> = {}) => {
    for (const station of stations.values()) {
      const line = station.take();
      if (line !== undefined) write(`${JSON.stringify({ ...notes, ...line })}\n`);
    }
  };
  return {
    add(name, unit, value, station = service) {
      let metrics = stations.get(station);
      if (metrics === undefined)
        stations.set(station, (metrics = new StationMetrics({ ...options, service: station })));
      if (metrics.add(name, unit, value) === 'full') publish();
    },
    publish,
  };
}

/** The values of one station that wait to be written. */
class StationMetrics {
  readonly #powertools: PowertoolsMetrics;
  readonly #waiting = new Map<string, { readonly unit: MetricUnit; readonly values: number[] }>();

  constructor({ service, stage }: EmfMetricsOptions) {
    const defaultDimensions = { stage };
    this.#powertools = new PowertoolsMetrics({ namespace: METRIC_NAMESPACE, serviceName: service, defaultDimensions });
  }

  add(name: string, unit: MetricUnit, value: number): 'full' | 'ok' {
    const known = this.#waiting.get(name);
    if (known === undefined) this.#waiting.set(name, { unit, values: [value] });
    // The sum says as much of counts, in fewer bytes.
    else if (unit === 'Count') known.values[0] += value;
    else known.values.push(value);
    const isFull = this.#waiting.size === MAX_METRICS - 1 || known?.values.length === MAX_VALUES - 1;
    return isFull ? 'full' : 'ok';
  }

  /** What CloudWatch is to read; `undefined` when there is nothing. */
  take(): object | undefined {
    if (this.#waiting.size === 0) return undefined;
    for (const [name, { unit, values }] of this.#waiting) {
      for (const value of values) this.#powertools.addMetric(name, unit, value);
    }
    this.#waiting.clear();
    const line = this.#powertools.serializeMetrics();
    this.#powertools.clearMetrics();
    return line;
  }
}
