import { createHandlers } from '#functions/local/pipeline.ts';
import { createServices, type Services } from '#functions/services.ts';
import { DEFAULT_SETTINGS, QUEUES } from '#functions/settings.ts';
import type { SqsHandler } from '#functions/sqs.ts';
import { createVirtualClock, type VirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import type { Mail } from '#shared/ports/mailer.ts';
import type { Ports } from '#shared/ports/ports.ts';
import { createDriver, type Driver, type ScriptedAction } from './driver.ts';
import { type FaultPlan, NO_FAULTS } from './faults.ts';
import { type ScriptedTarget, targetRoute } from './targets.ts';
import { Trace, traceRecords } from './trace.ts';

/** What a run is about. */
export interface Scenario {
  /** Unix milliseconds. */
  readonly startMs: number;
  /** Of everything random that is not a fault. */
  readonly seed: number;
  readonly targets: readonly ScriptedTarget[];
  /** `rules.yml` */
  readonly rules: string;
  /** `alertmanager.yml`. E-mails go to `<receiver>@example.org`, webhooks to `http://hooks/<receiver>`; texts are
   *  `ALERT_LIST`. */
  readonly alertmanager: string;
  readonly scrapeInterval: string;
}

/** A scenario under way. */
export interface World {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  /** What survives every process. */
  readonly ports: MemoryPorts;
  readonly driver: Driver;
  readonly trace: Trace;
  /** Of the process that runs now. */
  services(): Services;
}

/** The text of e-mails and topic messages, from which the trace reads what they are about. */
export const ALERT_LIST = `{{ range .Alerts }}{{ .Status }} {{ .Labels.alertname }} {{ .Labels.instance }}
{{ end }}`;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Builds the real handlers over a world in memory that stands at the scenario's start. */
export function createWorld(
  scenario: Scenario,
  faults: FaultPlan = NO_FAULTS,
  actions: readonly ScriptedAction[] = [],
): World {
  const { startMs, seed } = scenario;
  const clock = createVirtualClock(startMs);
  const trace = new Trace(() => clock.nowMs());
  const memory = createMemoryPorts({
    clock,
    random: createSeededRandom(seed),
    files: configurationFiles(scenario),
    routes: routesOf(scenario, clock),
    mailServer: (mail) => noteMail(mail, trace),
    subscriber: ({ message, subject, attributes }) => {
      const { receiver = '', status = '' } = attributes ?? {};
      trace.deliver({ receiver, status, integration: 'sns', alerts: listed(message), id: '', subject: subject ?? '' });
    },
  });
  addWebhooks(scenario, memory, trace);
  const ports: MemoryPorts = { ...memory, records: traceRecords(memory.records, trace) };
  let services: Services | undefined;
  const boot = (processPorts: Ports): Readonly<Record<string, SqsHandler>> => {
    services = createServices(processPorts, {
      ...DEFAULT_SETTINGS,
      paths: { prometheus: 'prometheus.yml', alertmanager: 'alertmanager.yml' },
      env: () => undefined,
      externalUrl: 'http://emberwatch.example.org',
    });
    return Object.fromEntries(Object.entries(createHandlers(services)).map(([name, { handler }]) => [name, handler]));
  };
  const driver = createDriver({
    clock,
    ports,
    boot,
    faults,
    ticks: { [QUEUES.discover]: MINUTE_MS, compact: HOUR_MS },
    slotQueues: new Set([QUEUES.scrape, QUEUES.evaluateRules]),
    actions,
  });
  return { scenario, clock, ports, driver, trace, services: () => services! };
}

function configurationFiles({ targets, rules, alertmanager, scrapeInterval }: Scenario): Record<string, string> {
  const jobs = Map.groupBy(targets, ({ job }) => job);
  const scrapeConfigs = [...jobs].map(
    ([job, members]) =>
      `  - job_name: ${job}\n    static_configs:\n      - targets: ${JSON.stringify(members.map((m) => m.address))}\n`,
  );
  const prometheus = [
    `global: { scrape_interval: ${scrapeInterval}, scrape_timeout: 10s, evaluation_interval: ${scrapeInterval} }`,
    'rule_files: [rules.yml]',
    'scrape_configs:',
    ...scrapeConfigs,
  ];
  return { 'prometheus.yml': prometheus.join('\n'), 'rules.yml': rules, 'alertmanager.yml': alertmanager };
}

function routesOf({ targets, startMs, seed }: Scenario, clock: VirtualClock) {
  const routes = targets.map((target, i) => {
    return [`http://${target.address}/metrics`, targetRoute(target, { clock, startMs, seed: seed + i })] as const;
  });
  return Object.fromEntries(routes);
}

function noteMail(mail: Mail, trace: Trace): void {
  const [status] = mail.subject.slice(1).split(/[:\]]/, 1);
  trace.deliver({
    receiver: mail.to[0].split('@')[0],
    integration: 'email',
    status: status.toLowerCase(),
    alerts: listed(mail.text ?? ''),
    id: mail.messageId,
    subject: mail.subject,
  });
}

interface WebhookBody {
  readonly status: string;
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

function addWebhooks({ alertmanager }: Scenario, ports: MemoryPorts, trace: Trace): void {
  for (const [url, receiver] of alertmanager.matchAll(/http:\/\/hooks\/(\w+)/g)) {
    ports.http.routes.set(url, ({ body }) => {
      const { status, alerts } = JSON.parse(String(body)) as WebhookBody;
      const names = alerts.map((a) => `${a.status} ${a.labels.alertname} ${a.labels.instance ?? ''}`.trim());
      trace.deliver({ receiver, status, integration: 'webhook', alerts: names, id: '', subject: '' });
      return {};
    });
  }
}

function listed(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
