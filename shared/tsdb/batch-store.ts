import { LRUCache } from 'lru-cache';
import type { Compression } from '#shared/ports/compression.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { RecordData, RecordStore, RecordWrite, StoredRecord } from '#shared/ports/record-store.ts';
import { queryAll } from '#shared/ports/record-store.ts';
import { type Batch, decodeBatch, encodeBatch } from './batch.ts';
import { slotKey } from './slot-key.ts';
import { createWindowWriter } from './window-object.ts';

/** Batches by stream and slot. @see FORMAT.md */
export interface BatchStore {
  /** Writes a batch; the first one of a slot wins. Durable when it resolves.
   *  @param notes What readers of the newest batch want to know beside the samples; small. */
  append(stream: string, batch: Batch, notes?: RecordData): Promise<'written' | 'duplicate'>;
  /** Does all of `append` but the commit: the caller puts the returned write into its own transaction. */
  prepare(stream: string, batch: Batch, notes?: RecordData): Promise<RecordWrite>;
  /** The batches of slots in [minSlotMs, maxSlotMs], ordered by slot.
   *  @param slots.known Slots for which it holds are left out, unread.
   *  @throws The reason of `slots.signal` once that is aborted. */
  read(
    stream: string,
    slots: {
      readonly minSlotMs: number;
      readonly maxSlotMs: number;
      readonly known?: (slotMs: number) => boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<readonly StoredBatch[]>;
  /** The newest batch with a slot in [minSlotMs, maxSlotMs]. */
  last(
    stream: string,
    slots: { readonly minSlotMs: number; readonly maxSlotMs: number },
  ): Promise<StoredBatch | undefined>;
  /** All streams that wrote within the retention, ordered. */
  streams(): Promise<readonly string[]>;
  /** A number that is another one after each batch of the stream; `undefined` where that is only known by reading. */
  changesOf(stream: string): number | undefined;
}

export interface StoredBatch {
  readonly batch: Batch;
  readonly notes: RecordData;
}

/** A larger batch goes into the window object: from 8 KB on an object put is cheaper than a record of that size. */
const MAX_INLINE_BYTES = 8 * 1024;
/** Decoded in a few milliseconds. */
const SAMPLES_PER_SLICE = 10_000;
const STREAMS = 'streams';
const DAY_MS = 86_400_000;

export function createBatchStore(
  ports: { readonly objects: ObjectStore; readonly records: RecordStore; readonly compression: Compression },
  options: {
    readonly retentionMs: number;
    readonly nowMs: () => number;
    /** Lets what else waits in the process go first: called every few milliseconds while batches are decoded. */
    readonly yieldNow?: () => Promise<void>;
  },
): BatchStore {
  const { objects, records, compression } = ports;
  const windows = createWindowWriter(objects);
  const registeredUntil = new LRUCache<string, number>({ max: 10_000 });
  let listed: ListedStreams | undefined;

  /** Lists the stream among the streams, and again before that entry expires. */
  async function register(stream: string): Promise<void> {
    const nowMs = options.nowMs();
    if ((registeredUntil.get(stream) ?? 0) > nowMs) return;
    const expiresAtMs = nowMs + options.retentionMs + 2 * DAY_MS;
    await records.write({ kind: 'put', partition: STREAMS, sort: stream, data: {}, expiresAtMs });
    registeredUntil.set(stream, nowMs + DAY_MS);
  }

  async function prepare(stream: string, batch: Batch, notes: RecordData = {}): Promise<RecordWrite> {
    await register(stream);
    const frame = encodeBatch(batch, compression);
    const place: RecordData =
      frame.length <= MAX_INLINE_BYTES ? { frame } : { ...(await windows.append(stream, batch.slotMs, frame)) };
    return {
      kind: 'put',
      partition: partitionOf(stream),
      sort: slotKey(batch.slotMs),
      data: { ...place, notes },
      expiresAtMs: batch.slotMs + options.retentionMs,
      condition: { kind: 'absent' },
    };
  }

  async function load(records: readonly StoredRecord[], signal?: AbortSignal): Promise<StoredBatch[]> {
    const frames = await readFrames(records, objects);
    const loaded: StoredBatch[] = [];
    let samples = 0;
    for (const [i, { data }] of records.entries()) {
      if (samples >= SAMPLES_PER_SLICE) {
        await options.yieldNow?.();
        samples = 0;
      }
      signal?.throwIfAborted();
      const batch = decodeBatch(frames[i], compression);
      for (const section of batch.sections) samples += section.kind === 'sampled' ? section.values.length : 0;
      loaded.push({ batch, notes: data.notes as RecordData });
    }
    return loaded;
  }

  return {
    prepare,
    async append(stream, batch, notes) {
      const write = await prepare(stream, batch, notes);
      return (await records.write(write)).ok ? 'written' : 'duplicate';
    },
    async read(stream, { minSlotMs, maxSlotMs, known, signal }) {
      signal?.throwIfAborted();
      const rows = await queryAll(records, {
        partition: partitionOf(stream),
        from: slotKey(minSlotMs),
        to: slotKey(maxSlotMs),
      });
      const unknown = known === undefined ? rows : rows.filter((row) => !known(Number(row.sort)));
      return load(unknown, signal);
    },
    async last(stream, { minSlotMs, maxSlotMs }) {
      const page = await records.query({
        partition: partitionOf(stream),
        from: slotKey(minSlotMs),
        to: slotKey(maxSlotMs),
        descending: true,
        limit: 1,
      });
      return (await load(page.records))[0];
    },
    async streams() {
      const changes = records.changesOf?.(STREAMS);
      if (listed !== undefined && listed.changes === changes && listed.untilMs > options.nowMs()) return listed.names;
      const rows = await queryAll(records, { partition: STREAMS });
      const names = rows.map((record) => record.sort);
      const untilMs = rows.reduce((min, { expiresAtMs = min }) => Math.min(min, expiresAtMs), Number.POSITIVE_INFINITY);
      listed = changes === undefined ? undefined : { changes, untilMs, names };
      return names;
    },
    changesOf: (stream) => records.changesOf?.(partitionOf(stream)),
  };
}

/** The streams as they were read. */
interface ListedStreams {
  /** Of their records, before they were read. */
  readonly changes: number;
  /** When the first of their records expires, Unix milliseconds. */
  readonly untilMs: number;
  readonly names: readonly string[];
}

/** The frames of records, in their order; those of one object by one read. */
async function readFrames(records: readonly StoredRecord[], objects: ObjectStore): Promise<Uint8Array[]> {
  const elsewhere = records.filter(({ data }) => !(data.frame instanceof Uint8Array));
  const byObject = Map.groupBy(elsewhere, ({ data }) => String(data.object));
  const parts = new Map(
    await Promise.all(
      Array.from(byObject, async ([key, members]) => [key, await readTogether(key, members, objects)] as const),
    ),
  );
  return records.map(({ data }) => {
    if (data.frame instanceof Uint8Array) return data.frame;
    const { body, offset } = parts.get(String(data.object))!;
    const start = Number(data.offset) - offset;
    return body.subarray(start, start + Number(data.length));
  });
}

/** @returns All bytes from the first of the frames to the last. */
async function readTogether(
  key: string,
  members: readonly StoredRecord[],
  objects: ObjectStore,
): Promise<{ readonly body: Uint8Array; readonly offset: number }> {
  const offset = Math.min(...members.map(({ data }) => Number(data.offset)));
  const length = Math.max(...members.map(({ data }) => Number(data.offset) + Number(data.length))) - offset;
  const part = await objects.get(key, { offset, length });
  if (part === undefined || part.body.length !== length) {
    const got = part === undefined ? 'it is missing' : `only ${part.body.length} bytes are there`;
    throw new Error(`Cannot read ${length} bytes at ${offset} of object "${key}": ${got}`);
  }
  return { body: part.body, offset };
}

function partitionOf(stream: string): string {
  return `batch#${stream}`;
}
