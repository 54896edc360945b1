import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createDashboard } from '#functions/local/dashboard.ts';
import { temporaryFolder } from '#test/support/local-process.ts';
import { bundleDashboard } from '../../dashboard/bundle.ts';

test('the site is small, its page names all its files and nothing of others', async () => {
  const files = await bundleDashboard({ minify: true });
  const page = new TextDecoder().decode(files.get('/index.html'));
  const named = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]);
  assert.equal(named.length, 3);
  for (const path of named) assert.ok(files.has(path), path);
  assert.doesNotMatch(page, /<style|<script(?! type="module" src=)|https?:/);
  const sizes = [...files.values()].map((contents) => gzipSync(contents, { level: 9 }).length);
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(totalBytes <= 60 * 1024, `the first load has ${totalBytes} bytes`);
});

test('createDashboard() bundles the site where none is built', async () => {
  const folder = await temporaryFolder();
  const dashboard = createDashboard(folder.path);
  const page = await dashboard('/alerts');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  assert.match(page.headers.get('content-security-policy')!, /default-src 'none'.*frame-ancestors 'none'/);
  assert.doesNotMatch(page.headers.get('content-security-policy')!, /unsafe/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  const script = /src="([^"]+)"/.exec(await page.text())![1];
  const answer = await dashboard(script);
  assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.match(answer.headers.get('cache-control')!, /immutable/);
  await folder.remove();
});

test('createDashboard() serves a built site, and no file outside of it', async () => {
  const folder = await temporaryFolder();
  const site = join(folder.path, 'site');
  await mkdir(join(site, 'assets'), { recursive: true });
  await writeFile(join(site, 'index.html'), 'the page');
  await writeFile(join(site, 'assets/a.css'), 'a {}');
  await writeFile(join(folder.path, 'secret.txt'), 'secret');
  await mkdir(join(folder.path, 'site-2'));
  await writeFile(join(folder.path, 'site-2/secret.txt'), 'secret');
  const dashboard = createDashboard(`${site}/`);
  const cases: readonly (readonly [path: string, status: number, body: RegExp])[] = [
    ['/', 200, /^the page$/],
    ['/silences', 200, /^the page$/],
    ['/deep/er', 200, /^the page$/],
    ['/assets/a.css', 200, /^a \{\}$/],
    ['/favicon.ico', 404, /has no file \/favicon\.ico/],
    ['/../secret.txt', 404, /has no file/],
    ['/../site-2/secret.txt', 404, /has no file/],
    ['/a\0.css', 404, /has no file/],
  ];
  for (const [path, status, body] of cases) {
    const response = await dashboard(path);
    assert.equal(response.status, status, path);
    assert.match(await response.text(), body, path);
  }
  await folder.remove();
});
