import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../', import.meta.url));

const CDK = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
/** Of the emulator. */
const ACCOUNT = 'aws://000000000000/us-east-1';
const TIMEOUT_MS = 180_000;

/** Where an app is deployed from. */
export interface Workplace {
  /** What AWS clients need to reach the emulator. */
  readonly environment: Readonly<Record<string, string>>;
  /** For what the CDK writes. Made when it is not there. */
  readonly folder: string;
}

/** Why nothing can be deployed from here, or `undefined` when nothing speaks against it. */
export function whyNoCdk(): string | undefined {
  return existsSync(CDK) ? undefined : 'the cdk is not installed';
}

/** Bootstraps the emulator's account and deploys the app into it.
 *  @returns The outputs of all stacks by name, and what the CDK said.
 *  @throws {Error} With what the CDK said, when it fails. */
export async function deployApp(
  workplace: Workplace,
  configurationFolder: string,
): Promise<{ readonly outputs: Readonly<Record<string, string>>; readonly said: string; readonly deployMs: number }> {
  const { folder } = workplace;
  await mkdir(folder, { recursive: true });
  // From a folder without an app, which it would synthesise for nothing.
  await runCdk(workplace, folder, 'bootstrap', ACCOUNT);
  const startMs = Date.now();
  const outputsFile = join(folder, 'outputs.json');
  const context = ['-c', 'emulator=true', '-c', `config=${configurationFolder}`];
  const files = ['--output', synthesisOf(folder), '--outputs-file', outputsFile];
  const said = await runCdk(workplace, ROOT, 'deploy', '--all', '--require-approval', 'never', ...context, ...files);
  return { outputs: await readOutputs(folder), said, deployMs: Date.now() - startMs };
}

/** The outputs of the deployment made from `folder`.
 *  @throws {Error} When there is none. */
export async function readOutputs(folder: string): Promise<Readonly<Record<string, string>>> {
  const stacks = JSON.parse(await readFile(join(folder, 'outputs.json'), 'utf8')) as Record<string, object>;
  return Object.assign({}, ...Object.values(stacks)) as Record<string, string>;
}

/** Removes what was deployed from `folder`, without synthesising it again. */
export async function destroyApp(workplace: Workplace): Promise<void> {
  await runCdk(workplace, ROOT, 'destroy', '--all', '--force', '--app', synthesisOf(workplace.folder));
}

function synthesisOf(folder: string): string {
  return join(folder, 'cdk.out');
}

/** Runs the CDK with none of our environment, nor what is in our home, so that it reaches no account but the emulator's.
 *  The app runs with the first `node` on the path: ours. */
function runCdk({ environment, folder }: Workplace, cwd: string, ...args: readonly string[]): Promise<string> {
  const env = {
    ...environment,
    HOME: folder,
    PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    NO_COLOR: '1',
  };
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [CDK, ...args, '--no-notices'], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(`Cannot run cdk ${args.join(' ')}:\n${stderr}${stdout}`, { cause: error }));
    });
  });
}
