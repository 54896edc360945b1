// Runs an entry point under a Node that is new enough. Plain JavaScript: it must run on any Node.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;

/** Calls `run` if this Node is new enough; else starts the script again with the Node that `npm ci` brought, or says in
 *  one line why it cannot. @param scriptUrl `import.meta.url` of the script that was started. */
export async function underNode24(scriptUrl, run) {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
    await run(process.argv.slice(2));
    return;
  }
  // `npm ci` brings a Node 24 for most platforms; npm puts it first in the PATH of its scripts, a plain `node` does not.
  const bundled = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (existsSync(bundled) && process.env.EMBERWATCH_STARTED !== '1') {
    const env = { ...process.env, EMBERWATCH_STARTED: '1' };
    const child = spawn(bundled, [fileURLToPath(scriptUrl), ...process.argv.slice(2)], { stdio: 'inherit', env });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
  } else {
    process.stderr.write(
      `Emberwatch needs Node ${NEEDED_MAJOR} or newer, this is ${process.version}. Install it, or run "npm ci" on Linux, Windows or Intel macOS, which brings one.\n`,
    );
    process.exitCode = 1;
  }
}
