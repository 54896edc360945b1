import { compareStrings, type Labels, labelsToRecord } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { LinearRegex } from '#shared/model/regex.ts';
import { type Alert, compareAlerts, compareLabelSets } from './alert.ts';
import type { AlertmanagerConfig } from './config.ts';
import type { Group } from './group.ts';
import { createInhibitor } from './inhibit.ts';
import { buildRouteTree, matchesAll, matchRoutes, routesById } from './route.ts';
import { createSilencer, type Silence, type SilenceMatcher, type SilenceState, silenceState } from './silence.ts';
import type { AlertingState } from './state.ts';

/** `gettableAlert` of the API. Times are RFC 3339 with milliseconds.
 *  @see alertmanager/api/v2/openapi.yaml */
export interface GettableAlert {
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly startsAt: string;
  readonly status: {
    readonly inhibitedBy: readonly string[];
    /** Time intervals that mute; always empty. */
    readonly mutedBy: readonly string[];
    readonly silencedBy: readonly string[];
    readonly state: 'active' | 'suppressed';
  };
  readonly updatedAt: string;
  readonly generatorURL: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** `alertGroup` of the API. */
export interface AlertGroupView {
  readonly alerts: readonly GettableAlert[];
  readonly labels: Readonly<Record<string, string>>;
  readonly receiver: { readonly name: string };
  /** Labels of routes; always empty. */
  readonly routeLabels: Readonly<Record<string, string>>;
}

/** `gettableSilence` of the API. */
export interface GettableSilence {
  readonly id: string;
  readonly status: { readonly state: SilenceState };
  readonly updatedAt: string;
  readonly comment: string;
  readonly createdBy: string;
  readonly endsAt: string;
  readonly matchers: readonly {
    readonly isEqual: boolean;
    readonly isRegex: boolean;
    readonly name: string;
    readonly value: string;
  }[];
  readonly startsAt: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the views are computed from. */
export interface ViewInput {
  readonly state: AlertingState;
  readonly config: AlertmanagerConfig;
  readonly silences: readonly Silence[];
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** Which alerts are wanted. The API's `unprocessed` has no counterpart: the status is computed when it is asked for, so
 *  every alert is active or suppressed, as upstream. */
export interface AlertFilter {
  /** @default true */
  readonly active?: boolean;
  /** @default true */
  readonly silenced?: boolean;
  /** @default true */
  readonly inhibited?: boolean;
  /** All must hold. */
  readonly matchers?: readonly Matcher[];
  /** One of the alert's receivers must match. */
  readonly receiver?: LinearRegex;
}

/** The alerts that are not resolved, ordered by fingerprint: `GET /api/v2/alerts`.
 *  @see alertmanager/api/v2/api.go getAlertsHandler */
export function listAlerts(input: ViewInput, filter: AlertFilter = {}): readonly GettableAlert[] {
  const root = buildRouteTree(input.config.route);
  const statusOf = createStatus(input);
  const found = Object.values(input.state.alerts).flatMap((alert) => {
    const receivers = matchRoutes(root, alert.labels).map(({ receiver }) => receiver);
    if (filter.receiver !== undefined && !receivers.some((name) => filter.receiver!.matches(name))) return [];
    const status = selectStatus(alert, { filter, statusOf, nowMs: input.nowMs });
    return status === undefined ? [] : [viewAlert(alert, status, receivers)];
  });
  return found.sort((a, b) => compareStrings(a.fingerprint, b.fingerprint));
}

/** The aggregation groups with the alerts that are not resolved, ordered by labels, then receiver:
 *  `GET /api/v2/alerts/groups`. Groups without such alerts are left out.
 *  @see alertmanager/api/v2/api.go getAlertGroupsHandler · alertmanager/dispatch/dispatch.go Dispatcher.Groups */
export function listGroups(input: ViewInput, filter: AlertFilter = {}): readonly AlertGroupView[] {
  const routes = routesById(buildRouteTree(input.config.route));
  const statusOf = createStatus(input);
  const groups = Object.values(input.state.groups).flatMap((group) => {
    const receiver = routes.get(group.routeId)?.receiver;
    if (receiver === undefined || filter.receiver?.matches(receiver) === false) return [];
    const alerts = selectAlerts(group, { state: input.state, filter, statusOf, nowMs: input.nowMs });
    return alerts.length === 0 ? [] : [{ labels: group.labels, receiver, alerts }];
  });
  const receivers = receiversByFingerprint(groups);
  groups.sort((a, b) => compareLabelSets(a.labels, b.labels) || compareStrings(a.receiver, b.receiver));
  return groups.map(({ labels, receiver, alerts }) => ({
    alerts: alerts.map(({ alert, status }) => viewAlert(alert, status, receivers.get(alert.fingerprint)!)),
    labels: labelsToRecord(labels),
    receiver: { name: receiver },
    routeLabels: {},
  }));
}

/** A silence as the API shows it.
 *  @see alertmanager/api/v2/compat.go GettableSilenceFromProto */
export function viewSilence(silence: Silence, nowMs: number): GettableSilence {
  const { id, comment, createdBy, matchers, annotations } = silence;
  return {
    id,
    status: { state: silenceState(silence, nowMs) },
    updatedAt: formatTime(silence.updatedAtMs),
    comment,
    createdBy,
    endsAt: formatTime(silence.endsAtMs),
    matchers: matchers.map(viewMatcher),
    startsAt: formatTime(silence.startsAtMs),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function viewMatcher({ name, operator, value }: SilenceMatcher): GettableSilence['matchers'][number] {
  return { isEqual: operator[0] === '=', isRegex: operator.endsWith('~'), name, value };
}

interface AlertStatus {
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
}

type StatusOf = (labels: Labels) => AlertStatus;

function createStatus({ config, nowMs, silences, state }: ViewInput): StatusOf {
  const inhibitor = createInhibitor(config.inhibitRules, Object.values(state.alerts), nowMs);
  const silencer = createSilencer(silences, nowMs);
  return (labels) => ({ silencedBy: silencer.silencedBy(labels), inhibitedBy: inhibitor.inhibitedBy(labels) });
}

/** The status of an alert that the filter wants; `undefined` of one that it does not, or that is resolved.
 *  @see alertmanager/api/v2/api.go API.alertFilter */
function selectStatus(
  alert: Alert,
  context: { readonly filter: AlertFilter; readonly statusOf: StatusOf; readonly nowMs: number },
): AlertStatus | undefined {
  const { active = true, silenced = true, inhibited = true, matchers = [] } = context.filter;
  if (alert.endsAtMs < context.nowMs || !matchesAll(matchers, alert.labels)) return undefined;
  const status = context.statusOf(alert.labels);
  const isSilenced = status.silencedBy.length > 0;
  const isInhibited = status.inhibitedBy.length > 0;
  const unwanted = (isSilenced && !silenced) || (isInhibited && !inhibited) || (!isSilenced && !isInhibited && !active);
  return unwanted ? undefined : status;
}

interface SelectedAlert {
  readonly alert: Alert;
  readonly status: AlertStatus;
}

function selectAlerts(
  group: Group,
  context: { state: AlertingState; filter: AlertFilter; statusOf: StatusOf; nowMs: number },
): readonly SelectedAlert[] {
  const alerts = group.fingerprints.map((fingerprint) => context.state.alerts[fingerprint]).sort(compareAlerts);
  return alerts.flatMap((alert) => {
    const status = selectStatus(alert, context);
    return status === undefined ? [] : [{ alert, status }];
  });
}

function receiversByFingerprint(
  groups: readonly { readonly receiver: string; readonly alerts: readonly SelectedAlert[] }[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { receiver, alerts } of groups) {
    for (const { alert } of alerts) found.set(alert.fingerprint, [...(found.get(alert.fingerprint) ?? []), receiver]);
  }
  for (const names of found.values()) names.sort(compareStrings);
  return found;
}

function viewAlert(alert: Alert, status: AlertStatus, receivers: readonly string[]): GettableAlert {
  const suppressed = status.silencedBy.length + status.inhibitedBy.length > 0;
  return {
    annotations: labelsToRecord(alert.annotations),
    endsAt: formatTime(alert.endsAtMs),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: formatTime(alert.startsAtMs),
    status: { ...status, mutedBy: [], state: suppressed ? 'suppressed' : 'active' },
    updatedAt: formatTime(alert.updatedAtMs),
    generatorURL: alert.generatorUrl,
    labels: labelsToRecord(alert.labels),
  };
}

function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
