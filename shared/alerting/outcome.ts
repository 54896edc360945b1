import type { NflogEntry } from './dedup.ts';
import { settle } from './flush.ts';
import type { NotificationOutcome } from './notification.ts';
import type { Channel, DraftState } from './state.ts';

/** Groups (ids) that were held back, each with the keys of the channels that are free now. */
export type FreedChannels = ReadonlyMap<string, ReadonlySet<string>>;

/** Notes what became of notifications. A delivered one becomes what its receiver knows; of one that failed nothing
 *  remains, so that the next flush decides as if it had never been. One whose outcome is overdue may have been delivered
 *  or not: the next flush sends in either case.
 *  Outcomes of notifications that are not awaited (noted before, or given up) change nothing.
 *  @see alertmanager/notify/set_notifies_stage.go SetNotifiesStage.Exec */
export function noteOutcomes(
  draft: DraftState,
  outcomes: readonly NotificationOutcome[],
  nowMs: number,
): FreedChannels {
  const okById = new Map(outcomes.map(({ id, ok }) => [id, ok]));
  const freed = new Map<string, Set<string>>();
  for (const [key, channel] of draft.channels) {
    const { pending } = channel;
    if (pending === undefined) continue;
    const ok = okById.get(pending.id);
    if (ok === undefined && nowMs < pending.lostAtMs) continue;
    const ending = ok === undefined ? 'lost' : ok ? 'delivered' : 'failed';
    draft.counters[ending]++;
    draft.channels.set(key, endPending(channel, ending));
    settleGroups(draft, key, { ok: ending === 'delivered', except: pending.heldBack });
    for (const groupId of pending.heldBack) freed.set(groupId, (freed.get(groupId) ?? new Set()).add(key));
  }
  return freed;
}

function endPending({ pending, ...channel }: Channel, ending: 'delivered' | 'failed' | 'lost'): Channel {
  switch (ending) {
    case 'delivered':
      return { ...channel, confirmed: pending!.entry };
    case 'failed':
      return channel;
    case 'lost':
      return { ...channel, confirmed: doubtfulEntry(channel.confirmed, pending!.entry) };
  }
}

/** What a receiver may know that knows either `before` or `after`. Being due for repetition, it is told again of what
 *  fires; having all the alerts of both, it is told when they are over. */
function doubtfulEntry(before: NflogEntry | undefined, after: NflogEntry): NflogEntry {
  const firing = [...new Set([...(before?.firing ?? []), ...after.firing])].sort();
  return { ...after, firing, timestampMs: 0 };
}

/** A group that was held back is settled when it has been looked at again. */
function settleGroups(draft: DraftState, key: string, outcome: { ok: boolean; except: readonly string[] }): void {
  for (const [groupId, { settling }] of draft.groups) {
    if (!settling?.waitingFor.includes(key) || outcome.except.includes(groupId)) continue;
    const waitingFor = settling.waitingFor.filter((waiting) => waiting !== key);
    settle(draft, groupId, outcome.ok ? { ...settling, waitingFor } : undefined);
  }
}
