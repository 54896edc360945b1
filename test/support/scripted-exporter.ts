import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an exporter answers to one scrape. In the body `{{ms-500}}` stands for the time half a second before the page's, in
 *  milliseconds, and `{{s+250}}` for one a quarter of a second after it, in seconds. */
export interface ScriptedPage {
  /** @default 200 */
  readonly status?: number;
  /** @default Text 0.0.4; `''`: none. */
  readonly contentType?: string;
  readonly body: string;
  /** The answer never comes. */
  readonly hangs?: boolean;
}

/** Page k is the answer to scrape k; after the last one comes the last one again. */
export type Script = readonly (ScriptedPage | string)[];

/** An HTTP server of scripts. */
export interface ScriptedExporter {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** How often the path was scraped. */
  scrapes(path: string): number;
  /** When the path was scraped first, Unix milliseconds. */
  startMs(path: string): number | undefined;
  close(): Promise<void>;
}

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves scripts by path.
 *  @param options.intervalMs The time from page to page: page k has the time of the first scrape and k intervals.
 *  @param options.nowMs The clock of whoever scrapes. */
export async function startScriptedExporter(
  scripts: Readonly<Record<string, Script>>,
  options: {
    readonly intervalMs: number;
    readonly nowMs: () => number;
    /** Pages after this one have its time: a scraper that goes on longer than another learns nothing more. @default None. */
    readonly lastIndex?: number;
  },
): Promise<ScriptedExporter> {
  const states = new Map<string, { scrapes: number; readonly startMs: number }>();
  const server = createServer((request, response) => {
    const path = request.url!.split('?', 1)[0];
    const script = scripts[path];
    if (script === undefined) {
      response.writeHead(404).end();
      return;
    }
    const state = states.get(path) ?? { scrapes: 0, startMs: options.nowMs() };
    states.set(path, state);
    const index = state.scrapes++;
    const timeIndex = Math.min(index, options.lastIndex ?? index);
    send(response, pageOf(script, index), state.startMs + timeIndex * options.intervalMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    scrapes: (path) => states.get(path)?.scrapes ?? 0,
    startMs: (path) => states.get(path)?.startMs,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pageOf(script: Script, index: number): ScriptedPage {
  const page = script[Math.min(index, script.length - 1)];
  return typeof page === 'string' ? { body: page } : page;
}

function send(response: ServerResponse, page: ScriptedPage, timeMs: number): void {
  if (page.hangs) return;
  const { status = 200, contentType = TEXT } = page;
  response.writeHead(status, contentType === '' ? {} : { 'Content-Type': contentType });
  response.end(withTimes(page.body, timeMs));
}

function withTimes(body: string, timeMs: number): string {
  return body.replaceAll(/\{\{(ms|s)([+-]\d+)?\}\}/g, (_, unit: string, offset = '0') => {
    const ms = timeMs + Number(offset);
    return unit === 'ms' ? String(ms) : (ms / 1000).toFixed(3);
  });
}
