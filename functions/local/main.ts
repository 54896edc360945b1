import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { type NodePorts, openNodePorts } from '#shared/adapters/node/node-ports.ts';
import { type ApiSurroundings, createApiDeps } from '../api/api-deps.ts';
import { createMeteredApi } from '../api/metered-api.ts';
import { createServices, type Services } from '../services.ts';
import { QUEUES, type Settings } from '../settings.ts';
import { createDashboard } from './dashboard.ts';
import { type Demo, startDemo } from './demo/demo.ts';
import { type Flags, helpText, parseFlags } from './flags.ts';
import { startPipeline, withWakingQueues } from './pipeline.ts';
import { serve } from './server.ts';
import { smtpFromEnvironment } from './smtp.ts';

export const VERSION = '0.1.0';

/** Who gets what is published to topics without subscribers. */
const OUTBOX_SUBSCRIBER = 'you@example.com';

/** Of the machine's memory for decoded samples: a day of 10,000 series at 15 s takes 0.8 GB with what is joined of it. */
const HEAD_SHARE = 0.15;
const MIN_HEAD_BYTES = 512 * 1024 * 1024;

/** A message is given this long before another worker gets it: longer than any handler takes. */
const VISIBILITY_SECONDS = 120;

/** The local process: the whole pipeline over one data directory. Problems at the start end it with one clear message and
 *  exit code 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const flags = parseFlags(args);
    if (flags === 'help') process.stdout.write(helpText());
    else await run(flags);
  } catch (error) {
    process.stderr.write(`emberwatch: ${(error as Error).message}\n`);
    process.exit(1);
  }
}

async function run(flags: Flags): Promise<void> {
  const dataDir = resolve(flags.dataDir);
  const opened = await openPorts(flags, dataDir);
  const demo = flags.configFile === undefined ? await startDemo(join(dataDir, 'demo'), flags.port) : undefined;
  const ports = withWakingQueues(opened);
  for (const { severity, text, option } of flags.featureNotices) ports.logger[severity](text, { option });
  const settings = settingsOf(flags, demo);
  const services = createServices(ports, settings);
  const { warnings } = await services.configuration.reload();
  for (const warning of warnings) ports.logger.warn(warning);
  noteReload(services, true);
  const api = createMeteredApi(createApiDeps(services, apiSurroundings(services, opened, flags)), services);
  const server = await serve(api.answer, flags);
  const pipeline = startPipeline(services, ports);
  announce(flags, { dataDir, demo, externalUrl: settings.externalUrl });
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    server.close();
    server.closeAllConnections();
    await pipeline.stop();
    await demo?.app.close();
    await opened.close();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
}

function openPorts(flags: Flags, dataDir: string): Promise<NodePorts> {
  const settings = { visibilityTimeoutSeconds: VISIBILITY_SECONDS, maxReceives: 5 };
  const byTopic = Map.groupBy(flags.subscriptions, ({ topicArn }) => topicArn);
  const smtp = smtpFromEnvironment(process.env);
  return openNodePorts({
    dataDir,
    smtp,
    // With real mail nobody is written to who was not named; without, every topic can be watched in the outbox.
    otherTopics: smtp === undefined ? [{ protocol: 'email', endpoint: OUTBOX_SUBSCRIBER }] : undefined,
    topics: Array.from(byTopic, ([arn, members]) => ({
      arn,
      subscribers: members.map(({ email }) => ({ protocol: 'email', endpoint: email }) as const),
    })),
    queues: Object.fromEntries([...Object.values(QUEUES), 'compact'].map((name) => [name, settings])),
    log: { level: flags.logLevel, format: flags.logFormat },
  });
}

function settingsOf(flags: Flags, demo: Demo | undefined): Settings {
  const host = flags.host === '0.0.0.0' || flags.host === '::' ? 'localhost' : flags.host;
  return {
    paths: {
      prometheus: demo?.configFile ?? resolve(flags.configFile!),
      alertmanager: demo?.alertmanagerFile ?? (flags.alertmanagerFile && resolve(flags.alertmanagerFile)),
    },
    env: (name) => process.env[name],
    externalUrl: flags.externalUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${flags.port}`,
    retentionMs: flags.retentionMs,
    lookbackDeltaMs: flags.lookbackDeltaMs,
    queryTimeoutMs: flags.queryTimeoutMs,
    queryMaxSamples: flags.queryMaxSamples,
    queryMaxConcurrency: flags.queryMaxConcurrency,
    queryMaxMemoryBytes: flags.queryMaxMemoryBytes,
    headMaxBytes: Math.max(MIN_HEAD_BYTES, totalmem() * HEAD_SHARE),
    features: flags.features,
  };
}

function apiSurroundings(services: Services, { outbox }: NodePorts, flags: Flags): ApiSurroundings {
  return {
    auth: { token: process.env.EMBERWATCH_TOKEN || undefined, loopbackOpen: true },
    version: VERSION,
    flags: flags.shown,
    outbox,
    dashboard: createDashboard(),
    reload: () => reload(services),
  };
}

async function reload(services: Services): Promise<void> {
  try {
    const { warnings } = await services.configuration.reload();
    for (const warning of warnings) services.ports.logger.warn(warning);
    noteReload(services, true);
  } catch (error) {
    noteReload(services, false);
    throw error;
  }
  await services.ports.queue(QUEUES.discover).send([{ body: '{}' }]);
}

function noteReload({ metrics, ports }: Services, successful: boolean): void {
  metrics.lastReloadSuccessful.set(successful ? 1 : 0);
  if (successful) metrics.lastReloadTime.set(ports.clock.nowMs() / 1000);
}

function announce(
  flags: Flags,
  started: { readonly dataDir: string; readonly demo: Demo | undefined; readonly externalUrl: string },
): void {
  const { dataDir, demo, externalUrl } = started;
  const lines = [
    `Emberwatch ${VERSION} serves ${externalUrl} (dashboard /, Prometheus API /api/v1, Alertmanager API /api/v2)`,
    `  configuration  ${demo?.configFile ?? flags.configFile}`,
    `  data           ${dataDir}`,
    ...(demo === undefined ? [] : demoLines(demo, externalUrl)),
    '  stop           Ctrl-C',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function demoLines({ app }: Demo, externalUrl: string): string[] {
  return [
    `  demo app       http://localhost:${app.port}  (POST /pause stops its traffic, /resume starts it, /exit ends the app)`,
    `  e-mail outbox  ${externalUrl}/api/v1/outbox`,
  ];
}
