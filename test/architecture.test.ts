import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What each layer may import: prefixes of our own files, then packages. The longest prefix that fits a file decides. */
interface Layer {
  readonly ours: readonly string[];
  readonly packages: readonly string[];
  /** Whether it may touch the platform: node: modules, process, timers, the clock. */
  readonly platform: boolean;
}

const layer = (ours: readonly string[], packages: readonly string[] = []): Layer => ({
  ours,
  packages,
  platform: false,
});
const edge = (ours: readonly string[], packages: readonly string[]): Layer => ({ ours, packages, platform: true });

const MODEL = 'shared/model/';
const PORTS = 'shared/ports/';
const SYNTAX = 'shared/promql/syntax/';
const HASHES = '@noble/hashes';

const CDK = ['aws-cdk-lib', 'constructs', 'cdk-nag'];
const BROWSER = ['playwright-core', 'axe-core'];
/** What validates the configuration when the app is synthesised. */
const SYNTH = [
  'shared/config/',
  'shared/rules/',
  'shared/template/',
  'functions/settings.ts',
  'functions/aws/lambda-settings.ts',
  'functions/upload-configuration/properties.ts',
  'functions/upload-configuration/substitute.ts',
  'dashboard/security-headers.ts',
];

const LAYERS: Readonly<Record<string, Layer>> = {
  'shared/model/': layer([], ['re2js', 'lru-cache']),
  'shared/ports/': layer([MODEL]),
  'shared/exposition/': layer([MODEL]),
  'shared/relabel/': layer([MODEL], [HASHES]),
  'shared/promql/': layer([MODEL, SYNTAX]),
  'shared/promql/engine/': layer([MODEL, SYNTAX, 'shared/promql/functions/']),
  'shared/promql/functions/': layer([MODEL, SYNTAX, 'shared/promql/engine/']),
  'shared/template/': layer([MODEL]),
  'shared/tsdb/': layer([MODEL, PORTS], [HASHES, 'lru-cache']),
  'shared/schedule/': layer([PORTS]),
  'shared/config/': layer(
    [MODEL, PORTS, SYNTAX, 'shared/relabel/', 'shared/alerting/config.ts', 'shared/alerting/matchers.ts'],
    ['yaml'],
  ),
  'shared/scrape/': layer(
    [MODEL, PORTS, 'shared/config/', 'shared/exposition/', 'shared/relabel/', 'shared/tsdb/'],
    [HASHES, 'lru-cache'],
  ),
  'shared/registry/': layer([MODEL, PORTS, 'shared/config/', 'shared/scrape/']),
  'shared/discovery/': layer([MODEL, PORTS, 'shared/config/', 'shared/registry/', 'shared/scrape/'], [HASHES]),
  'shared/rules/': layer(
    [MODEL, PORTS, SYNTAX, 'shared/config/', 'shared/relabel/', 'shared/schedule/', 'shared/tsdb/', 'shared/alerting/'],
    [HASHES],
  ),
  'shared/alerting/': layer([MODEL, PORTS, SYNTAX, 'shared/config/', 'shared/template/'], [HASHES, 'yaml']),
  'shared/api/': layer(['shared/'], ['hono', HASHES]),
  'shared/cost/': layer([MODEL, PORTS]),
  'shared/adapters/memory/': edge([MODEL, PORTS], []),
  'shared/adapters/node/': edge([MODEL, PORTS], ['nodemailer']),
  'shared/adapters/aws/': edge([MODEL, PORTS], ['@aws-sdk', '@aws-lambda-powertools']),
  'localstack/': edge(['functions/local/', 'shared/adapters/aws/'], ['@aws-sdk']),
  'infra/': edge(
    [MODEL, PORTS, 'shared/adapters/aws/schema.ts', 'shared/adapters/node/files.ts', ...SYNTH],
    [...CDK, 'esbuild'],
  ),
  'dashboard/': edge([MODEL, SYNTAX], ['preact', '@preact/signals', 'uplot', 'esbuild']),
  'functions/aws/': edge(['shared/', 'functions/'], ['aws-lambda']),
  'functions/': layer(['shared/', 'functions/'], ['@middy/core', 'aws-lambda']),
  'functions/local/': edge(['shared/', 'functions/', 'dashboard/'], ['@middy/core', 'aws-lambda']),
  'functions/cli/': edge(['shared/', 'functions/', 'infra/pipeline.ts'], ['aws-lambda']),
  'test/': edge(
    ['shared/', 'functions/', 'test/', 'infra/', 'localstack/', 'dashboard/'],
    [
      'fast-check',
      'yaml',
      HASHES,
      're2js',
      'aws-lambda',
      'nodemailer',
      'hono',
      '@aws-sdk',
      ...CDK,
      ...BROWSER,
      'esbuild',
    ],
  ),
};

/** Adapters are wired in one place only. */
const MAY_USE_ADAPTERS = [
  'shared/adapters/',
  'functions/local/',
  'functions/cli/',
  'functions/aws/',
  'infra/',
  'localstack/',
  'test/',
];

const GLOBALS = [
  ['Date.now()', /\bDate\.now\b/],
  ['new Date() of now', /\bnew Date\(\s*\)/],
  ['Math.random()', /\bMath\.random\b/],
  ['process', /(?<![.\w#'"`$-])process\.(?!\s)/],
  ['fetch()', /(?:await|return|=|=>|[(,])\s*fetch\(/],
  ['console', /(?<![.\w#])console\./],
  ['timers', /(?<![.\w#])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\(/],
  ['Buffer', /(?<![.\w#])Buffer\./],
] as const;

/** What is wrong with the imports and globals of one source file. */
export function violations(file: string, source: string): string[] {
  // A Lambda's entry point composes as those of `functions/aws` do.
  const place = /^functions\/[^/]+\/lambda\.ts$/.test(file) ? 'functions/aws/lambda.ts' : file;
  const prefix = Object.keys(LAYERS)
    .filter((candidate) => place.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return [`${file}: is in no layer`];
  const code = withoutComments(source);
  const found: string[] = [];
  for (const specifier of importsOf(code)) {
    const problem = checkImport(file, specifier, { prefix, rules: LAYERS[prefix] });
    if (problem !== undefined) found.push(`${file}: imports "${specifier}": ${problem}`);
  }
  if (!LAYERS[prefix].platform) {
    for (const [name, pattern] of GLOBALS) if (pattern.test(code)) found.push(`${file}: uses ${name}`);
  }
  return found;
}

function checkImport(
  file: string,
  specifier: string,
  { prefix, rules }: { readonly prefix: string; readonly rules: Layer },
): string | undefined {
  if (specifier.startsWith('node:')) return rules.platform ? undefined : 'only adapters may touch the platform';
  if (!specifier.startsWith('.') && !specifier.startsWith('#')) {
    const allowed = rules.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    return allowed ? undefined : `${prefix} may use ${rules.packages.join(', ') || 'no packages'}`;
  }
  const target = specifier.startsWith('#') ? specifier.slice(1) : posix.join(posix.dirname(file), specifier);
  const edges = [...MAY_USE_ADAPTERS, prefix === 'functions/aws/' ? file : 'functions/aws/'];
  if (target.startsWith('shared/adapters/') && !edges.some((allowed) => file.startsWith(allowed))) {
    return 'adapters are wired by entry points only';
  }
  const allowed = [prefix, ...rules.ours].some((start) => target.startsWith(start));
  return allowed ? undefined : `${prefix} may import ${rules.ours.join(', ') || 'nothing of ours'}`;
}

function importsOf(code: string): string[] {
  const statements = code.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]/g);
  const effects = code.matchAll(/(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g);
  const dynamic = code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return [...statements, ...effects, ...dynamic].map((match) => match[1]);
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

function sources(): string[] {
  const folders = ['shared', 'functions', 'infra', 'localstack', 'dashboard', 'test'];
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,tsx}`);
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).map((file) => file.replaceAll('\\', '/'));
}

test('every file imports only what its layer may', () => {
  const all = sources();
  assert.ok(all.length > 100, `only ${all.length} files found`);
  assert.deepEqual(
    all.flatMap((file) => violations(file, readFileSync(join(ROOT, file), 'utf8'))),
    [],
  );
});

test('a forbidden import or global is found', () => {
  const cases: readonly (readonly [file: string, source: string, expected: RegExp])[] = [
    ['shared/model/x.ts', "import { a } from '#shared/ports/clock.ts';", /may import nothing of ours/],
    ['shared/promql/engine/x.ts', "import { readFile } from 'node:fs';", /only adapters may touch the platform/],
    ['shared/rules/x.ts', "import { a } from '#shared/adapters/node/clock.ts';", /adapters are wired by entry points/],
    ['shared/api/x.ts', "import {\n  a,\n} from '../adapters/memory/clock.ts';", /adapters are wired by entry points/],
    ['shared/adapters/node/x.ts', "import { a } from '../memory/clock.ts';", /may import/],
    ['shared/tsdb/x.ts', "import { a } from '#shared/promql/engine/engine.ts';", /may import/],
    ['shared/exposition/x.ts', "import yaml from 'yaml';", /may use no packages/],
    ['shared/scrape/x.ts', 'const now = Date.now();', /uses Date\.now/],
    ['shared/scrape/x.ts', 'await fetch(url);', /uses fetch/],
    ['shared/rules/x.ts', 'setTimeout(() => {}, 1);', /uses timers/],
    [
      'functions/scrape/x.ts',
      "import { a } from '#shared/adapters/node/clock.ts';",
      /adapters are wired by entry points/,
    ],
    ['elsewhere/x.ts', '', /is in no layer/],
  ];
  for (const [file, source, expected] of cases) assert.match(violations(file, source).join('\n'), expected);
  assert.deepEqual(violations('shared/scrape/x.ts', "// Date.now() is not used\nimport { a } from './b.ts';"), []);
});

test('no file is longer than 600 lines', () => {
  const long = sources().filter((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 600);
  assert.deepEqual(long, []);
});

test('handlers are at most 60 lines', () => {
  const handlers = globSync('functions/*/handler.ts', { cwd: ROOT });
  assert.ok(handlers.length >= 7);
  const long = handlers.filter((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 61);
  assert.deepEqual(long, []);
});

test('patterns of users never reach RegExp: it is only ever made of literals', () => {
  const dynamic = /(?<![\w.])(?:new )?RegExp\(/;
  const found = sources()
    .filter((file) => file.startsWith('shared/') || file.startsWith('functions/'))
    .filter((file) => dynamic.test(withoutComments(readFileSync(join(ROOT, file), 'utf8'))));
  assert.deepEqual(found, []);
});

test('imports across layers use #shared, imports within a folder are relative', () => {
  const wrong = sources()
    .filter((file) => file.startsWith('shared/'))
    .flatMap((file) =>
      importsOf(readFileSync(join(ROOT, file), 'utf8'))
        .filter((specifier) => specifier.startsWith('.'))
        .filter((specifier) => {
          const target = posix.join(dirname(file), specifier);
          return target.split('/')[1] !== file.split('/')[1];
        })
        .map((specifier) => `${file}: ${specifier}`),
    );
  assert.deepEqual(wrong, []);
});
