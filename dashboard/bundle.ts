import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTENT_SECURITY_POLICY } from './security-headers.ts';

/** The files of the site by their path, such as `/index.html`. Those below `/assets/` never change under their name. */
export type SiteFiles = ReadonlyMap<string, Uint8Array>;

/** Where the built site is put, and looked for. */
export const SITE_FOLDER = fileURLToPath(new URL('../dist/dashboard/', import.meta.url));

const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#c2410c"/>' +
  '<path d="M6 21l6-8 5 5 9-11" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round"/></svg>';

/** Bundles the site, in memory. @param minify Leaves out what only people read. */
export async function bundleDashboard({ minify }: { readonly minify: boolean }): Promise<SiteFiles> {
  // esbuild is loaded by who bundles only: a built site is served without it.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: { dashboard: fileURLToPath(new URL('main.tsx', import.meta.url)) },
    outdir: '/assets',
    bundle: true,
    minify,
    write: false,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'error',
  });
  const files = new Map<string, Uint8Array>();
  for (const { path, contents } of outputFiles) files.set(`/assets/${basename(path)}`, contents);
  const favicon = encode(FAVICON);
  files.set(`/assets/favicon-${shortHash(favicon)}.svg`, favicon);
  files.set('/index.html', encode(indexPage([...files.keys()])));
  files.set('/config.json', encode('{"apiBase": ""}\n'));
  return files;
}

function shortHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 8);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function indexPage(paths: readonly string[]): string {
  const pathOf = (extension: string) => paths.find((path) => path.endsWith(extension));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Emberwatch</title>
<link rel="icon" href="${pathOf('.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${pathOf('.css')}">
<script type="module" src="${pathOf('.js')}"></script>
</head>
<body>
<div id="app"></div>
<noscript>The dashboard needs JavaScript. The HTTP API below /api/v1 and /api/v2 works without.</noscript>
</body>
</html>
`;
}
