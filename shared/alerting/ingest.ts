import { type Alert, isResolved, type PostedAlert, receiveAlert, updateAlert, validatePostedAlert } from './alert.ts';
import type { RouteConfig } from './config.ts';
import { firstFlushMs, groupIdOf, groupKeyOf, groupLabelsOf } from './group.ts';
import { sha256Hex } from './notification.ts';
import { matchRoutes, type Route, routesById } from './route.ts';
import type { DraftGroup, DraftState } from './state.ts';

interface IngestContext {
  readonly root: Route;
  readonly nowMs: number;
  readonly resolveTimeoutMs: number;
}

/** Stores posted alerts and puts them into the groups of their routes. Invalid ones are counted and left out.
 *  Posts that change nothing (the same ones again at the same time) are not put into groups again, since they may have
 *  left them meanwhile. */
export function ingestAlerts(draft: DraftState, posted: readonly PostedAlert[], context: IngestContext): void {
  const before = new Map<string, Alert | undefined>();
  for (const post of posted) {
    const { fingerprint, stored } = storeAlert(draft, post, context) ?? {};
    if (fingerprint !== undefined && !before.has(fingerprint)) before.set(fingerprint, stored);
  }
  for (const [fingerprint, stored] of before) {
    const alert = draft.alerts.get(fingerprint)!;
    if (stored === undefined || !sameAlert(stored, alert)) groupAlert(draft, alert, context);
  }
}

/** @returns What was stored before; `undefined` when the post is invalid. */
function storeAlert(
  draft: DraftState,
  post: PostedAlert,
  context: IngestContext,
): { readonly fingerprint: string; readonly stored: Alert | undefined } | undefined {
  if (validatePostedAlert(post) !== undefined) {
    draft.counters.invalid++;
    return undefined;
  }
  const received = receiveAlert(post, context);
  draft.counters[isResolved(received, context.nowMs) ? 'receivedResolved' : 'receivedFiring']++;
  const { fingerprint } = received;
  const stored = draft.alerts.get(fingerprint);
  draft.alerts.set(fingerprint, stored === undefined ? received : updateAlert(stored, received, context.nowMs));
  return { fingerprint, stored };
}

function sameAlert(a: Alert, b: Alert): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function groupAlert(draft: DraftState, alert: Alert, context: { readonly root: Route; readonly nowMs: number }): void {
  for (const route of matchRoutes(context.root, alert.labels)) {
    const labels = groupLabelsOf(alert.labels, route.groupBy);
    const id = groupIdOf(route, labels);
    const group = draft.groups.get(id);
    if (group !== undefined) group.fingerprints.add(alert.fingerprint);
    else draft.groups.set(id, newGroup(route, alert, context.nowMs));
  }
}

function newGroup(route: Route, alert: Alert, nowMs: number): DraftGroup {
  const labels = groupLabelsOf(alert.labels, route.groupBy);
  return {
    routeId: route.id,
    key: groupKeyOf(route, labels),
    labels,
    fingerprints: new Set([alert.fingerprint]),
    nextFlushMs: firstFlushMs(route, alert.startsAtMs, nowMs),
    hasFlushed: false,
  };
}

/** Makes the groups anew when the routing tree is not the one they were made by. A group that is in both keeps its
 *  schedule, but waits no longer than its route now says. Alerts that no group still needs are not brought back. */
export function regroupIfRoutingChanged(
  draft: DraftState,
  routeConfig: RouteConfig,
  context: { readonly root: Route; readonly nowMs: number },
): void {
  const routing = routingHash(routeConfig);
  if (draft.routing === routing) return;
  draft.routing = routing;
  if (draft.groups.size === 0) return;
  const before = new Map(draft.groups);
  const grouped = new Set([...before.values()].flatMap((group) => [...group.fingerprints]));
  draft.groups.clear();
  for (const alert of draft.alerts.values()) {
    if (grouped.has(alert.fingerprint)) groupAlert(draft, alert, context);
  }
  const routes = routesById(context.root);
  for (const [id, group] of draft.groups) {
    const old = before.get(id);
    if (old === undefined) continue;
    const latestMs = context.nowMs + waitOf(routes.get(group.routeId)!, old);
    const nextFlushMs = Math.min(old.nextFlushMs, latestMs);
    draft.groups.set(id, { ...old, fingerprints: group.fingerprints, nextFlushMs });
  }
}

function waitOf(route: Route, group: Pick<DraftGroup, 'hasFlushed'>): number {
  return group.hasFlushed ? route.groupIntervalMs : route.groupWaitMs;
}

/** The matchers' compiled halves are functions, which JSON leaves out: what remains is what the file says. */
function routingHash(routeConfig: RouteConfig): string {
  return sha256Hex(JSON.stringify(routeConfig));
}
