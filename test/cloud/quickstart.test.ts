import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { launchBrowser, openPage, skipWithoutChromium } from '#test/browser/browser.ts';
import { freePort } from '#test/support/local-process.ts';
import { whyNoCdk } from '../../localstack/cdk.ts';
import { whyUnavailable } from '../../localstack/ministack.ts';

/* README's quickstart of the deployment, its commands run as they are written there, but on ports that are free. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TIMEOUT_MS = 300_000;
const SCRAPED_WITHIN_MS = 75_000;
const NOTIFIED_WITHIN_MS = 150_000;

const unavailable = whyNoCdk() ?? (await whyUnavailable());

test("README's quickstart", { skip: unavailable && `no emulator: ${unavailable}`, timeout: TIMEOUT_MS }, async (t) => {
  const ports = { emulator: await freePort(), app: await freePort(), dashboard: await freePort() };
  const [deploy, demo, token, query, pause, resume, destroy] = readmeCommands().map((line) => onPorts(line, ports));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(async () => {
    await shell(destroy).catch(() => undefined);
  });

  await shell(deploy);
  const running = startShell(demo);
  cleanup.defer(() => running.stop());
  await running.until(/its token is/, 20_000);
  const value = await until(SCRAPED_WITHIN_MS, async () => rateIn(await shell(`${token}\n${query}`)));
  assert.ok(value > 0, `the rate is ${value}`);
  await t.test('the dashboard draws it', { skip: skipWithoutChromium }, () => drawsGraph(ports.dashboard, token));

  await shell(pause);
  await running.until(/Notification: \[firing\] NoOperations/, NOTIFIED_WITHIN_MS);
  await shell(resume);
  await running.until(/Notification: \[resolved\] NoOperations/, NOTIFIED_WITHIN_MS);
  await running.stop();
  assert.match(await shell(destroy), /The deployment is removed[\s\S]*is stopped/);
});

/** The lines of the section's code blocks, without comments. */
function readmeCommands(): string[] {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const section = readme.split('### To an emulator of AWS')[1].split('### To AWS')[0];
  const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block);
  return blocks.flatMap((block) => block.split('\n')).filter((line) => line !== '' && !line.startsWith('#'));
}

function onPorts(line: string, ports: Readonly<Record<'emulator' | 'app' | 'dashboard', number>>): string {
  const flags = `--port ${ports.emulator} --app-port ${ports.app} --dashboard-port ${ports.dashboard}`;
  return line
    .replace(/(localstack -- [a-z]+)/, `$1 ${flags}`)
    .replace('localhost:8080', `localhost:${ports.app}`)
    .replace('localhost:9090', `localhost:${ports.dashboard}`);
}

/** Of a query's answer; `undefined` while there is none. */
function rateIn(answer: string): number | undefined {
  const [, value] = /"value":\[[0-9.]+,"([^"]+)"\]/.exec(answer) ?? [];
  return value === undefined ? undefined : Number(value);
}

async function drawsGraph(port: number, token: string): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const browser = await launchBrowser();
  cleanup.defer(() => browser.close());
  const { page, problems } = await openPage(browser, `http://localhost:${port}`, 1280);
  const prompts: string[] = [];
  page.on('dialog', (dialog) => prompts.push(dialog.message()));
  await page.goto('/graph?g0.expr=myapp_operations_total&g0.tab=0&g0.range_input=5m');
  await page.getByLabel('Token').fill((await shell(`${token}; echo "$TOKEN"`)).trim().split('\n').at(-1)!);
  await page.getByRole('button', { name: 'Use this token' }).click();
  await page.locator('.legend-item').first().waitFor();
  await page.locator('figure.chart canvas').waitFor();
  assert.deepEqual([problems, prompts], [[], []]);
}

interface RunningShell {
  until(pattern: RegExp, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

function startShell(line: string): RunningShell {
  const { child, output } = launch(line);
  return {
    async until(pattern, timeoutMs) {
      await until(timeoutMs, async () => {
        assert.equal(child.exitCode, null, output());
        return pattern.test(output()) || undefined;
      }).catch((cause) => {
        throw new Error(`${pattern} did not come: ${output()}`, { cause });
      });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // The shell, npm and the script: one group.
      process.kill(-child.pid!, 'SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Runs commands to their end. @returns What they said. @throws {Error} When they fail. */
async function shell(lines: string): Promise<string> {
  const { child, output } = launch(lines);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`"${lines}" ended with ${code}: ${output()}`);
  return output();
}

function launch(lines: string): { readonly child: ChildProcess; readonly output: () => string } {
  const child = spawn('bash', ['-ec', lines], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { child, output: () => Buffer.concat(chunks).toString('utf8') };
}

async function until<T>(timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  while (Date.now() < deadlineMs) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(1000);
  }
  throw new Error(`Cannot wait longer than ${timeoutMs} ms`);
}
