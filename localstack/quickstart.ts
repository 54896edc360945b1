import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { type AwsClients, createAwsClients } from '#shared/adapters/aws/clients.ts';
import { startInBackground, stopInBackground } from './background.ts';
import { deployApp, destroyApp, ROOT, readOutputs } from './cdk.ts';
import { runDemo } from './demo.ts';
import { clientEnvironment, isHealthy } from './ministack.ts';

const USAGE = `Usage: npm run localstack -- deploy|demo|token|destroy [--config FOLDER] [--port 4566] [--app-port 8080] [--dashboard-port 9090]

  deploy    starts an AWS emulator on this machine, unless one runs, and deploys the app into it
  demo      runs a target, registers it with the deployment, serves the dashboard, shows the notifications
  token     prints the token of the deployed API
  destroy   removes the deployment and stops the emulator`;

interface Options {
  readonly configurationFolder: string;
  readonly port: number;
  readonly appPort: number;
  readonly dashboardPort: number;
}

const COMMANDS: Readonly<Record<string, (options: Options) => Promise<void>>> = { deploy, demo, token, destroy };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      config: { type: 'string', default: 'localstack/configuration' },
      port: { type: 'string', default: '4566' },
      'app-port': { type: 'string', default: '8080' },
      'dashboard-port': { type: 'string', default: '9090' },
    },
    allowPositionals: true,
  });
  const command = Object.hasOwn(COMMANDS, positionals[0] ?? '') ? COMMANDS[positionals[0]] : undefined;
  if (command === undefined || positionals.length !== 1) throw new Error(USAGE);
  await command({
    configurationFolder: values.config,
    port: readPort('port', values.port),
    appPort: readPort('app-port', values['app-port']),
    dashboardPort: readPort('dashboard-port', values['dashboard-port']),
  });
}

function readPort(flag: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`Cannot use --${flag} "${text}": expected 0 to 65535`);
}

async function deploy({ port, configurationFolder }: Options): Promise<void> {
  await startInBackground(port, say);
  say('Deploying: bootstraps the account, makes the stacks, uploads the configuration');
  const { outputs, deployMs } = await deployApp(workplace(port), configurationFolder);
  say(`Deployed in ${(deployMs / 1000).toFixed(0)} s`);
  say(`API: ${endpointOf(port, outputs)}`);
  say(`Alert topic: ${outputs.AlertTopicArn}`);
  say('Next: npm run localstack -- demo');
}

async function demo({ port, appPort, dashboardPort }: Options): Promise<void> {
  const outputs = await outputsOf(port);
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());
  await withClients(port, async (clients) => {
    const { ApiTokenSecretArn, AlertTopicArn: alertTopicArn } = outputs;
    const options = { endpoint: endpointOf(port, outputs), token: await readToken(clients, ApiTokenSecretArn) };
    await runDemo(clients, { ...options, alertTopicArn, appPort, dashboardPort, say, signal: end.signal });
  });
}

async function token({ port }: Options): Promise<void> {
  const { ApiTokenSecretArn } = await outputsOf(port);
  process.stdout.write(`${await withClients(port, (clients) => readToken(clients, ApiTokenSecretArn))}\n`);
}

async function destroy({ port }: Options): Promise<void> {
  if (await isHealthy(port)) {
    await destroyApp(workplace(port));
    say('The deployment is removed');
  }
  await rm(workplace(port).folder, { recursive: true, force: true });
  await stopInBackground(port, say);
}

function workplace(port: number) {
  return { environment: clientEnvironment(port), folder: join(ROOT, 'data', `localstack-${port}`) };
}

async function outputsOf(port: number): Promise<Readonly<Record<string, string>>> {
  if (!(await isHealthy(port))) throw new Error(`No emulator answers on port ${port}: npm run localstack -- deploy`);
  return readOutputs(workplace(port).folder).catch((cause) => {
    throw new Error('Nothing is deployed: npm run localstack -- deploy', { cause });
  });
}

/** The emulator has all API Gateways under its own address. */
function endpointOf(port: number, { ApiId }: Readonly<Record<string, string>>): string {
  return `http://127.0.0.1:${port}/_aws/execute-api/${ApiId}/$default`;
}

async function withClients<T>(port: number, work: (clients: AwsClients) => Promise<T>): Promise<T> {
  const clients = createAwsClients(clientEnvironment(port));
  try {
    return await work(clients);
  } finally {
    clients.close();
  }
}

async function readToken(clients: AwsClients, SecretId: string): Promise<string> {
  const { SecretString } = await clients.secretsManager().send(new GetSecretValueCommand({ SecretId }));
  return SecretString!;
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
