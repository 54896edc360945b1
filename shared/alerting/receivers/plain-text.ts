import { labelPairs } from '#shared/model/labels.ts';
import type { NotificationData } from '#shared/template/alertmanager-data.ts';
import { sortedPairs } from '../notification-data.ts';

/** One line that says what a notification is about, made without templates: `[FIRING:2] Down (job="api")`. */
export function formatAlertTitle(data: NotificationData): string {
  const firing = data.alerts.filter(({ status }) => status === 'firing').length;
  const status = firing > 0 ? `FIRING:${firing}` : 'RESOLVED';
  const name = sortedPairs(data.groupLabels).map(([, value]) => value);
  const grouped = new Set(Array.from(labelPairs(data.groupLabels), ([label]) => label));
  const common = sortedPairs(data.commonLabels).filter(([label]) => !grouped.has(label));
  const details = common.map(([label, value]) => `${label}="${value}"`).join(' ');
  return [`[${status}]`, ...name, ...(details === '' ? [] : [`(${details})`])].join(' ');
}

/** All of a notification as plain text, made without templates. */
export function formatAlertText(data: NotificationData): string {
  const alerts = data.alerts.map((alert) => {
    const lines = [
      alert.status === 'firing' ? 'Firing' : 'Resolved',
      ...sortedPairs(alert.labels).map(([name, value]) => `  ${name}: ${value}`),
      ...sortedPairs(alert.annotations).map(([name, value]) => `  ${name}: ${value}`),
      ...(alert.generatorUrl === '' ? [] : [`  ${alert.generatorUrl}`]),
    ];
    return lines.join('\n');
  });
  return [formatAlertTitle(data), ...alerts, data.externalUrl].join('\n\n');
}
