import type { Alert } from './alert.ts';
import type { NflogEntry } from './dedup.ts';
import type { Group } from './group.ts';
import type { ChannelName } from './notification.ts';

/** All that alert dispatching remembers. Plain JSON: stored as it is between calls. Times are Unix milliseconds. */
export interface AlertingState {
  /** By fingerprint. */
  readonly alerts: Readonly<Record<string, Alert>>;
  /** By `groupIdOf`. */
  readonly groups: Readonly<Record<string, Group>>;
  /** The notification log, by `channelKey`. */
  readonly channels: Readonly<Record<string, Channel>>;
  /** Of the last notification. One counter for all channels, because it must never start again. */
  readonly lastSequence: number;
  /** Identifies the routing tree that the groups were made by. */
  readonly routing: string;
}

/** What an integration knows of a group, and what it is being told. */
export interface Channel extends ChannelName {
  /** Of the last notification that was delivered. */
  readonly confirmed?: NflogEntry;
  /** On its way; nothing else is sent until its outcome is known, so that a newer one cannot overtake it. */
  readonly pending?: PendingNotification;
}

export interface PendingNotification {
  readonly id: string;
  /** Becomes `confirmed` when it is delivered. */
  readonly entry: NflogEntry;
  /** When it counts as lost without an outcome. */
  readonly lostAtMs: number;
  /** Groups (ids) whose flush came meanwhile; they are looked at as soon as the outcome is known. */
  readonly heldBack: readonly string[];
}

export const EMPTY_ALERTING_STATE: AlertingState = {
  alerts: {},
  groups: {},
  channels: {},
  lastSequence: 0,
  routing: '',
};

/** What one call of `dispatch` did, for the self-metrics. */
export interface DispatchCounters {
  readonly receivedFiring: number;
  readonly receivedResolved: number;
  readonly invalid: number;
  readonly suppressedByInhibition: number;
  readonly suppressedBySilence: number;
  readonly flushes: number;
  readonly notifications: number;
  /** Decisions put off because the channel's last notification was still on its way. */
  readonly heldBack: number;
  readonly delivered: number;
  readonly failed: number;
  /** Notifications whose outcome never came. */
  readonly lost: number;
}

/** The state while `dispatch` works on it. Values are replaced, never written into. */
export interface DraftState {
  readonly alerts: Map<string, Alert>;
  readonly groups: Map<string, DraftGroup>;
  readonly channels: Map<string, Channel>;
  lastSequence: number;
  routing: string;
  readonly counters: { -readonly [name in keyof DispatchCounters]: number };
}

export type DraftGroup = Omit<Group, 'fingerprints'> & { readonly fingerprints: Set<string> };

/** Opens a state for changes; `state` stays as it is. */
export function openState(state: AlertingState): DraftState {
  const groups = Object.entries(state.groups).map(
    ([id, group]) => [id, { ...group, fingerprints: new Set(group.fingerprints) }] as const,
  );
  return {
    alerts: new Map(Object.entries(state.alerts)),
    groups: new Map(groups),
    channels: new Map(Object.entries(state.channels)),
    lastSequence: state.lastSequence,
    routing: state.routing,
    counters: {
      receivedFiring: 0,
      receivedResolved: 0,
      invalid: 0,
      suppressedByInhibition: 0,
      suppressedBySilence: 0,
      flushes: 0,
      notifications: 0,
      heldBack: 0,
      delivered: 0,
      failed: 0,
      lost: 0,
    },
  };
}

/** The inverse of `openState`. */
export function closeState(draft: DraftState): AlertingState {
  const groups = Array.from(
    draft.groups,
    ([id, group]) => [id, { ...group, fingerprints: [...group.fingerprints] }] as const,
  );
  return {
    alerts: Object.fromEntries(draft.alerts),
    groups: Object.fromEntries(groups),
    channels: Object.fromEntries(draft.channels),
    lastSequence: draft.lastSequence,
    routing: draft.routing,
  };
}
