import { goQuote, type Labels, labelPairs, withoutLabels } from '#shared/model/labels.ts';
import type { RouteConfig } from './config.ts';
import type { Route } from './route.ts';

/** An aggregation group: the alerts of one route that agree on the `group_by` labels, and when they are next looked at.
 *  Times are Unix milliseconds. @see alertmanager/dispatch/dispatch.go aggrGroup */
export interface Group {
  readonly routeId: string;
  /** As receivers see it: `{}/{team="db"}:{alertname="Down"}`. Groups of routes with equal matchers share it. */
  readonly key: string;
  readonly labels: Labels;
  readonly fingerprints: readonly string[];
  readonly nextFlushMs: number;
  readonly hasFlushed: boolean;
  /** Present from a flush until all of its notifications are delivered. */
  readonly settling?: Settling;
}

/** Resolved alerts leave their group only when every integration knows: what of a flush is still on its way. */
export interface Settling {
  /** The alerts that were resolved at the flush: fingerprint and `updatedAtMs`. One updated since stays. */
  readonly resolved: Readonly<Record<string, number>>;
  /** Keys of the channels whose outcome is missing. */
  readonly waitingFor: readonly string[];
}

/** The labels that an alert is grouped by. Those that it lacks are left out.
 *  @see alertmanager/dispatch/dispatch.go getGroupLabels */
export function groupLabelsOf(labels: Labels, groupBy: RouteConfig['groupBy']): Labels {
  return groupBy === 'all' ? labels : withoutLabels(labels, (name) => !groupBy.includes(name));
}

/** The key that receivers see. */
export function groupKeyOf(route: Pick<Route, 'key'>, groupLabels: Labels): string {
  return `${route.key}:${formatGroupLabels(groupLabels)}`;
}

/** The name of a group within the state; unlike the key it tells equal routes apart. */
export function groupIdOf(route: Pick<Route, 'id'>, groupLabels: Labels): string {
  return `${route.id}:${formatGroupLabels(groupLabels)}`;
}

/** @see prometheus/common/model/labelset_string.go LabelSet.String */
function formatGroupLabels(labels: Labels): string {
  const pairs = Array.from(labelPairs(labels), ([name, value]) => `${name}=${goQuote(value)}`);
  return `{${pairs.join(', ')}}`;
}

/** When a new group is first flushed: `group_wait` from now, or at once when its first alert is older than that. */
export function firstFlushMs(route: Pick<Route, 'groupWaitMs'>, alertStartsAtMs: number, nowMs: number): number {
  return alertStartsAtMs + route.groupWaitMs < nowMs ? nowMs : nowMs + route.groupWaitMs;
}

/** The flush that is due: the last of the times `nextFlushMs + n × groupIntervalMs` that is not after now. Flushes that
 *  were missed are not made up for, and the grid does not shift when a call is late. */
export function dueSlotMs(group: Pick<Group, 'nextFlushMs'>, groupIntervalMs: number, nowMs: number): number {
  const missed = Math.floor((nowMs - group.nextFlushMs) / groupIntervalMs);
  return group.nextFlushMs + missed * groupIntervalMs;
}
