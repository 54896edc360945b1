import type { NotificationData } from '#shared/template/alertmanager-data.ts';

/** A notification of one firing and one resolved alert, with text that must be escaped in HTML and URLs. */
export const NOTIFICATION: NotificationData = {
  receiver: 'team-x',
  status: 'firing',
  notificationReason: 'first notification',
  externalUrl: 'http://am:9093',
  alerts: [
    {
      status: 'firing',
      labels: ['alertname', 'A<b>', 'instance', 'a:1', 'severity', 'warning'],
      annotations: ['summary', 'x & "y"'],
      startsAtMs: 1_700_000_000_123,
      endsAtMs: 0,
      generatorUrl: 'http://p/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
      fingerprint: 'abc',
    },
    {
      status: 'resolved',
      labels: ['alertname', 'B', 'instance', 'b:2'],
      annotations: [],
      startsAtMs: 1_600_000_000_000,
      endsAtMs: 1_600_000_300_000,
      generatorUrl: 'javascript:alert(1)',
      fingerprint: 'def',
    },
  ],
  groupLabels: ['alertname', 'G', 'zone', 'z1'],
  commonLabels: ['alertname', 'G', 'constructor', 'c', 'job', 'j', 'zone', 'z1'],
  commonAnnotations: ['runbook', 'http://r?a=1&b=2'],
  routeLabels: [],
};
