import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '#test/support/local-process.ts';
import { buildApp } from '../../infra/build-app.ts';
import { whyUnavailable } from '../../localstack/ministack.ts';

const VERSION = '1.58.0';
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'emberwatch');
const VENV = join(CACHE, `cfn-lint-${VERSION}`);

const run = promisify(execFile);
const unavailable = await whyUnavailable();

for (const withDashboard of [false, true]) {
  const name = `cfn-lint finds nothing in the templates ${withDashboard ? 'with' : 'without'} the dashboard`;
  test(name, { skip: unavailable && `no cfn-lint: ${unavailable}`, timeout: 240_000 }, async () => {
    await install();
    await using cleanup = new AsyncDisposableStack();
    const folder = await temporaryFolder();
    cleanup.defer(() => folder.remove());
    const dashboardFolder = join(folder.path, 'dashboard');
    if (withDashboard) await mkdir(dashboardFolder);
    // cdk-nag's findings fail the synthesis itself.
    const { app } = await buildApp({ outdir: join(folder.path, 'cdk.out') }, { dashboardFolder });
    const templates = app.synth().stacks.map(({ templateFullPath }) => templateFullPath);
    assert.equal(templates.length, 3);
    const lint = join(VENV, 'bin', 'cfn-lint');
    const { stdout } = await run(lint, ['--regions', 'us-east-1', '--', ...templates]).catch((error) => error);
    assert.equal(stdout, '');
  });
}

/** Made aside and renamed, so that one that broke off is not taken for whole. */
async function install(): Promise<void> {
  if (existsSync(VENV)) return;
  const aside = `${VENV}.${process.pid}`;
  await mkdir(CACHE, { recursive: true });
  await run('python3', ['-m', 'venv', '--clear', aside]);
  // Scripts of a venv name its folder, so it is not moved with them in it.
  await rename(aside, VENV);
  try {
    await run(join(VENV, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', `cfn-lint==${VERSION}`]);
  } catch (error) {
    await rm(VENV, { recursive: true, force: true });
    throw error;
  }
}
