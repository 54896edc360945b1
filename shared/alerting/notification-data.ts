import { compareStrings, getLabel, type Labels, labelPairs, labelsFromPairs } from '#shared/model/labels.ts';
import { quoteMeta } from '#shared/model/quote-meta.ts';
import type { NotificationData } from '#shared/template/alertmanager-data.ts';
import type { Notification } from './notification.ts';

/** What templates and webhooks see of a notification.
 *  @see alertmanager/template/template.go Template.Data */
export function notificationData(notification: Notification, externalUrl: string): NotificationData {
  const { alerts, groupLabels, reason, receiver, status } = notification;
  return {
    receiver: quoteMeta(receiver),
    status,
    alerts: alerts.map((alert) => ({
      status: alert.status,
      labels: alert.labels,
      annotations: alert.annotations,
      startsAtMs: alert.startsAtMs,
      endsAtMs: alert.endsAtMs ?? 0,
      generatorUrl: alert.generatorUrl,
      fingerprint: alert.fingerprint,
    })),
    groupLabels,
    commonLabels: commonPairs(alerts.map(({ labels }) => labels)),
    commonAnnotations: commonPairs(alerts.map(({ annotations }) => annotations)),
    routeLabels: [],
    externalUrl,
    notificationReason: reason,
  };
}

/** The pairs that all the sets have. */
export function commonPairs(sets: readonly Labels[]): Labels {
  const [first = [], ...others] = sets;
  const common = [...labelPairs(first)].filter(([name, value]) => others.every((set) => getLabel(set, name) === value));
  return labelsFromPairs(common);
}

/** The names and values of a label set as templates list them: `alertname` first. */
export function sortedPairs(labels: Labels): readonly (readonly [name: string, value: string])[] {
  return [...labelPairs(labels)].sort(([a], [b]) => {
    if (a === b) return 0;
    if (a === 'alertname' || b === 'alertname') return a === 'alertname' ? -1 : 1;
    return compareStrings(a, b);
  });
}
