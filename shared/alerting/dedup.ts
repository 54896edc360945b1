/** Why a notification is sent, in Alertmanager's words. */
export type NotifyReason =
  | 'first notification'
  | 'new alerts added'
  | 'some alerts resolved'
  | 'all alerts resolved'
  | 'repeat interval elapsed';

/** What an integration was last told of a group. Times are Unix milliseconds. */
export interface NflogEntry {
  /** Fingerprints, ordered. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** The nominal time of the flush. */
  readonly timestampMs: number;
  /** When it may be forgotten, once its group is gone. */
  readonly expiresAtMs: number;
}

/** What is to be decided on at a flush. */
export interface DedupInput {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly sendResolved: boolean;
  readonly repeatIntervalMs: number;
  /** The nominal time of the flush, Unix milliseconds. */
  readonly slotMs: number;
}

/** Why the receiver must hear of the group again; `undefined` when what it knows is good enough.
 *
 *  `repeat_interval` must have been exceeded, not only reached: with a multiple of `group_interval` the repetition comes
 *  one flush later, as it does upstream, where the entry is written a moment after the flush.
 *  @see alertmanager/notify/dedup_stage.go DedupStage.needsUpdate */
export function needsUpdate(entry: NflogEntry | undefined, input: DedupInput): NotifyReason | undefined {
  if (entry === undefined) return input.firing.length > 0 ? 'first notification' : undefined;
  if (!isSubset(input.firing, entry.firing)) {
    return entry.firing.length === 0 ? 'first notification' : 'new alerts added';
  }
  // Without regard to send_resolved, so that the entry forgets the alerts.
  if (input.firing.length === 0) return entry.firing.length > 0 ? 'all alerts resolved' : undefined;
  if (input.sendResolved && !isSubset(input.resolved, entry.resolved)) return 'some alerts resolved';
  return entry.timestampMs < input.slotMs - input.repeatIntervalMs ? 'repeat interval elapsed' : undefined;
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  if (part.length === 0) return true;
  const members = new Set(whole);
  return part.every((member) => members.has(member));
}
