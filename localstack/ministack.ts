import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Of the emulator: pinned, as each version emulates other things. */
const VERSION = '1.5.33';

const REGION = 'us-east-1';
const START_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 5000;
/** Another process that installs at the same time is waited for. */
const INSTALL_TIMEOUT_MS = 180_000;

/** Where the emulator is installed and what it runs with. */
export interface EmulatorOptions {
  readonly port: number;
  /** Standard output and standard error of the emulator. */
  readonly logFile: string;
  /** Whether it is to go on when this process ends. @default false */
  readonly detached?: boolean;
  /** More variables for it. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** An emulator that answers. */
export interface RunningEmulator {
  readonly pid: number;
  /** What AWS clients and the CDK need to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The folder for what can be made again. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'emberwatch', `ministack-${VERSION}`);
}

/** Why the emulator cannot be installed on this machine, or `undefined` when nothing speaks against it. */
export async function whyUnavailable(): Promise<string | undefined> {
  if (isInstalled()) return undefined;
  const check = 'import ensurepip, sys, venv; sys.exit(0 if sys.version_info >= (3, 10) else 3)';
  const code = await run('python3', ['-c', check]).catch(() => 127);
  if (code === 0) return undefined;
  if (code === 3) return 'python3 is older than 3.10';
  return code === 127 ? 'python3 is not here' : 'python3 has no venv and pip';
}

/** Installs the emulator into the cache folder, unless it is there.
 *  @throws {Error} When pip fails; the message says where its output is. */
export async function installEmulator(): Promise<void> {
  const folder = cacheFolder();
  await mkdir(folder, { recursive: true });
  const deadlineMs = Date.now() + INSTALL_TIMEOUT_MS;
  while (!isInstalled()) {
    if (await claim(join(folder, 'installing'))) return install(folder);
    if (Date.now() > deadlineMs) {
      throw new Error(`Cannot install emulator: another process has been at it for ${INSTALL_TIMEOUT_MS / 1000} s`);
    }
    await wait(200);
  }
}

/** Starts the emulator on the loopback interface and waits until it answers.
 *  @throws {Error} When it ends, or does not answer in 30 s. */
export async function startEmulator(options: EmulatorOptions): Promise<RunningEmulator> {
  const { port, logFile, detached = false } = options;
  await installEmulator();
  const log = await open(logFile, 'a');
  const child = spawn(pythonPath(), ['-m', 'ministack'], {
    cwd: dirname(logFile),
    env: emulatorVariables(options),
    stdio: ['ignore', log.fd, log.fd],
    detached,
  });
  await log.close();
  child.on('error', () => undefined);
  try {
    await untilHealthy(port, child);
  } catch (error) {
    if (child.pid !== undefined) await stopProcess(child.pid);
    throw new Error(`Cannot start emulator: ${(error as Error).message}; its log is "${logFile}"`, { cause: error });
  }
  if (detached) child.unref();
  return { pid: child.pid!, environment: clientEnvironment(port), stop: () => stopProcess(child.pid!) };
}

/** What AWS clients and the CDK need to reach the emulator of that port. S3 gets an IP address, which has no subdomains, so
 *  that buckets are in the path; the others get the name that the URLs of queues have. */
export function clientEnvironment(port: number): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: `http://localhost:${port}`,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
  };
}

/** Whether an emulator answers on that port. */
export async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/_ministack/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok;
  } catch {
    return false;
  }
}

/** Ends a process: politely, then, as it may ignore that while it works on a deployment, by force. */
export async function stopProcess(pid: number): Promise<void> {
  if (!signal(pid, 'SIGTERM')) return;
  const deadlineMs = Date.now() + STOP_GRACE_MS;
  while (Date.now() < deadlineMs) {
    if (!signal(pid, 0)) return;
    await wait(50);
  }
  signal(pid, 'SIGKILL');
}

/** Lambda functions there see all variables of the emulator, so it gets none of ours but these. Functions run with the
 *  first `node` on the path: ours. */
function emulatorVariables({ port, environment }: EmulatorOptions): Record<string, string> {
  const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  const kept = ['HOME', 'LANG', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(kept),
    ...clientEnvironment(port),
    PATH: path,
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    LAMBDA_EXECUTOR: 'local',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    ...environment,
  };
}

async function untilHealthy(port: number, child: ChildProcess): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`it ended with code ${child.exitCode}`);
    if (await isHealthy(port)) return;
    await wait(100);
  }
  throw new Error(`it did not answer on port ${port} in ${START_TIMEOUT_MS / 1000} s`);
}

function pythonPath(): string {
  return join(cacheFolder(), 'venv', 'bin', 'python');
}

function isInstalled(): boolean {
  return existsSync(join(cacheFolder(), 'installed'));
}

async function install(folder: string): Promise<void> {
  const venv = join(folder, 'venv');
  const logFile = join(folder, 'install.log');
  try {
    const steps = [
      ['python3', '-m', 'venv', '--clear', venv],
      [pythonPath(), '-m', 'pip', 'install', '--disable-pip-version-check', `ministack==${VERSION}`],
    ];
    for (const [command, ...args] of steps) {
      const code = await run(command, args, logFile);
      if (code !== 0)
        throw new Error(`Cannot install emulator: "${command} ${args.join(' ')}" failed, see "${logFile}"`);
    }
    await writeFile(join(folder, 'installed'), `${VERSION}\n`);
  } finally {
    await rm(join(folder, 'installing'), { force: true });
  }
}

/** Makes the file, unless there is one of a process that lives. */
async function claim(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder > 0 && !signal(holder, 0)) await rm(file, { force: true });
    return false;
  }
}

/** Runs a command to its end. @returns Its exit code. */
async function run(command: string, args: readonly string[], logFile?: string): Promise<number | null> {
  const log = logFile === undefined ? undefined : await open(logFile, 'a');
  try {
    const output = log?.fd ?? 'ignore';
    const child = spawn(command, args, { stdio: ['ignore', output, output] });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } finally {
    await log?.close();
  }
}

/** @returns False when there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
