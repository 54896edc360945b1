import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { freePort, type LocalProcess, startLocal, temporaryFolder } from '#test/support/local-process.ts';

/** The demo as a user sees it, in real time: a metric that stops, a pipeline that is killed, a metric that goes on, an app
 *  that ends. About a minute and a half. */

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let local: LocalProcess;
let port: number;

before(async () => {
  folder = await temporaryFolder();
  port = await freePort();
  local = await start();
});
after(async () => {
  await local?.kill('SIGKILL');
  await folder.remove();
});

function start(): Promise<LocalProcess> {
  return startLocal([`--storage.path=${folder.path}/data`], port);
}

async function tellApp(command: 'pause' | 'resume' | 'exit'): Promise<void> {
  const appPort = await readFile(join(folder.path, 'data/demo/app-port'), 'utf8');
  const answer = await fetch(`http://127.0.0.1:${appPort}/${command}`, { method: 'POST' });
  assert.equal(answer.status, 200);
}

const query = (expr: string) => `/api/v1/query?query=${encodeURIComponent(expr)}`;
const hasResult = (body: string) => body.includes('"result":[{');

interface Alert {
  readonly labels: Record<string, string>;
  readonly state: string;
  readonly activeAt: string;
}

function alertsOf(body: string, name: string): Alert[] {
  const { data } = JSON.parse(body) as { data: { alerts: Alert[] } };
  return data.alerts.filter(({ labels }) => labels.alertname === name);
}

async function subjects(): Promise<string[]> {
  const { body } = await local.get('/api/v1/outbox');
  return [...body.matchAll(/"subject":"([^"]*)"/g)].map((match) => match[1]).reverse();
}

const hasState = (state: string, name: string) => (body: string) => alertsOf(body, name).some((a) => a.state === state);
const FIRING = /^\[FIRING:1\] NoOperations /;
const RESOLVED = /^\[RESOLVED\] NoOperations /;

it('answers a rate within 45 s of the start', async () => {
  const body = await local.until(query('rate(myapp_operations_total[30s])'), hasResult, 45_000);
  const [, value] = /"value":\[[\d.]+,"([^"]+)"\]/.exec(body)!;
  assert.ok(Number(value) > 0);
});

it('goes pending when the metric stops, is killed and goes on where it was, fires once', async () => {
  await tellApp('pause');
  const pending = await local.until('/api/v1/alerts', hasState('pending', 'NoOperations'), 60_000);
  const [{ activeAt }] = alertsOf(pending, 'NoOperations');
  const before = await local.get(query('count_over_time(myapp_operations_total[1h] @ end())'));
  await local?.kill('SIGKILL');
  local = await start();
  const again = await local.get(query('count_over_time(myapp_operations_total[1h] @ end())'));
  assert.ok(countOf(again.body) >= countOf(before.body), 'samples are lost');
  const firing = await local.until('/api/v1/alerts', hasState('firing', 'NoOperations'), 60_000);
  assert.equal(alertsOf(firing, 'NoOperations')[0].activeAt, activeAt);
  await local.until('/api/v1/outbox', (body) => body.includes('NoOperations'), 20_000);
});

it('is killed while firing and neither fires again nor forgets', async () => {
  await local?.kill('SIGKILL');
  local = await start();
  await local.until('/api/v1/alerts', hasState('firing', 'NoOperations'));
  await local.until(query('timestamp(up{job="myapp"}) - (time() - 3) > 0'), hasResult, 30_000);
  await new Promise((resolve) => setTimeout(resolve, 15_000)); // more than a group_interval
  assert.deepEqual(
    (await subjects()).map((subject) => FIRING.test(subject)),
    [true],
  );
});

it('sends one resolved mail when the metric goes on', async () => {
  await tellApp('resume');
  await local.until('/api/v1/outbox', (body) => body.includes('[RESOLVED]'), 60_000);
  const mails = await subjects();
  assert.equal(mails.length, 2);
  assert.match(mails[0], FIRING);
  assert.match(mails[1], RESOLVED);
});

it('fires when the /metrics endpoint is gone', async () => {
  await tellApp('exit');
  await local.until('/api/v1/alerts', hasState('firing', 'TargetDown'), 60_000);
  await local.until('/api/v1/outbox', (body) => body.includes('TargetDown'), 30_000);
  const { body } = await local.get(query('up{job="myapp"}'));
  assert.match(body, /"0"\]/);
});

function countOf(body: string): number {
  return Number(/"value":\[[\d.]+,"(\d+)"\]/.exec(body)?.[1] ?? 0);
}
