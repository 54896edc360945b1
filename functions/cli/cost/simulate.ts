import { usesOfRequests } from '#shared/cost/bill.ts';
import { itemBytes } from '#shared/cost/item-size.ts';
import { extrapolate, Usage, type Use } from '#shared/cost/usage.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import { queryAll } from '#shared/ports/record-store.ts';
import { PIPELINE } from '../../../infra/pipeline.ts';
import { ACCESS_LOG_BYTES, ALARMS, LOG_BYTES_PER_INVOCATION, POLLERS } from './assumptions.ts';
import type { Load } from './load.ts';
import { rereadUses, warningsOf } from './memory-limits.ts';
import { MONTH_MS, REPORT_SERIES } from './month.ts';
import { createSimulatedCloud, type SimulatedCloud } from './simulated-cloud.ts';
import { API_FUNCTION, REQUESTS_PER_VIEW, viewRequests } from './view.ts';

/** What a load uses in a month, and how that was found out. */
export interface Simulation {
  readonly uses: readonly Use[];
  /** Streams that the targets are spread over. */
  readonly shards: number;
  /** Those that were simulated; from one and two the others follow. */
  readonly simulatedShards: number;
  /** Series of a target that were simulated. */
  readonly simulatedSeries: number;
  readonly measuredMs: number;
  /** Of stored batches. */
  readonly bytesPerSample: number;
  /** By function. */
  readonly billedMsPerInvocation: Readonly<Record<string, number>>;
  /** What the simulation shows and the bill does not. */
  readonly warnings: readonly string[];
}

export interface SimulateOptions {
  /** @default 10 minutes, which is one window object */
  readonly measuredMs?: number;
  /** Samples of one shard at one slot that are simulated at most; above, series are left out and counted.
   *  @default 20,000: well above the 8 KB that a record takes */
  readonly maxShardSamples?: number;
}

/** What a shard has at most. @see shardTargets of shared/scrape/shard.ts */
const TARGETS_PER_SHARD = 200;
const WINDOW_MS = 600_000;
/** A window begins then; the minutes before are for warming up. */
const BEGIN_MS = Date.UTC(2026, 0, 1, 13, 0, 0);
const WARM_UP_MS = 120_000;
const SEED = 1;
/** What a view reads that begins without memory: half of a window of 2 h, and most often the one before. */
const COLD_READ_MS = 7_800_000;
const GB = 2 ** 30;

/** Runs the pipeline in memory and says what it uses in a month. */
export async function simulate(load: Load, options: SimulateOptions = {}): Promise<Simulation> {
  const { measuredMs = WINDOW_MS, maxShardSamples = 20_000 } = options;
  const shards = Math.ceil(load.targets / TARGETS_PER_SHARD);
  const targetsPerShard = load.targets / shards;
  const series = Math.min(load.series, Math.max(1, Math.floor(maxShardSamples / targetsPerShard)));
  const part = (count: number) =>
    measure(
      { ...load, series, targets: Math.round(targetsPerShard * count) },
      { measuredMs, sampleScale: (load.series + REPORT_SERIES) / (series + REPORT_SERIES) },
    );
  const simulatedShards = Math.min(shards, 2);
  const one = shards > 2 ? await part(1) : undefined;
  const most = await part(simulatedShards);
  const measured = one === undefined ? most.uses : extrapolate(one.uses, most.uses, shards);
  const reread = rereadUses(load, most.bytesPerSample);
  return {
    ...most,
    shards,
    simulatedShards,
    simulatedSeries: series,
    measuredMs,
    uses: [...measured, ...reread, ...standingUses()],
    warnings: warningsOf(load, { measured, bytesPerSample: most.bytesPerSample }),
  };
}

interface Part {
  readonly uses: readonly Use[];
  readonly bytesPerSample: number;
  readonly billedMsPerInvocation: Readonly<Record<string, number>>;
}

async function measure(
  load: Load,
  { measuredMs, sampleScale }: { readonly measuredMs: number; readonly sampleScale: number },
): Promise<Part> {
  const startMs = BEGIN_MS - WARM_UP_MS;
  const cloud = createSimulatedCloud(load, { startMs, seed: SEED, sampleScale });
  await cloud.run(BEGIN_MS);
  cloud.resetCounters();
  await cloud.run(BEGIN_MS + measuredMs);
  const uses = new Usage();
  const toMonth = MONTH_MS / measuredMs;
  const billedMsPerInvocation: Record<string, number> = {};
  for (const [name, { count, billedMs }] of cloud.invocations()) billedMsPerInvocation[name] = billedMs / count;
  uses.addAll(usesOfRequests(cloud.gauges.requests.totals()), toMonth);
  uses.addAll(computeUses(cloud), toMonth);
  uses.addAll(messageUses(cloud), toMonth);
  const stored = await storedBytes(cloud, { sampleScale, elapsedMs: measuredMs + WARM_UP_MS });
  uses.addAll(storageUses(stored, load));
  const perView = await measureView(cloud, load, measuredMs + WARM_UP_MS);
  uses.addAll(perView, load.viewsPerDay * (MONTH_MS / 86_400_000));
  const metrics = cloud.gauges.metrics.size;
  uses.add({ by: 'deployment', price: 'cloudwatch.metric', what: 'custom metrics', quantity: metrics });
  const samplesPerMs = (load.targets * (load.series + REPORT_SERIES) * sampleScale) / load.intervalMs;
  return {
    uses: uses.get(),
    bytesPerSample: (stored.objectsPerMs + stored.recordsPerMs) / samplesPerMs,
    billedMsPerInvocation,
  };
}

/** Of the functions' work since the counters were set to zero. */
function computeUses(cloud: SimulatedCloud): readonly Use[] {
  const memory = new Map([...PIPELINE, API_FUNCTION].map(({ name, memoryMb }) => [name, memoryMb]));
  return [...cloud.invocations()].flatMap(([by, { count, billedMs, sleptMs }]) => [
    { by, price: 'lambda.gbSecond', what: 'compute', quantity: gbSeconds(billedMs - sleptMs, memory.get(by)!) },
    { by, price: 'lambda.gbSecond', what: 'sleeping until the slot', quantity: gbSeconds(sleptMs, memory.get(by)!) },
    { by, price: 'lambda.request', what: 'invocations', quantity: count },
    { by, price: 'cloudwatch.logs', what: 'logs', quantity: (count * LOG_BYTES_PER_INVOCATION) / GB },
  ]);
}

function gbSeconds(ms: number, memoryMb: number): number {
  return (ms / 1000) * (memoryMb / 1024);
}

/** Lambda's pollers take each message and delete it; the clock's ticks are sent to queues, too. */
function messageUses(cloud: SimulatedCloud): readonly Use[] {
  return [...cloud.messages()].flatMap(([by, count]) => [
    { by, price: 'sqs.request', what: 'ReceiveMessage', quantity: count },
    { by, price: 'sqs.request', what: 'DeleteMessageBatch', quantity: count },
  ]);
}

/** What a deployment has whether it works or not. */
function standingUses(): readonly Use[] {
  const polls = POLLERS.connections * (MONTH_MS / 1000 / POLLERS.waitSeconds);
  return [
    ...PIPELINE.map(({ name: by }) => ({ by, price: 'sqs.request', what: 'polls of an empty queue', quantity: polls })),
    ...PIPELINE.flatMap(({ name: by, everyMinutes }) =>
      everyMinutes === undefined
        ? []
        : [{ by, price: 'sqs.request', what: 'ticks', quantity: MONTH_MS / 60_000 / everyMinutes }],
    ),
    { by: 'deployment', price: 'cloudwatch.alarm', what: 'alarms', quantity: ALARMS },
    { by: 'deployment', price: 'secrets.secret', what: 'API token', quantity: 1 },
  ];
}

interface StoredBytes {
  readonly objectsPerMs: number;
  readonly recordsPerMs: number;
}

async function storedBytes(
  { world }: SimulatedCloud,
  { sampleScale, elapsedMs }: { readonly sampleScale: number; readonly elapsedMs: number },
): Promise<StoredBytes> {
  let objects = 0;
  for (let after: string | undefined, done = false; !done; ) {
    const page = await world.objects.list('windows/', { after });
    for (const { key, sizeBytes } of page.objects)
      objects += sizeBytes * (key.startsWith('windows/scrape-') ? sampleScale : 1);
    after = page.next;
    done = after === undefined;
  }
  return { objectsPerMs: objects / elapsedMs, recordsPerMs: (await batchBytes(world.records)) / elapsedMs };
}

async function batchBytes(records: RecordStore): Promise<number> {
  const streams = await queryAll(records, { partition: 'streams' });
  const batches = await Promise.all(streams.map(({ sort }) => queryAll(records, { partition: `batch#${sort}` })));
  return batches.flat().reduce((sum, record) => sum + itemBytes(record), 0);
}

/** Once the retention is full. */
function storageUses({ objectsPerMs, recordsPerMs }: StoredBytes, { retentionMs }: Load): readonly Use[] {
  const by = 'deployment';
  const records = (recordsPerMs * retentionMs) / GB;
  return [
    { by, price: 's3.storage', what: 'samples kept', quantity: (objectsPerMs * retentionMs) / GB },
    { by, price: 'dynamodb.storage', what: 'records kept', quantity: records },
    { by, price: 'dynamodb.backup', what: 'backup of records', quantity: records },
  ];
}

/** One view that finds no warm environment. @param storedMs What there is to read by now. */
async function measureView(cloud: SimulatedCloud, load: Load, storedMs: number): Promise<readonly Use[]> {
  const { name: by } = API_FUNCTION;
  const uses = new Usage();
  if (load.viewsPerDay === 0) return [];
  // An hour is asked for, and only some minutes are stored.
  for (const { times, run } of viewRequests(cloud, load, Math.max(1, COLD_READ_MS / storedMs))) {
    cloud.resetCounters();
    await run();
    const own = cloud.gauges.requests.totals().filter((counted) => counted.by === by);
    uses.addAll(usesOfRequests(own), times);
    uses.addAll(
      computeUses(cloud).filter((use) => use.by === by),
      times,
    );
  }
  uses.add({ by, price: 'apigateway.request', what: 'requests', quantity: REQUESTS_PER_VIEW });
  uses.add({ by, price: 'cloudwatch.logs', what: 'access log', quantity: (REQUESTS_PER_VIEW * ACCESS_LOG_BYTES) / GB });
  return uses.get();
}
