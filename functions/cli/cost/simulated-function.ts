import { createHandlers } from '#functions/local/pipeline.ts';
import { createSelfMetrics } from '#functions/self-metrics.ts';
import { createServices, type Services } from '#functions/services.ts';
import { DEFAULT_SETTINGS, QUEUES } from '#functions/settings.ts';
import type { SqsHandler } from '#functions/sqs.ts';
import { meterPorts } from '#shared/cost/metered-ports.ts';
import type { CloudRequest } from '#shared/cost/request.ts';
import type { RequestCounter } from '#shared/cost/request-counter.ts';
import type { Ports } from '#shared/ports/ports.ts';
import { BYTES_PER_MS, CPU, LATENCY_MS } from './assumptions.ts';

/** One warm environment of a function. */
export interface SimulatedEnvironment {
  readonly services: Services;
  /** Of the whole pipeline's handlers, the function's own. */
  readonly handler: SqsHandler | undefined;
  /** Processor time of the invocation under way, milliseconds of a whole processor. The caller begins at 0. */
  cpuMs: number;
  /** What the invocation slept until its slot, milliseconds. The caller begins at 0. */
  sleptMs: number;
}

/** What a function's environments have in common. */
export interface FunctionSpec {
  readonly name: string;
  readonly memoryMb: number;
  readonly retentionMs: number;
  /** Samples of the load that each simulated one stands for. */
  readonly sampleScale: number;
  /** Series of a target, simulated. */
  readonly seriesPerTarget: number;
  /** Times as many batches as are stored are read. @default 1 */
  readonly historyScale?: number;
}

/** Where what is measured goes. */
export interface Gauges {
  readonly requests: RequestCounter;
  /** `<function> <metric>` of each custom metric. */
  readonly metrics: Set<string>;
}

/** As the environment's settings would be. @see functions/aws/lambda-settings.ts */
const DISPATCH_LEAD_MS = 1500;
const HEAD_SHARE = 0.25;

/** Where batches are. */
const HISTORY: ReadonlySet<string> = new Set(['windows part', 'batch']);

/** The memory that the head of a function has. */
export function headBytes(memoryMb: number): number {
  return Math.floor(memoryMb * 1024 * 1024 * HEAD_SHARE);
}

/** Starts an environment: the real handler over ports that take time and are counted. */
export function startEnvironment(world: Ports, spec: FunctionSpec, gauges: Gauges): SimulatedEnvironment {
  const { name, memoryMb, sampleScale, seriesPerTarget } = spec;
  const environment = { cpuMs: 0, sleptMs: 0 } as {
    -readonly [K in keyof SimulatedEnvironment]: SimulatedEnvironment[K];
  };
  const listener = async (request: CloudRequest): Promise<void> => {
    // Objects are the samples; records are the same at any number of series.
    const history = HISTORY.has(request.about) ? (spec.historyScale ?? 1) : 1;
    const bytes = request.bytes * history * (request.service === 'S3' ? sampleScale : 1);
    gauges.requests.add(name, { ...request, units: request.units * history, bytes });
    gauges.metrics.add(`${name} AwsRequests`);
    environment.cpuMs += CPU.requestMs + (isRead(request) ? (bytes * nsPerByte(name, request)) / 1e6 : 0);
    await world.clock.sleep(latencyMs(request) + bytes / BYTES_PER_MS);
  };
  const metered = meterPorts(world, listener);
  const http: Ports['http'] = {
    request(request) {
      environment.cpuMs += (seriesPerTarget * sampleScale * CPU.scrapedSampleNs) / 1e6;
      return world.http.request(request);
    },
  };
  const clock: Ports['clock'] = {
    nowMs: () => world.clock.nowMs(),
    monotonicMs: () => world.clock.monotonicMs(),
    yieldNow: () => world.clock.yieldNow(),
    async sleep(durationMs, signal) {
      const beganMs = world.clock.monotonicMs();
      try {
        await world.clock.sleep(durationMs, signal);
      } finally {
        // What can be given up is a deadline.
        if (signal === undefined) environment.sleptMs += world.clock.monotonicMs() - beganMs;
      }
    },
  };
  const metrics = createSelfMetrics({
    add: (metric, _unit, _value, station = name) => gauges.metrics.add(`${station} ${metric}`),
  });
  const settings = {
    ...DEFAULT_SETTINGS,
    paths: { prometheus: 'prometheus.yml', alertmanager: 'alertmanager.yml' },
    env: () => undefined,
    externalUrl: 'https://emberwatch.example.com',
    retentionMs: spec.retentionMs,
    dispatchLeadMs: DISPATCH_LEAD_MS,
    headMaxBytes: headBytes(memoryMb),
  };
  environment.services = createServices({ ...metered, http, clock }, settings, metrics);
  environment.handler = createHandlers(environment.services)[name]?.handler;
  return environment;
}

/** How long a request takes before its bytes. @throws {RangeError} When it is not known. */
function latencyMs({ service, operation }: CloudRequest): number {
  const latency = LATENCY_MS[`${service}.${operation}`];
  if (latency === undefined) throw new RangeError(`Cannot simulate ${service}.${operation}: its latency is not known`);
  return latency;
}

/** Scraping reads the batch before, which is in what a scraped sample takes, and window objects only to write them again. */
function nsPerByte(name: string, { about }: CloudRequest): number {
  if (name === QUEUES.scrape) return CPU.plainByteNs;
  if (about === 'layouts') return CPU.layoutByteNs;
  return HISTORY.has(about) ? CPU.readByteNs : CPU.plainByteNs;
}

function isRead({ operation }: CloudRequest): boolean {
  return operation === 'GetObject' || operation === 'Query' || operation === 'GetItem';
}
