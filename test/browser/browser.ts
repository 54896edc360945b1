import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why tests in a browser cannot run here; `false` when they can. As the `skip` option of a test. */
export const skipWithoutChromium: string | false = existsSync(EXECUTABLE)
  ? false
  : `no Chromium at ${EXECUTABLE}: install it, or set CHROMIUM to its path`;

/** Starts a browser. Root has no sandbox, as in containers. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** A page, with all that it must not do. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts and of the console, violations of the content security policy among them. */
  readonly problems: readonly string[];
  /** Requests to other origins than the page's own. */
  readonly foreignRequests: readonly string[];
}

export async function openPage(browser: Browser, baseURL: string, width: number): Promise<WatchedPage> {
  const context = await browser.newContext({ baseURL, viewport: { width, height: 900 }, colorScheme: 'light' });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const problems: string[] = [];
  const foreignRequests: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // That the server refused something is for the page to show.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      problems.push(message.text());
    }
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${baseURL}/`) && !/^(?:data|blob):/.test(url)) foreignRequests.push(url);
  });
  return { page, problems, foreignRequests };
}

/** Evaluates JavaScript in the page past its content security policy, which stays in force for the page itself. */
export async function evaluate<T>(page: Page, expression: string): Promise<T> {
  const session = await page.context().newCDPSession(page);
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  if (exceptionDetails !== undefined) {
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }
  return result.value as T;
}

/** What axe finds serious or critical on a page, with the places. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await evaluate(page, `${axe.source}; undefined`);
  const { violations } = await evaluate<axe.AxeResults>(page, 'axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
