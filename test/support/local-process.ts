import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../../functions/local/start.mjs', import.meta.url));

/** The local process as a user runs it: `npm start -- …flags`. */
export interface LocalProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has printed. */
  output(): string;
  /** Asks for a path until `accept` holds of the answer; fails after `timeoutMs` (default 20,000). */
  until(path: string, accept: (body: string, status: number) => boolean, timeoutMs?: number): Promise<string>;
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Runs the process to its end: for starts that must fail. */
export async function runToEnd(
  flags: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { child, output } = launch(flags);
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  return { code, output: output() };
}

/** Starts the process and waits until it is ready. */
export async function startLocal(flags: readonly string[], port: number): Promise<LocalProcess> {
  const { child, output } = launch([...flags, `--web.listen-address=127.0.0.1:${port}`]);
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, body: await response.text() };
  };
  const until: LocalProcess['until'] = async (path, accept, timeoutMs = 20_000) => {
    const deadline = Date.now() + timeoutMs;
    let last = '';
    while (Date.now() < deadline) {
      const answer = await get(path).catch((error: Error) => ({ status: 0, body: error.message }));
      last = answer.body;
      if (accept(answer.body, answer.status)) return answer.body;
      if (child.exitCode !== null) break;
      await wait(100);
    }
    throw new Error(`${path} did not become as expected, the last answer is ${last}\n${output()}`);
  };
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  await until('/-/ready', (_, status) => status === 200);
  return { url, child, output, until, get, kill };
}

function launch(flags: readonly string[]): { readonly child: ChildProcess; readonly output: () => string } {
  const child = spawn(process.execPath, [START, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { child, output: () => Buffer.concat(chunks).toString('utf8') };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A folder of its own for a test; `remove` deletes it. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'emberwatch-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
