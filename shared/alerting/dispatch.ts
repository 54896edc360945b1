import type { PostedAlert } from './alert.ts';
import type { AlertmanagerConfig } from './config.ts';
import { type FlushContext, flushGroup } from './flush.ts';
import { dueSlotMs } from './group.ts';
import { ingestAlerts, regroupIfRoutingChanged } from './ingest.ts';
import { createInhibitor } from './inhibit.ts';
import type { Notification, NotificationOutcome } from './notification.ts';
import { type FreedChannels, noteOutcomes } from './outcome.ts';
import { createMuteStages } from './pipeline.ts';
import { buildRouteTree, routesById } from './route.ts';
import { createSilencer, type Silence } from './silence.ts';
import { type AlertingState, closeState, type DispatchCounters, type DraftState, openState } from './state.ts';

export interface DispatchInput {
  readonly state: AlertingState;
  readonly config: AlertmanagerConfig;
  readonly posted: readonly PostedAlert[];
  /** What became of notifications that earlier calls returned. */
  readonly outcomes: readonly NotificationOutcome[];
  readonly silences: readonly Silence[];
  /** Unix milliseconds. */
  readonly nowMs: number;
}

export interface DispatchResult {
  readonly state: AlertingState;
  /** Ordered by sequence. To be stored together with `state`, then delivered at least once until their expiry, and
   *  answered by an outcome. */
  readonly notifications: readonly Notification[];
  /** When to call again at the latest; `undefined` when there is nothing to wait for. */
  readonly nextDueMs: number | undefined;
  readonly counters: DispatchCounters;
}

/** How long a resolved alert is remembered after it has left its groups. Prometheus sends resolved alerts again for 15
 *  minutes. */
const RESOLVED_RETENTION_MS = 15 * 60_000;

/** Takes the alerting state one step: notes outcomes, stores and groups the posted alerts, and decides for every group
 *  whose flush is due what its receivers are to be told. Deterministic and free of effects. A call that repeats the
 *  last one (same posts, outcomes and time) changes nothing.
 *  @see alertmanager/dispatch/dispatch.go Dispatcher */
export function dispatch(input: DispatchInput): DispatchResult {
  const { config, nowMs } = input;
  const draft = openState(input.state);
  const root = buildRouteTree(config.route);
  regroupIfRoutingChanged(draft, config.route, { root, nowMs });
  const freed = noteOutcomes(draft, input.outcomes, nowMs);
  ingestAlerts(draft, input.posted, { root, nowMs, resolveTimeoutMs: config.resolveTimeoutMs });
  const inhibitor = createInhibitor(config.inhibitRules, draft.alerts.values(), nowMs);
  const stages = createMuteStages(inhibitor, createSilencer(input.silences, nowMs));
  const context = { config, routes: routesById(root), stages, nowMs };
  const notifications = [...flushFreed(draft, freed, context), ...flushDue(draft, context)];
  collectGarbage(draft, nowMs);
  return { state: closeState(draft), notifications, nextDueMs: nextDueMs(draft), counters: draft.counters };
}

/** Looks again at groups that were held back by a notification on its way, unless they are due anyway. */
function flushFreed(draft: DraftState, freed: FreedChannels, context: FlushContext): readonly Notification[] {
  return [...freed].flatMap(([groupId, only]) => {
    const group = draft.groups.get(groupId);
    if (group === undefined || group.nextFlushMs <= context.nowMs) return [];
    const { groupIntervalMs } = context.routes.get(group.routeId)!;
    return flushGroup(draft, groupId, { ...context, slotMs: group.nextFlushMs - groupIntervalMs, only });
  });
}

function flushDue(draft: DraftState, context: FlushContext): readonly Notification[] {
  const due = [...draft.groups].filter(([, group]) => group.nextFlushMs <= context.nowMs);
  due.sort(([idA, a], [idB, b]) => a.nextFlushMs - b.nextFlushMs || (idA < idB ? -1 : 1));
  return due.flatMap(([groupId, group]) => {
    const { groupIntervalMs } = context.routes.get(group.routeId)!;
    const slotMs = dueSlotMs(group, groupIntervalMs, context.nowMs);
    draft.groups.set(groupId, { ...group, nextFlushMs: slotMs + groupIntervalMs, hasFlushed: true });
    draft.counters.flushes++;
    return flushGroup(draft, groupId, { ...context, slotMs });
  });
}

/** Forgets resolved alerts that no group needs, and what receivers know of groups that have been gone for long. */
function collectGarbage(draft: DraftState, nowMs: number): void {
  const grouped = new Set([...draft.groups.values()].flatMap((group) => [...group.fingerprints]));
  for (const [fingerprint, { endsAtMs }] of draft.alerts) {
    if (endsAtMs + RESOLVED_RETENTION_MS <= nowMs && !grouped.has(fingerprint)) draft.alerts.delete(fingerprint);
  }
  const keys = new Set(Array.from(draft.groups.values(), ({ key }) => key));
  for (const [key, { groupKey, pending, confirmed }] of draft.channels) {
    const expired = confirmed === undefined || confirmed.expiresAtMs <= nowMs;
    if (pending === undefined && expired && !keys.has(groupKey)) draft.channels.delete(key);
  }
}

function nextDueMs(draft: DraftState): number | undefined {
  const times = Array.from(draft.groups.values(), ({ nextFlushMs }) => nextFlushMs);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}
