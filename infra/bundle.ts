import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** A function's code: one ESM file in a folder of its own. */
export interface Bundle {
  readonly folder: string;
  readonly sizeBytes: number;
}

/** Function name → its bundle. */
export type Bundles = Readonly<Record<string, Bundle>>;

/** Dependencies that are CommonJS ask for Node's modules by `require`, which ESM does not have. */
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Lambda gives each function its credentials in the environment; the other places where the SDK looks for some, such as a
 *  user's configuration files, are a tenth of a bundle. */
const ALIASES = {
  '@aws-sdk/credential-provider-node': fileURLToPath(new URL('./no-credential-chain.ts', import.meta.url)),
};

/** Bundles `functions/<name>/lambda.ts` of every function into `<folder>/<name>/index.mjs`, with the AWS SDK, so that
 *  what was tested is what runs. The same sources give the same bytes.
 *  @throws {Error} When one cannot be built; the message has the places. */
export function buildBundles(root: string, folder: string): Bundles {
  const names = lambdaNames(root);
  buildSync({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `functions/${name}/lambda.ts`, out: `${name}/index` })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    alias: ALIASES,
    minify: true,
    // For stack traces.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return Object.fromEntries(
    names.map((name) => {
      const sizeBytes = statSync(join(folder, name, 'index.mjs')).size;
      return [name, { folder: join(folder, name), sizeBytes }];
    }),
  );
}

function lambdaNames(root: string): string[] {
  const functions = join(root, 'functions');
  return readdirSync(functions, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(functions, entry.name)).includes('lambda.ts'))
    .map(({ name }) => name)
    .sort();
}

/** A line a bundle with its size. */
export function describeBundles(bundles: Bundles): string {
  const lines = Object.entries(bundles).map(
    ([name, { sizeBytes }]) => `${name.padEnd(22)} ${(sizeBytes / 1024).toFixed(0).padStart(6)} KB\n`,
  );
  return `Function bundles:\n${lines.join('')}`;
}
