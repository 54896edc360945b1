import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The real programs that tests compare with are never installed by a test: `ORACLE_DIR`, or a cache folder of the user,
 *  has them, or the test is skipped. */
const ORACLE_DIR = process.env.ORACLE_DIR ?? join(homedir(), '.cache', 'emberwatch-oracle');

const READY_TRIES = 200;
const READY_PAUSE_MS = 50;
/** How long a program may take to end by itself. */
const STOP_MS = 10_000;
const RUN_MS = 30_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** What is kept of a log, to say why a program did not start. */
const MAX_LOG_CHARS = 4000;

/** The path of a program of upstream, to compare with; whether or not it is there. */
export function oracle(name: string): string {
  return join(ORACLE_DIR, name);
}

/** The path of a program of upstream; `undefined` where it is absent. */
export function findOracle(name: string): string | undefined {
  const path = oracle(name);
  return existsSync(path) ? path : undefined;
}

/** The `skip` option of a test that needs programs of upstream: false, or why it is skipped. */
export function skipWithoutOracle(...names: readonly string[]): string | false {
  const missing = names.filter((name) => findOracle(name) === undefined);
  return missing.length > 0 ? `the real ${missing.join(' and ')} is not here (see ORACLE_DIR)` : false;
}

/** A TCP port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port');
  return address.port;
}

/** A server of upstream that answers. */
export interface OracleServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Ends it as an operator does: what it stores is at rest when this resolves. May be called again. */
  stop(): Promise<void>;
}

/** Starts a server of upstream and waits until it is ready.
 *  @param args Given the address to listen on.
 *  @throws {Error} With the end of its log, when it does not become ready. */
export async function startOracle(name: string, args: (address: string) => readonly string[]): Promise<OracleServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(oracle(name), [...args(address)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log = (log + chunk).slice(-MAX_LOG_CHARS);
  });
  const url = `http://${address}`;
  for (let tries = 0; tries < READY_TRIES && child.exitCode === null; tries++) {
    if (await isReady(url)) return { url, stop: () => stop(child) };
    await sleep(READY_PAUSE_MS);
  }
  await stop(child);
  throw new Error(`Cannot start ${name}: it is not ready. It said:\n${log}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/-/ready`);
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(kill);
}

/** Runs a program of upstream to its end. Its output may be an error's. */
export function runOracle(
  name: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(oracle(name), [...args], { timeout: RUN_MS, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** Runs promtool. @returns What it printed.
 *  @throws {Error} With what it said, when it failed. */
export async function runPromtool(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runOracle('promtool', args);
  if (code === 0) return stdout;
  throw new Error(`Cannot run promtool ${args.join(' ')}: it ended with ${code}: ${stderr}${stdout}`);
}

/** The real Prometheus. */
export interface RunningPrometheus extends OracleServer {
  /** The `data` of an answer of its API.
   *  @throws {Error} When it is not a success. */
  query(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown>;
}

/** Starts the real Prometheus.
 *  @param options.folder Gets its configuration; the folder `data` in it is the data directory, and may exist. */
export async function startPrometheus(options: {
  readonly folder: string;
  readonly config: string;
}): Promise<RunningPrometheus> {
  const { folder, config } = options;
  const file = join(folder, 'prometheus.yml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, config);
  const server = await startOracle('prometheus', (address) => [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=${address}`,
  ]);
  return { ...server, query: (path, parameters) => query(`${server.url}${path}`, parameters) };
}

async function query(url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) });
  const answer = (await response.json()) as { readonly status: string; readonly data?: unknown };
  if (answer.status !== 'success') throw new Error(`Cannot query ${url}: ${JSON.stringify(answer)}`);
  return answer.data;
}
