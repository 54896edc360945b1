import type { Clock } from '#shared/ports/clock.ts';
import { type HttpClient, type HttpRequest, HttpRequestError, type HttpResponse } from '#shared/ports/http-client.ts';

/** What a route answers; 200 and an empty body where it does not say. */
export interface RouteAnswer {
  readonly status?: number;
  readonly statusText?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Plays the server of a URL. Sleeping on the clock makes it slow; throwing an HttpRequestError makes it fail. */
export type Route = (request: HttpRequest) => RouteAnswer | Promise<RouteAnswer>;

/** A client for a world of routes. */
export interface MemoryHttpClient extends HttpClient {
  /** URL → server. A URL without a query also stands for the same one with any query. May be changed at any time. */
  readonly routes: Map<string, Route>;
  /** Every request made, in order. */
  readonly requests: readonly HttpRequest[];
}

/** Redirects are given back as they are; a URL without a route refuses the connection. */
export function createMemoryHttpClient(options: {
  readonly clock: Clock;
  readonly routes?: Readonly<Record<string, Route>>;
}): MemoryHttpClient {
  const routes = new Map(Object.entries(options.routes ?? {}));
  const requests: HttpRequest[] = [];
  return {
    routes,
    requests,
    async request(request) {
      requests.push(request);
      if (request.signal?.aborted) throw failure(request, 'aborted', 'context canceled');
      const route = routes.get(request.url) ?? routes.get(request.url.split('?', 1)[0]);
      if (route === undefined) throw failure(request, 'refused', 'connect: connection refused');
      return toResponse(request, await withDeadline(request, options.clock, route));
    },
  };
}

/** Given as the reason so that no error is made for each request. */
const DONE = 'done';

async function withDeadline(request: HttpRequest, clock: Clock, route: Route): Promise<RouteAnswer> {
  const done = new AbortController();
  const signal = request.signal ? AbortSignal.any([done.signal, request.signal]) : done.signal;
  const deadline = clock.sleep(request.timeoutMs, signal).then(
    () => Promise.reject(failure(request, 'timeout', 'context deadline exceeded')),
    (reason) => Promise.reject(reason === DONE ? reason : failure(request, 'aborted', 'context canceled')),
  );
  try {
    // A route that throws at once must lose no race, or nobody waits for the deadline.
    const answer = (async () => route(request))();
    return await Promise.race([answer, deadline]);
  } finally {
    done.abort(DONE);
  }
}

function toResponse(request: HttpRequest, answer: RouteAnswer): HttpResponse {
  const { status = 200, statusText = '', headers = {}, body = '' } = answer;
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
  if (bytes.length > request.maxBodyBytes) throw failure(request, 'too-large', 'body size limit exceeded');
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, statusText, headers: Object.fromEntries(lowerCase), body: bytes };
}

function failure(request: HttpRequest, kind: HttpRequestError['kind'], problem: string): HttpRequestError {
  const verb = request.method[0] + request.method.slice(1).toLowerCase();
  return new HttpRequestError(kind, `${verb} "${request.url}": ${problem}`);
}
