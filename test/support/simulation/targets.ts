import type { Route, RouteAnswer } from '#shared/adapters/memory/http-client.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import type { Clock } from '#shared/ports/clock.ts';
import { type HttpRequest, HttpRequestError } from '#shared/ports/http-client.ts';

/** A time from `from` (inclusive) to `to` (exclusive), milliseconds since the start of the run. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An exporter whose page is a function of the time alone, however often it is asked. */
export interface ScriptedTarget {
  /** `host:port` */
  readonly address: string;
  readonly job: string;
  /** Refuses connections. */
  readonly down?: readonly Span[];
  /** Answers after `delayMs`. */
  readonly slow?: readonly (Span & { readonly delayMs: number })[];
  /** Counters begin again at 0, milliseconds since the start. */
  readonly restarts?: readonly number[];
  /** The series of `handler="/admin"` are not on the page. */
  readonly vanished?: readonly Span[];
  /** Counters stand still. */
  readonly idle?: readonly Span[];
  /** `app_queue_length` is above 100. */
  readonly congested?: readonly Span[];
}

/** Counters move once in this time. */
const STEP_MS = 15_000;
const HANDLERS = ['/', '/login', '/admin'];
const CODES = ['200', '500'];
const BUCKETS = ['0.1', '0.5', '+Inf'];

/** @param seed Of the counters' increments and the gauges. */
export function targetRoute(
  target: ScriptedTarget,
  options: { readonly clock: Clock; readonly startMs: number; readonly seed: number },
): Route {
  const { clock, startMs, seed } = options;
  const page = createPage(target, seed);
  return async (request: HttpRequest): Promise<RouteAnswer> => {
    const now = clock.nowMs() - startMs;
    if (isIn(target.down, now)) {
      throw new HttpRequestError('refused', `Get "${request.url}": connect: connection refused`);
    }
    const delayMs = target.slow?.find((span) => within(span, now))?.delayMs ?? 0;
    if (delayMs > 0) await clock.sleep(delayMs);
    return { headers: { 'Content-Type': 'text/plain; version=0.0.4' }, body: page(now) };
  };
}

function createPage(target: ScriptedTarget, seed: number): (sinceStartMs: number) => string {
  const random = createSeededRandom(seed);
  const totals: number[] = [];
  const levels: number[] = [];
  const grow = (step: number) => {
    while (totals.length <= step) {
      const increment = 1 + Math.floor(random.next() * 40);
      const idle = isIn(target.idle, totals.length * STEP_MS);
      totals.push((totals.at(-1) ?? 0) + (idle ? 0 : increment));
      levels.push(Math.floor(random.next() * 80));
    }
  };
  return (sinceStartMs) => {
    const step = Math.max(0, Math.floor(sinceStartMs / STEP_MS));
    grow(step);
    const restart = (target.restarts ?? []).findLast((at) => at <= sinceStartMs);
    const total = totals[step] - (restart === undefined ? 0 : totals[Math.floor(restart / STEP_MS)]);
    return pageText(total, {
      queueLength: levels[step] + (isIn(target.congested, sinceStartMs) ? 101 : 0),
      handlers: isIn(target.vanished, sinceStartMs) ? HANDLERS.slice(0, -1) : HANDLERS,
    });
  };
}

function pageText(total: number, page: { readonly queueLength: number; readonly handlers: readonly string[] }): string {
  const lines = ['# HELP app_requests_total Requests.', '# TYPE app_requests_total counter'];
  for (const [i, handler] of page.handlers.entries()) {
    for (const [j, code] of CODES.entries()) {
      lines.push(`app_requests_total{handler="${handler}",code="${code}"} ${total * (i + 1) * (CODES.length - j)}`);
    }
  }
  lines.push('# TYPE app_duration_seconds histogram');
  for (const [i, le] of BUCKETS.entries()) {
    lines.push(`app_duration_seconds_bucket{le="${le}"} ${Math.floor((total * (i + 1)) / BUCKETS.length)}`);
  }
  lines.push(`app_duration_seconds_sum ${total / 8}`, `app_duration_seconds_count ${total}`);
  lines.push('# TYPE app_queue_length gauge', `app_queue_length ${page.queueLength}`);
  return `${lines.join('\n')}\n`;
}

function isIn(spans: readonly Span[] | undefined, at: number): boolean {
  return spans?.some((span) => within(span, at)) ?? false;
}

function within({ from, to }: Span, at: number): boolean {
  return from <= at && at < to;
}
