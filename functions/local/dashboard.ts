import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { bundleDashboard, SITE_FOLDER } from '../../dashboard/bundle.ts';
import { SECURITY_HEADERS } from '../../dashboard/security-headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** @returns `undefined` when the site has no such file. */
type ReadFile = (path: string) => Promise<Uint8Array | undefined>;

/** Serves the dashboard: what `dashboard/build.ts` has built, otherwise a bundle made in memory at the first request.
 *  A path without an extension is one of the site's pages. */
export function createDashboard(folder: string = SITE_FOLDER): (path: string) => Promise<Response> {
  const read = existsSync(join(folder, 'index.html')) ? readFrom(folder) : readBundle();
  return async (path) => {
    const file = extname(path) === '' ? '/index.html' : path;
    const contents = await read(file);
    if (contents === undefined) return notFound(path);
    return new Response(contents as Uint8Array<ArrayBuffer>, {
      headers: {
        ...SECURITY_HEADERS,
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'cache-control': file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    });
  };
}

function notFound(path: string): Response {
  const headers = { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' };
  return new Response(`The dashboard has no file ${path}\n`, { status: 404, headers });
}

function readFrom(folder: string): ReadFile {
  return async (path) => {
    const file = normalize(join(folder, path));
    if (!file.startsWith(normalize(folder)) || file.includes('\0')) return undefined;
    return readFile(file).catch(() => undefined);
  };
}

function readBundle(): ReadFile {
  let bundling: ReturnType<typeof bundleDashboard> | undefined;
  return async (path) => {
    bundling ??= bundleDashboard({ minify: true });
    // A bundle that failed is tried again with the next request.
    bundling.catch(() => {
      bundling = undefined;
    });
    return (await bundling).get(path);
  };
}
