import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, clientEnvironment, isHealthy, startEmulator, stopProcess } from './ministack.ts';

const USAGE = 'Usage: node localstack/emulator.ts start|stop|env [--port 4566]';
const DEFAULT_PORT = '4566';

const COMMANDS: Readonly<Record<string, (port: number) => Promise<void>>> = { start, stop, env: printEnvironment };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { port: { type: 'string', default: DEFAULT_PORT } },
    allowPositionals: true,
  });
  const command = Object.hasOwn(COMMANDS, positionals[0] ?? '') ? COMMANDS[positionals[0]] : undefined;
  const port = Number(values.port);
  if (command === undefined || positionals.length !== 1) throw new Error(USAGE);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`Cannot use port "${values.port}": expected 1 to 65535`);
  }
  await command(port);
}

/** Leaves an emulator running in the background. Only the variables go to standard output, so that a shell can evaluate it. */
async function start(port: number): Promise<void> {
  if (await isHealthy(port)) {
    say(`An emulator is running on port ${port} already`);
  } else {
    const logFile = join(cacheFolder(), `emulator-${port}.log`);
    say(`Starting the emulator; the first time it is installed into ${cacheFolder()}, which takes a minute`);
    await mkdir(cacheFolder(), { recursive: true });
    const { pid } = await startEmulator({ port, logFile, detached: true });
    await writeFile(pidFile(port), `${pid}\n`);
    say(`The emulator is process ${pid} on port ${port}, its log is ${logFile}`);
  }
  await printEnvironment(port);
}

async function stop(port: number): Promise<void> {
  const pid = Number(await readFile(pidFile(port), 'utf8').catch(() => ''));
  if (!(pid > 0)) throw new Error(`Cannot stop emulator: none was started on port ${port} by this script`);
  // The number may be another process's by now: only an emulator answers there.
  if (await isHealthy(port)) await stopProcess(pid);
  await rm(pidFile(port), { force: true });
  say(`The emulator on port ${port} is stopped`);
}

async function printEnvironment(port: number): Promise<void> {
  const lines = Object.entries(clientEnvironment(port)).map(([name, value]) => `export ${name}=${value}\n`);
  process.stdout.write(lines.join(''));
}

function pidFile(port: number): string {
  return join(cacheFolder(), `emulator-${port}.pid`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
