import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The real programs that tests compare with. They are never installed by a test: `ORACLE_DIR`, or a cache folder of the
 *  user, has them or the test is skipped. */
export type OracleName = 'prometheus' | 'promtool' | 'alertmanager' | 'amtool' | 'node_exporter';

const ORACLE_DIR = process.env.ORACLE_DIR ?? join(homedir(), '.cache', 'emberwatch-oracle');
const READY_TRIES = 200;
const READY_PAUSE_MS = 50;
/** How long a program may take to end by itself. */
const STOP_MS = 10_000;

/** The path of a real program; `undefined` where it is absent. */
export function findOracle(name: OracleName): string | undefined {
  const path = join(ORACLE_DIR, name);
  return existsSync(path) ? path : undefined;
}

/** The `skip` option of a test that needs real programs: false, or why it is skipped. */
export function skipWithoutOracle(...names: readonly OracleName[]): string | false {
  const missing = names.filter((name) => findOracle(name) === undefined);
  return missing.length === 0 ? false : `the real ${missing.join(' and ')} is not here`;
}

/** Runs promtool to its end. @returns What it wrote to standard output.
 *  @throws {Error} With what it said, when it failed. */
export async function runPromtool(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(findOracle('promtool')!, [...args], { maxBuffer: 1 << 28 });
  return stdout;
}

/** A real Prometheus that answers. */
export interface RunningPrometheus {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The `data` of an answer of its API.
   *  @throws {Error} When it is not a success. */
  query(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown>;
  /** Ends it as an operator does; resolves when its data directory is at rest. */
  stop(): Promise<void>;
}

/** Starts the real Prometheus on a free port of the loopback interface.
 *  @param options.folder Gets the configuration; its folder `data` is the data directory and may exist.
 *  @throws {Error} With its log, when it does not become ready. */
export async function startPrometheus(options: {
  readonly folder: string;
  readonly config: string;
  readonly flags?: readonly string[];
}): Promise<RunningPrometheus> {
  const { folder, config, flags = [] } = options;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const process = new OracleProcess(findOracle('prometheus')!, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=${address}`,
    ...flags,
  ]);
  await process.ready(`${url}/-/ready`);
  return { url, query: (path, parameters) => query(`${url}${path}`, parameters), stop: () => process.stop() };
}

async function query(url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) });
  const answer = (await response.json()) as { readonly status: string; readonly data?: unknown };
  if (answer.status !== 'success') throw new Error(`Cannot query ${url}: ${JSON.stringify(answer)}`);
  return answer.data;
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A child process with its log. */
class OracleProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #log = '';

  constructor(path: string, args: readonly string[]) {
    this.#child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream!.setEncoding('utf8').on('data', (chunk: string) => {
        this.#log += chunk;
      });
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
  }

  /** Resolves when `url` answers 200. */
  async ready(url: string): Promise<void> {
    for (let tries = 0; tries < READY_TRIES; tries++) {
      if (this.#child.exitCode !== null) break;
      const answer = await fetch(url).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === 200) return;
      await sleep(READY_PAUSE_MS);
    }
    await this.stop();
    throw new Error(`Cannot start ${this.#child.spawnfile}: it is not ready. It said:\n${this.#log}`);
  }

  async stop(): Promise<void> {
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    this.#child.kill('SIGTERM');
    await this.#ended;
    clearTimeout(kill);
  }
}
