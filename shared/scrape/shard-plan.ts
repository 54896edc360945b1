import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { LRUCache } from 'lru-cache';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { queryAll, type RecordStore } from '#shared/ports/record-store.ts';
import type { Target } from './target.ts';

/** What one worker scrapes at each slot of a stream. Plain JSON, immutable: a change is another plan. */
export interface ShardPlan {
  readonly intervalMs: number;
  /** Ordered by id. */
  readonly targets: readonly PlannedTarget[];
}

export interface PlannedTarget extends Target {
  /** Given when the target must fail without being asked: its pool has too many. */
  readonly forcedError?: string;
}

/** A stream of scrapes. */
export interface PlannedStream {
  readonly stream: string;
  readonly intervalMs: number;
}

export interface PlanStore {
  /** Makes `plan` the current one of its stream; of two at the same time one wins. An empty plan lasts only a while: long enough for the worker to end
   *  the series of the targets that are gone. */
  put(stream: string, plan: ShardPlan): Promise<void>;
  get(stream: string): Promise<ShardPlan | undefined>;
  /** All streams with a plan, ordered. */
  streams(): Promise<readonly PlannedStream[]>;
}

const PARTITION = 'plan';
const EMPTY_PLAN_LIFE_MS = 600_000;

export function createPlanStore(
  ports: { readonly objects: ObjectStore; readonly records: RecordStore },
  nowMs: () => number,
): PlanStore {
  const { objects, records } = ports;
  const cache = new LRUCache<string, ShardPlan>({ max: 1000 });
  return {
    async put(stream, plan) {
      const json = JSON.stringify(plan);
      const hash = bytesToHex(sha256(utf8ToBytes(json))).slice(0, 32);
      const current = await records.get(PARTITION, stream);
      if (current?.data.hash === hash) return;
      const version = current?.version ?? 0;
      // A plan that returns gets another object: whoever replaced it before may still be deleting the one it had.
      const object = `plans/${stream}/${hash}-${version}`;
      await objects.put(object, new TextEncoder().encode(json));
      const expiresAtMs = plan.targets.length === 0 ? nowMs() + EMPTY_PLAN_LIFE_MS : undefined;
      const data = { hash, object, intervalMs: plan.intervalMs };
      const condition = current === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'version', version } as const);
      const written = await records.write({
        kind: 'put',
        partition: PARTITION,
        sort: stream,
        data,
        expiresAtMs,
        condition,
      });
      if (written.ok && current !== undefined) await objects.delete(String(current.data.object));
    },
    async get(stream) {
      // Read again when the plan was replaced between the two reads.
      for (let tries = 0; tries < 3; tries++) {
        const record = await records.get(PARTITION, stream);
        if (record === undefined) return undefined;
        const key = String(record.data.object);
        const cached = cache.get(key);
        if (cached !== undefined) return cached;
        const object = await objects.get(key);
        if (object === undefined) continue;
        const plan = JSON.parse(new TextDecoder().decode(object.body)) as ShardPlan;
        cache.set(key, plan);
        return plan;
      }
      throw new Error(`Cannot read the plan of stream "${stream}": its object is missing`);
    },
    async streams() {
      const found = await queryAll(records, { partition: PARTITION });
      return found.map(({ sort, data }) => ({ stream: sort, intervalMs: Number(data.intervalMs) }));
    },
  };
}
