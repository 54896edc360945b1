import { type Alert, compareAlerts, isResolved } from './alert.ts';
import type { AlertmanagerConfig, IntegrationConfig } from './config.ts';
import { type NflogEntry, type NotifyReason, needsUpdate } from './dedup.ts';
import type { Settling } from './group.ts';
import { type ChannelName, channelKey, type Notification, type NotifiedAlert, notificationId } from './notification.ts';
import { type MuteStage, runStages } from './pipeline.ts';
import type { Route } from './route.ts';
import type { Channel, DraftGroup, DraftState } from './state.ts';

/** What a flush needs to know besides the state. */
export interface FlushContext {
  readonly config: AlertmanagerConfig;
  readonly routes: ReadonlyMap<string, Route>;
  readonly stages: readonly MuteStage[];
  readonly nowMs: number;
}

/** The least time a notification is given to be delivered before a newer one is decided on: a queue, a cold start and
 *  some retries fit into it. Upstream gives `group_interval`, at least 10 s. */
const MIN_DELIVERY_MS = 60_000;

/** An attempt that began just before a notification expired may still succeed this much later. */
const OUTCOME_GRACE_MS = 60_000;

/** Decides what the integrations of a group's receiver are to be told, and removes resolved alerts from the group as
 *  soon as all of them know.
 *  @param only Keys of the channels to decide on. @default all of the receiver's
 *  @see alertmanager/dispatch/dispatch.go aggrGroup.flush */
export function flushGroup(
  draft: DraftState,
  groupId: string,
  context: FlushContext & { readonly slotMs: number; readonly only?: ReadonlySet<string> },
): readonly Notification[] {
  const group = draft.groups.get(groupId)!;
  const route = context.routes.get(group.routeId)!;
  const alerts = snapshotAlerts(draft, group, context.nowMs);
  const { kept, suppressed } = runStages(context.stages, alerts);
  draft.counters.suppressedByInhibition += suppressed.inhibition;
  draft.counters.suppressedBySilence += suppressed.silence;
  const decisions = kept.length === 0 ? [] : decideAll(draft, { ...context, groupId, group, route, alerts: kept });
  const waitingFor = decisions.flatMap(({ key, waits }) => (waits ? [key] : []));
  const settling =
    context.only === undefined ? { resolved: resolvedIn(draft, alerts), waitingFor: [] } : group.settling;
  const others = settling?.waitingFor.filter((key) => !context.only?.has(key)) ?? [];
  settle(draft, groupId, settling && { ...settling, waitingFor: [...others, ...waitingFor] });
  return decisions.flatMap(({ notification }) => notification ?? []);
}

/** The group's alerts as they are now, in the order of notifications. */
function snapshotAlerts(draft: DraftState, group: DraftGroup, nowMs: number): readonly NotifiedAlert[] {
  const alerts = Array.from(group.fingerprints, (fingerprint) => draft.alerts.get(fingerprint)!);
  return alerts.sort(compareAlerts).map((alert) => snapshotAlert(alert, nowMs));
}

function snapshotAlert(alert: Alert, nowMs: number): NotifiedAlert {
  const { fingerprint, labels, annotations, startsAtMs, endsAtMs, generatorUrl } = alert;
  const common = { fingerprint, labels, annotations, startsAtMs, generatorUrl };
  return isResolved(alert, nowMs) ? { ...common, status: 'resolved', endsAtMs } : { ...common, status: 'firing' };
}

function resolvedIn(draft: DraftState, alerts: readonly NotifiedAlert[]): Settling['resolved'] {
  const resolved = alerts.filter(({ status }) => status === 'resolved');
  return Object.fromEntries(
    resolved.map(({ fingerprint }) => [fingerprint, draft.alerts.get(fingerprint)!.updatedAtMs]),
  );
}

interface Decision {
  readonly key: string;
  /** Whether the channel's outcome is still to come. */
  readonly waits: boolean;
  readonly notification?: Notification;
}

interface DecisionContext extends FlushContext {
  readonly slotMs: number;
  readonly only?: ReadonlySet<string>;
  readonly groupId: string;
  readonly group: DraftGroup;
  readonly route: Route;
  /** Past the mute stages; never empty. */
  readonly alerts: readonly NotifiedAlert[];
}

function decideAll(draft: DraftState, context: DecisionContext): readonly Decision[] {
  const { config, group, route, only } = context;
  const receiver = config.receivers.find(({ name }) => name === route.receiver);
  return (receiver?.integrations ?? []).flatMap((integration, integrationIndex) => {
    const name = { groupKey: group.key, receiver: route.receiver, integration: integration.kind, integrationIndex };
    const key = channelKey(name);
    if (only !== undefined && !only.has(key)) return [];
    const channel = draft.channels.get(key) ?? name;
    return [decide(draft, { ...context, integration, key, channel })];
  });
}

interface ChannelContext extends DecisionContext {
  readonly integration: IntegrationConfig;
  readonly key: string;
  readonly channel: Channel;
}

function decide(draft: DraftState, context: ChannelContext): Decision {
  const { alerts, channel, key, integration, route, slotMs } = context;
  if (channel.pending !== undefined) return holdBack(draft, context);
  const firing = fingerprintsOf(alerts, 'firing');
  const resolved = fingerprintsOf(alerts, 'resolved');
  const { sendResolved } = integration;
  const { repeatIntervalMs } = route;
  const reason = needsUpdate(channel.confirmed, { firing, resolved, sendResolved, repeatIntervalMs, slotMs });
  if (reason === undefined) return { key, waits: false };
  const entry = { firing, resolved, timestampMs: slotMs, expiresAtMs: slotMs + 2 * repeatIntervalMs };
  if (!sendResolved && firing.length === 0) {
    draft.channels.set(key, { ...channel, confirmed: entry });
    return { key, waits: false };
  }
  return { key, waits: true, notification: send(draft, context, entry, reason) };
}

/** The channel's last notification is still on its way: once its outcome is known, the newest state is decided on. */
function holdBack(draft: DraftState, { channel, key, groupId }: ChannelContext): Decision {
  draft.counters.heldBack++;
  const pending = channel.pending!;
  const heldBack = [...new Set([...pending.heldBack, groupId])];
  draft.channels.set(key, { ...channel, pending: { ...pending, heldBack } });
  return { key, waits: true };
}

function fingerprintsOf(alerts: readonly NotifiedAlert[], wanted: NotifiedAlert['status']): readonly string[] {
  return alerts.flatMap(({ status, fingerprint }) => (status === wanted ? [fingerprint] : [])).sort();
}

function send(draft: DraftState, context: ChannelContext, entry: NflogEntry, reason: NotifyReason): Notification {
  const { channel, group, integration, key, nowMs, route, slotMs } = context;
  const { groupKey, receiver, integrationIndex } = channel;
  const name: ChannelName = { groupKey, receiver, integration: integration.kind, integrationIndex };
  const sequence = ++draft.lastSequence;
  const expiresAtMs = nowMs + Math.max(route.groupIntervalMs, MIN_DELIVERY_MS);
  const sent = integration.sendResolved ? context.alerts : context.alerts.filter(({ status }) => status === 'firing');
  const notification: Notification = {
    id: notificationId(name, sequence),
    sequence,
    ...name,
    reason,
    ...limitAlerts(sent, integration),
    groupLabels: group.labels,
    dueMs: slotMs,
    repeatIntervalMs: route.repeatIntervalMs,
    expiresAtMs,
  };
  const pending = { id: notification.id, entry, lostAtMs: expiresAtMs + OUTCOME_GRACE_MS, heldBack: [] };
  draft.channels.set(key, { ...channel, pending });
  draft.counters.notifications++;
  return notification;
}

function limitAlerts(
  alerts: readonly NotifiedAlert[],
  integration: IntegrationConfig,
): Pick<Notification, 'status' | 'alerts' | 'truncatedAlerts'> {
  const limit = integration.kind === 'webhook' && integration.maxAlerts > 0 ? integration.maxAlerts : alerts.length;
  const shown = alerts.slice(0, limit);
  const status = shown.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
  const truncatedAlerts = alerts.length - shown.length;
  return truncatedAlerts === 0 ? { status, alerts: shown } : { status, alerts: shown, truncatedAlerts };
}

/** Takes the resolved alerts of a flush out of the group if nothing is awaited any more, and deletes the group when it
 *  is empty; else remembers what is awaited. */
export function settle(draft: DraftState, groupId: string, settling: Settling | undefined): void {
  const { settling: _, ...group } = draft.groups.get(groupId)!;
  if (settling === undefined) {
    draft.groups.set(groupId, group);
  } else if (settling.waitingFor.length > 0) {
    draft.groups.set(groupId, { ...group, settling });
  } else {
    removeResolved(draft, groupId, group, settling.resolved);
  }
}

function removeResolved(draft: DraftState, groupId: string, group: DraftGroup, resolved: Settling['resolved']): void {
  const leaves = (fingerprint: string) => resolved[fingerprint] === draft.alerts.get(fingerprint)!.updatedAtMs;
  const fingerprints = new Set([...group.fingerprints].filter((fingerprint) => !leaves(fingerprint)));
  if (fingerprints.size === 0) draft.groups.delete(groupId);
  else draft.groups.set(groupId, { ...group, fingerprints });
}
