import type { SQSEvent } from 'aws-lambda';
import { QUEUES } from '#functions/settings.ts';
import { createVirtualClock, type VirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { createZstdCompression } from '#shared/adapters/node/compression.ts';
import { RequestCounter } from '#shared/cost/request-counter.ts';
import type { Ports } from '#shared/ports/ports.ts';
import type { ReceivedMessage } from '#shared/ports/queue.ts';
import { PIPELINE } from '../../../infra/pipeline.ts';
import { COLD_START_MS, CPU, DELIVERY_MS, MEMORY_OF_A_PROCESSOR_MB, SLOWEST_TARGET_MS } from './assumptions.ts';
import { configurationFiles, ruleGroupCount, samplesOfRules, targetAddress } from './configuration.ts';
import { Environments } from './environments.ts';
import type { Load } from './load.ts';
import { createPage } from './pages.ts';
import { type FunctionSpec, type Gauges, type SimulatedEnvironment, startEnvironment } from './simulated-function.ts';

/** Invocations of a function, added up. */
export interface Invocations {
  readonly count: number;
  readonly billedMs: number;
  /** Of that, sleeping until the slot. */
  readonly sleptMs: number;
}

/** AWS with the deployed functions on it, on a virtual clock. */
export interface SimulatedCloud {
  readonly clock: VirtualClock;
  /** What holds the data; reading it costs nothing. */
  readonly world: Ports;
  readonly gauges: Gauges;
  /** Does all that is due up to `untilMs`, in order of time. */
  run(untilMs: number): Promise<void>;
  /** Lets a new environment of a function work, alone; what is waiting meanwhile waits on.
   *  @returns Milliseconds that are paid for. */
  invokeCold(
    spec: { readonly name: string; readonly memoryMb: number; readonly historyScale: number },
    work: (environment: SimulatedEnvironment) => Promise<unknown>,
  ): Promise<number>;
  /** By function, since the counters were set to zero. */
  invocations(): ReadonlyMap<string, Invocations>;
  /** By queue. */
  messages(): ReadonlyMap<string, number>;
  resetCounters(): void;
}

export interface CloudOptions {
  /** Unix milliseconds, a whole second. */
  readonly startMs: number;
  readonly seed: number;
  /** Series that each simulated one stands for. */
  readonly sampleScale: number;
}

const MINUTE_MS = 60_000;
const RECEIVE_MAX = 10;

/** Deploys to a simulated AWS. @param load Its series are those that are simulated. */
export function createSimulatedCloud(load: Load, options: CloudOptions): SimulatedCloud {
  const clock = createVirtualClock(options.startMs);
  const random = createSeededRandom(options.seed);
  const world: Ports = createWorld(load, { ...options, clock });
  const gauges: Gauges = { requests: new RequestCounter(), metrics: new Set() };
  const invocations = new Map<string, Invocations>();
  const messages = new Map<string, number>();
  const specOf = ({ name, memoryMb }: { readonly name: string; readonly memoryMb: number }): FunctionSpec => ({
    name,
    memoryMb,
    retentionMs: load.retentionMs,
    sampleScale: options.sampleScale,
    seriesPerTarget: load.series,
  });
  const functions = PIPELINE.map((planned) => {
    const spec = specOf(planned);
    return { spec, environments: new Environments(() => startEnvironment(world, spec, gauges), random) };
  });
  const ticks = PIPELINE.flatMap(({ name, everyMinutes }) =>
    everyMinutes === undefined ? [] : [{ name, everyMs: everyMinutes * MINUTE_MS, nextMs: clock.nowMs() }],
  );

  async function invoke(
    spec: FunctionSpec,
    environment: SimulatedEnvironment,
    { isCold, work }: { readonly isCold: boolean; readonly work: () => Promise<unknown> },
  ): Promise<number> {
    const beganMs = clock.monotonicMs();
    environment.cpuMs = CPU.invocationMs + knownCpuMs(spec.name, load);
    environment.sleptMs = 0;
    await work();
    const waitedMs = clock.monotonicMs() - beganMs + (isCold ? COLD_START_MS : 0);
    const slowness = Math.max(1, MEMORY_OF_A_PROCESSOR_MB / spec.memoryMb);
    const billedMs = Math.ceil(waitedMs + environment.cpuMs * slowness);
    const before = invocations.get(spec.name) ?? { count: 0, billedMs: 0, sleptMs: 0 };
    invocations.set(spec.name, {
      count: before.count + 1,
      billedMs: before.billedMs + billedMs,
      sleptMs: before.sleptMs + environment.sleptMs,
    });
    return billedMs;
  }

  async function handle(queue: string, message: ReceivedMessage): Promise<void> {
    await clock.sleep(DELIVERY_MS);
    const { spec, environments } = functions.find((candidate) => candidate.spec.name === queue)!;
    messages.set(queue, (messages.get(queue) ?? 0) + 1);
    await environments.run(async (environment, isCold) => {
      await invoke(spec, environment, {
        isCold,
        work: async () => {
          const event = { Records: [{ messageId: message.id, body: message.body }] } as unknown as SQSEvent;
          const { batchItemFailures } = await environment.handler!(event);
          if (batchItemFailures.length > 0) throw new Error(`Cannot simulate: ${queue} failed`);
          await world.queue(queue).acknowledge([message.receipt]);
        },
      });
    });
  }

  const failures: unknown[] = [];

  async function deliver(queue: string): Promise<void> {
    for (;;) {
      const received = await world.queue(queue).receive(RECEIVE_MAX);
      if (received.length === 0) return;
      for (const message of received) handle(queue, message).catch((error: unknown) => failures.push(error));
    }
  }

  async function doDue(): Promise<void> {
    for (const tick of ticks) {
      if (tick.nextMs > clock.nowMs()) continue;
      await world.queue(tick.name).send([{ body: '{}' }]);
      tick.nextMs += tick.everyMs;
    }
    for (const { spec } of functions) await deliver(spec.name);
    if (failures.length > 0) throw failures[0];
  }

  async function nextDueMs(): Promise<number> {
    const dues = await Promise.all(functions.map(({ spec }) => world.queue(spec.name).nextDueMs()));
    const all = [...dues, ...ticks.map(({ nextMs }) => nextMs), clock.nextWakeMs()];
    return all.reduce((least: number, time) => Math.min(least, time ?? least), Number.POSITIVE_INFINITY);
  }

  return {
    clock,
    world,
    gauges,
    async run(untilMs) {
      for (;;) {
        const dueMs = Math.max(await nextDueMs(), clock.nowMs());
        if (dueMs > untilMs) break;
        await clock.advanceTo(dueMs);
        await doDue();
        // Without moving, the clock waits for what was set off.
        await clock.advanceTo(clock.nowMs());
      }
      await clock.advanceTo(untilMs);
    },
    async invokeCold(planned, work) {
      const spec = { ...specOf(planned), historyScale: planned.historyScale };
      const environment = startEnvironment(world, spec, gauges);
      let billed: number | undefined;
      const running = invoke(spec, environment, { isCold: true, work: () => work(environment) }).then((billedMs) => {
        billed = billedMs;
      });
      let failure: unknown;
      running.catch((error: unknown) => {
        failure = error;
      });
      await clock.advanceTo(clock.nowMs());
      while (billed === undefined && failure === undefined) {
        await clock.advanceTo(Math.max(clock.nowMs(), clock.nextWakeMs() ?? clock.nowMs() + 1));
      }
      await running;
      return billed!;
    },
    invocations: () => invocations,
    messages: () => messages,
    resetCounters() {
      gauges.requests.clear();
      invocations.clear();
      messages.clear();
    },
  };
}

function createWorld(load: Load, { clock, seed }: CloudOptions & { readonly clock: VirtualClock }): Ports {
  const routes = Array.from({ length: load.targets }, (_, i) => {
    const page = createPage(i, load);
    const answer = async () => {
      await clock.sleep(SLOWEST_TARGET_MS);
      return { headers: { 'content-type': 'text/plain; version=0.0.4' }, body: page(clock.nowMs()) };
    };
    return [`http://${targetAddress(i)}/metrics`, answer] as const;
  });
  return {
    ...createMemoryPorts({
      clock,
      random: createSeededRandom(seed),
      files: configurationFiles(load),
      routes: Object.fromEntries(routes),
      secrets: { [TOKEN_REFERENCE]: TOKEN },
    }),
    compression: createZstdCompression(),
  };
}

/** The API's token, and where it is. */
export const TOKEN = 'token';
export const TOKEN_REFERENCE = 'secretsmanager:token';

/** What of an invocation's work cannot be seen from its requests: an evaluation's queries. */
function knownCpuMs(name: string, load: Load): number {
  if (name !== QUEUES.evaluateRules) return 0;
  return (samplesOfRules(load) * CPU.queriedSampleNs) / 1e6 / ruleGroupCount(load);
}
