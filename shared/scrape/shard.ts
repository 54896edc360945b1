import type { PlannedStream, PlannedTarget, ShardPlan } from './shard-plan.ts';

/** Most targets that one worker scrapes at a slot. */
const MAX_TARGETS = 200;

/** Spreads targets over as few streams as their number needs. A target keeps its stream while that number stays. */
export function shardTargets(targets: readonly PlannedTarget[]): ReadonlyMap<string, ShardPlan> {
  const byInterval = Map.groupBy(targets, (target) => target.intervalMs);
  const plans = new Map<string, ShardPlan>();
  for (const [intervalMs, members] of byInterval) {
    const count = Math.ceil(members.length / MAX_TARGETS);
    const byShard = Map.groupBy(members, (target) => jumpHash(target.id, count));
    for (const [shard, some] of byShard) {
      const ordered = some.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      plans.set(streamName(intervalMs, shard), { intervalMs, targets: ordered });
    }
  }
  return plans;
}

export function streamName(intervalMs: number, shard: number): string {
  return `scrape-${intervalMs}-${shard}`;
}

export function emptyPlan({ intervalMs }: PlannedStream): ShardPlan {
  return { intervalMs, targets: [] };
}

/** Maps a hexadecimal id to one of `count` buckets so that few ids move when `count` changes.
 *  @see Lamping, Veach: A Fast, Minimal Memory, Consistent Hash Algorithm (2014); here with a 32-bit generator */
function jumpHash(id: string, count: number): number {
  let state = Number.parseInt(id.slice(0, 8), 16) | 0;
  let bucket = 0;
  let next = 0;
  while (next < count) {
    bucket = next;
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    next = Math.floor((bucket + 1) * (0x80000000 / ((state >>> 1) + 1)));
  }
  return bucket;
}
