import { DAY_START_MS } from './day.ts';
import { ALERT_LIST, type Scenario } from './world.ts';

/** How long something happens. */
export const OUTAGE_MS = 290_000;

/** How long it may take until nothing is left of a crash: retries, the next tick, the next flush of the group. */
export const RECOVERY_MS = 200_000;

/** Two targets at 30 s, of which one is down for three and a half minutes: long enough that what is late is not overtaken. */
export const OUTAGE: Scenario = {
  startMs: DAY_START_MS,
  seed: 3,
  scrapeInterval: '30s',
  targets: [
    { address: 'app-0:9100', job: 'api' },
    { address: 'app-1:9100', job: 'api', down: [{ from: 25_000, to: 235_000 }] },
  ],
  rules: `
groups:
  - name: small
    rules:
      - { record: 'job:up:sum', expr: 'sum by (job) (up)' }
      - { alert: TargetDown, expr: up == 0, for: 30s }
`,
  alertmanager: `
global: { smtp_from: watch@example.org }
route: { receiver: team, group_by: [alertname], group_wait: 10s, group_interval: 1m, repeat_interval: 4h }
receivers:
  - name: team
    email_configs: [{ to: team@example.org, send_resolved: true, text: ${JSON.stringify(ALERT_LIST)} }]
    sns_configs: [{ topic_arn: 'arn:aws:sns:eu-central-1:123456789012:team', message: ${JSON.stringify(ALERT_LIST)} }]
    webhook_configs: [{ url: http://hooks/team }]
`,
};
