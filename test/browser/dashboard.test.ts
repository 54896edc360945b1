import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { freePort, type LocalProcess, startLocal, temporaryFolder } from '#test/support/local-process.ts';
import {
  accessibilityProblems,
  evaluate,
  launchBrowser,
  openPage,
  skipWithoutChromium,
  type WatchedPage,
} from './browser.ts';

/** The dashboard as a user works with it, in a real browser, over the demo. About a minute. */

const PAGES = ['query', 'alerts', 'silences', 'targets', 'rules', 'notifications', 'status'];
const TWO_LINES = 'up{job="myapp"} or up{job="emberwatch"} * 2';
/** Of the first series. */
const LINE_COLOR = [0xe8, 0x59, 0x0c];

describe('the dashboard', { skip: skipWithoutChromium }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let local: LocalProcess;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  before(async () => {
    folder = await temporaryFolder();
    local = await startLocal([`--storage.path=${folder.path}/data`], await freePort());
    browser = await launchBrowser();
    watched = await openPage(browser, local.url, 1280);
    page = watched.page;
  });
  after(async () => {
    await browser?.close();
    await local?.kill('SIGKILL');
    await folder?.remove();
  });

  it('runs a query typed into it, and completes a name', async () => {
    await local.until('/api/v1/query?query=up', (body) => body.includes('"result":[{'), 30_000);
    await page.goto('/');
    const input = page.getByLabel('Expression');
    await input.fill('myapp_op');
    await page.getByRole('option', { name: 'myapp_operations_total' }).click();
    assert.equal(await input.inputValue(), 'myapp_operations_total');
    await input.fill('up');
    await input.press('Escape');
    await input.press('Enter');
    await page.getByRole('cell', { name: 'job="myapp"' }).waitFor();
    assert.match(page.url(), /\/query\?g0\.expr=up&g0\.tab=1/);
  });

  it('shows where a query is wrong', async () => {
    const input = page.getByLabel('Expression');
    await input.fill('sum(up');
    await input.press('Enter');
    const alert = page.getByRole('alert');
    await alert.getByText('Line 1, column 7:').waitFor();
    await alert.getByText('unclosed left parenthesis').waitFor();
  });

  it('draws a graph of a link of Prometheus, and hides and zooms', async () => {
    await local.until('/api/v1/query?query=count_over_time(up[1m])>3', (body) => body.includes('"result":[{'), 40_000);
    await page.goto(`/graph?g0.expr=${encodeURIComponent(TWO_LINES)}&g0.tab=0&g0.range_input=1m&g0.step_input=1`);
    const items = page.locator('.legend-item');
    await items.first().waitFor();
    assert.equal(await items.count(), 2);
    assert.ok((await countLinePixels(page)) > 50, 'no line is drawn');
    await items.nth(1).click();
    assert.equal(await items.nth(0).getAttribute('aria-pressed'), 'false');
    assert.equal(await items.nth(1).getAttribute('aria-pressed'), 'true');
    await until(async () => (await countLinePixels(page)) === 0);
    await items.nth(1).click();
    await until(async () => (await countLinePixels(page)) > 50);
    await page.locator('figure.chart').focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('figcaption code').waitFor();
    const box = (await page.locator('.u-over').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.7, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/g0\.range_input=1[0-9]s/);
  });

  it('registers a target, shows it, and deletes it', async () => {
    await page.goto('/targets');
    await page.getByRole('button', { name: 'Register a target' }).click();
    const form = page.getByRole('form', { name: 'Register a target' });
    await form.getByLabel('Address').fill('nowhere');
    await form.getByLabel('Job').fill('mine');
    await form.getByLabel('Labels').fill('env=test, note="<b>a, b</b>"');
    await form.getByRole('button', { name: 'Register' }).click();
    await form.getByText('expected host:port such as "localhost:9100", got "nowhere"').waitFor();
    await form.getByLabel('Address').fill(new URL(local.url).host);
    await form.getByRole('button', { name: 'Register' }).click();
    const row = page.getByRole('row', { name: 'env="test"' });
    await row.getByText('up', { exact: true }).waitFor({ timeout: 40_000 });
    await row.getByText('note="<b>a, b</b>"').waitFor();
    await row.getByRole('button', { name: 'Delete target' }).click();
    await row.getByRole('button', { name: 'Confirm: Delete target' }).click();
    await row.waitFor({ state: 'detached' });
  });

  it('shows a firing alert, silences it, and ends the silence', async () => {
    const appPort = await readFile(join(folder.path, 'data/demo/app-port'), 'utf8');
    await fetch(`http://127.0.0.1:${appPort}/pause`, { method: 'POST' });
    await page.goto('/alerts');
    const card = page.locator('details', { hasText: 'NoOperations' });
    await card.getByText('firing', { exact: true }).first().waitFor({ timeout: 90_000 });
    await local.until('/api/v2/alerts', (body) => body.includes('NoOperations'));
    await card.getByRole('link', { name: 'Silence NoOperations' }).click();
    const form = page.getByRole('form', { name: 'New silence' });
    await form.getByText('1 alert affected now').waitFor();
    await form.getByLabel('Duration from now').fill('1h');
    await form.getByLabel('Creator').fill('ada');
    await form.getByRole('button', { name: 'Create silence' }).click();
    await form.getByText('Say why, in the comment').waitFor();
    await form.getByLabel('Comment').fill('known');
    await form.getByRole('button', { name: 'Create silence' }).click();
    const row = page.getByRole('row', { name: 'alertname="NoOperations"' });
    await row.getByText('active', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    await card.getByRole('link', { name: 'silenced' }).click();
    await row.getByRole('button', { name: 'Expire silence' }).click();
    await row.getByRole('button', { name: 'Confirm: Expire silence' }).click();
    await row.getByText('expired', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Alerts', exact: true }).click();
    await card.getByRole('link', { name: 'Silence NoOperations' }).waitFor();
  });

  it('shows the mail that was sent', async () => {
    await local.until('/api/v1/outbox', (body) => body.includes('NoOperations'), 40_000);
    await page.goto('/notifications');
    await page.getByRole('button', { name: /^Show mail .*NoOperations/ }).click();
    await page.getByText('Subject:').waitFor();
  });

  it('says what failed while the server is away, and goes on when asked', async () => {
    await page.route('**/api/v1/rules', (route) => route.abort());
    await page.goto('/rules');
    await page.getByRole('alert').getByText('Cannot reach the server').waitFor();
    await page.unroute('**/api/v1/rules');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('job:myapp_operations:rate30s').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  });

  it('asks for a token where the server wants one', async () => {
    const authorizations: (string | undefined)[] = [];
    await page.route('**/api/v1/rules', async (route) => {
      const { authorization } = route.request().headers();
      authorizations.push(authorization);
      if (authorization === 'Bearer s3cret') return route.continue();
      const error = '{"status":"error","errorType":"unauthorized","error":"a token is needed"}';
      return route.fulfill({ status: 401, contentType: 'application/json', body: error });
    });
    await page.goto('/rules');
    await page.getByLabel('Token').fill('s3cret');
    await page.getByRole('button', { name: 'Use this token' }).click();
    await page.getByText('job:myapp_operations:rate30s').waitFor();
    await page.unroute('**/api/v1/rules');
    assert.deepEqual([...new Set(authorizations)], [undefined, 'Bearer s3cret']);
    await evaluate(page, 'sessionStorage.clear()');
  });

  it('has no serious accessibility problem on any page, light or dark', async () => {
    const found: string[] = [];
    for (const name of [...PAGES, 'silences?new=1', 'query?g0.expr=up&g0.tab=0', 'nowhere']) {
      await settle(page, `/${name}`);
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        for (const problem of await accessibilityProblems(page)) found.push(`/${name} ${scheme}: ${problem}`);
      }
    }
    assert.deepEqual(found, []);
  });

  it('fits a screen 360 px wide', async () => {
    const narrow = await openPage(browser, local.url, 360);
    for (const name of [...PAGES, 'silences?new=1', 'query?g0.expr=up&g0.tab=0']) {
      await settle(narrow.page, `/${name}`);
      const width = await evaluate<number>(narrow.page, 'document.documentElement.scrollWidth');
      assert.ok(width <= 360, `/${name} is ${width} px wide`);
    }
    assert.deepEqual(narrow.problems, []);
  });

  it('has run without errors, within its content security policy, and asked nobody else', () => {
    assert.deepEqual(watched.problems, []);
    assert.deepEqual(watched.foreignRequests, []);
  });
});

/** Opens a page and waits until what it shows was loaded. */
async function settle(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('main > *').first().waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

function countLinePixels(page: Page): Promise<number> {
  return evaluate(
    page,
    `(() => {
      const canvas = document.querySelector('figure.chart canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const wanted = ${JSON.stringify(LINE_COLOR)};
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 200 && wanted.every((part, j) => Math.abs(data[i + j] - part) < 8)) count++;
      }
      return count;
    })()`,
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'waited too long');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
