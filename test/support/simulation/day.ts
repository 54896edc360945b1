import type { ScriptedTarget, Span } from './targets.ts';
import { ALERT_LIST, type Scenario } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DAY_MS = 24 * HOUR;

/** 2026-01-05T00:00:00Z, a Monday. */
export const DAY_START_MS = Date.UTC(2026, 0, 5);

/** The first six hours hold every kind of trouble. An alert's episodes lie far enough from each other that no flush of its
 *  group tells of two of them by chance. */
const TARGETS: readonly Omit<ScriptedTarget, 'address'>[] = [
  { job: 'api', down: [span(37 * MINUTE, 11 * MINUTE), span(13 * HOUR, 5 * HOUR)] },
  { job: 'api', down: [span(2 * HOUR, 30_000)], restarts: [3 * HOUR, 17 * HOUR + 20 * MINUTE] },
  { job: 'api', slow: [{ ...span(150 * MINUTE, HOUR), delayMs: 2_300 }] },
  { job: 'api', slow: [{ ...span(5 * HOUR + 10 * MINUTE, 6 * MINUTE), delayMs: 12_000 }] },
  { job: 'api', vanished: [span(HOUR + 123_000, 40 * MINUTE), span(20 * HOUR, 2 * HOUR)] },
  { job: 'web', idle: [span(3 * HOUR, HOUR)] },
  { job: 'web', congested: [span(4 * HOUR + 30 * MINUTE, 25 * MINUTE)], restarts: [10 * HOUR] },
  { job: 'web', congested: [span(4 * HOUR + 41 * MINUTE, 31 * MINUTE)], restarts: [11 * HOUR, 12 * HOUR] },
  { job: 'web', down: [span(39 * MINUTE, 13 * MINUTE)] },
  { job: 'db', congested: [span(19 * HOUR, 90_000)] },
];

/** Twenty exporters, of which some have a bad day. */
export function dayScenario(seed: number): Scenario {
  const targets = Array.from({ length: 20 }, (_, i): ScriptedTarget => {
    return { ...(TARGETS[i] ?? { job: 'db' }), address: `app-${String(i).padStart(2, '0')}:9100` };
  });
  return { startMs: DAY_START_MS, seed, targets, scrapeInterval: '15s', rules: RULES, alertmanager: ALERTMANAGER };
}

function span(from: number, durationMs: number): Span {
  return { from, to: from + durationMs };
}

/** The group's name puts its evaluations 12 s behind the scrapes: behind the slowest target's timeout. */
const RULES = `
groups:
  - name: traffic
    rules:
      - { record: 'job:up:sum', expr: 'sum by (job) (up)' }
      - { record: 'instance:requests:rate5m', expr: 'sum by (job, instance) (rate(app_requests_total[5m]))' }
      - { record: 'job:requests:rate5m', expr: 'sum by (job) (instance:requests:rate5m)' }
      - alert: TargetDown
        expr: up == 0
        for: 1m
        labels: { severity: page }
        annotations: { summary: '{{ $labels.instance }} of {{ $labels.job }} is down' }
      - alert: NoTraffic
        expr: rate(app_requests_total{handler="/",code="200"}[5m]) == 0
        for: 10m
        labels: { severity: warning }
      - alert: QueueTooLong
        expr: app_queue_length > 100
        for: 2m
        labels: { severity: warning }
        annotations: { summary: 'the queue is {{ $value }} long' }
`;

/** Flushes fall between evaluations: 20 s is no multiple of 15 s, and 5 min is one. */
const ALERTMANAGER = `
global: { smtp_from: watch@example.org }
route:
  receiver: team
  group_by: [alertname]
  group_wait: 20s
  group_interval: 5m
  repeat_interval: 2h
  routes:
    - matchers: ['severity="page"']
      receiver: oncall
receivers:
  - name: team
    email_configs:
      - to: team@example.org
        send_resolved: true
        text: ${JSON.stringify(ALERT_LIST)}
  - name: oncall
    email_configs:
      - to: oncall@example.org
        send_resolved: true
        text: ${JSON.stringify(ALERT_LIST)}
    sns_configs:
      - topic_arn: arn:aws:sns:eu-central-1:123456789012:oncall
        message: ${JSON.stringify(ALERT_LIST)}
    webhook_configs:
      - url: http://hooks/oncall
`;
