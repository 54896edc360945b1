import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import type { Route } from '#shared/adapters/memory/http-client.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import type { Notification, NotifiedAlert } from '#shared/alerting/notification.ts';
import type { ReceiverContext } from '#shared/alerting/receivers/delivery.ts';
import type { Mail } from '#shared/ports/mailer.ts';
import type { NotificationData } from '#shared/template/alertmanager-data.ts';

export const NOW_MS = Date.parse('2024-05-01T12:00:00Z');

export interface ReceiverWorld {
  readonly context: ReceiverContext;
  readonly ports: MemoryPorts;
}

/** A world of memory adapters. Its templates know `{{ NAME }}` of a few fields; those with `bad` in them fail. */
export function createReceiverWorld(
  options: {
    readonly routes?: Readonly<Record<string, Route>>;
    readonly files?: Readonly<Record<string, string>>;
    readonly mailServer?: (mail: Mail) => void;
  } = {},
): ReceiverWorld {
  const clock = createVirtualClock(NOW_MS);
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1), ...options });
  const { files, http, mailer, secrets, topic } = ports;
  const templates = {
    text: render,
    html: (template: string, data: NotificationData) => `<p>${render(template, data)}</p>`,
  };
  return {
    ports,
    context: { templates, http, mailer, topic, secrets, files, externalUrl: 'http://ew.test', nowMs: NOW_MS },
  };
}

function render(template: string, data: NotificationData): string {
  if (template.includes('bad')) throw new Error('template: :1: function "bad" not defined');
  const fields: Readonly<Record<string, string>> = {
    status: data.status,
    receiver: data.receiver,
    count: String(data.alerts.length),
    list: JSON.stringify(data.alerts.map(({ fingerprint }) => fingerprint)),
  };
  return template.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => fields[name]);
}

export function notifiedAlert(overrides: Partial<NotifiedAlert> = {}): NotifiedAlert {
  return {
    fingerprint: '00000000000000aa',
    labels: ['alertname', 'Down', 'instance', 'a', 'severity', 'critical'],
    annotations: ['summary', 'it is <down>'],
    startsAtMs: NOW_MS - 1500,
    generatorUrl: 'http://prom.test/?a=1&b=2',
    status: 'firing',
    ...overrides,
  };
}

export const RESOLVED: NotifiedAlert = notifiedAlert({
  fingerprint: '00000000000000bb',
  labels: ['alertname', 'Down', 'instance', 'b', 'severity', 'critical'],
  status: 'resolved',
  endsAtMs: NOW_MS - 50,
});

export function notification(overrides: Partial<Notification> = {}): Notification {
  return {
    id: '0123456789abcdef0123456789abcdef',
    sequence: 3,
    groupKey: '{}:{alertname="Down"}',
    receiver: 'team.x',
    integration: 'webhook',
    integrationIndex: 0,
    reason: 'first notification',
    status: 'firing',
    alerts: [notifiedAlert(), RESOLVED],
    groupLabels: ['alertname', 'Down'],
    dueMs: NOW_MS,
    repeatIntervalMs: 1000,
    expiresAtMs: NOW_MS + 60_000,
    ...overrides,
  };
}
