import { parseArgs } from 'node:util';
import { startInBackground, stopInBackground } from './background.ts';
import { clientEnvironment } from './ministack.ts';

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

/** Only the variables go to standard output, so that a shell can evaluate it. */
async function start(port: number): Promise<void> {
  await startInBackground(port, say);
  await printEnvironment(port);
}

function stop(port: number): Promise<void> {
  return stopInBackground(port, say);
}

async function printEnvironment(port: number): Promise<void> {
  const lines = Object.entries(clientEnvironment(port)).map(([name, value]) => `export ${name}=${value}\n`);
  process.stdout.write(lines.join(''));
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
