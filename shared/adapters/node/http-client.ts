import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type HttpClient, type HttpRequest, HttpRequestError, type HttpResponse } from '#shared/ports/http-client.ts';
import { createEgressGuard, type Resolve } from './egress-guard.ts';
import type { EgressPolicy } from './egress-policy.ts';
import { translateNetworkError } from './http-errors.ts';
import { type ExchangeTools, exchange, type Hop } from './http-exchange.ts';

/** A client that is to be closed. */
export interface NodeHttpClient extends HttpClient {
  /** Ends the connections that are kept. */
  close(): void;
}

/** As Go's client. */
const MAX_REDIRECTS = 10;

/** As Prometheus's client keeps them. */
const IDLE_MS = 300_000;

/** Headers that say nothing about who asks; all others stay behind when a redirect leads elsewhere. */
const HARMLESS_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'user-agent',
  'x-prometheus-scrape-timeout-seconds',
]);

/** A client of HTTP/1.1 over `node:http`. Every address is checked before it is connected to, at each hop of a redirect.
 *  Messages are those of Go's client: `Get "http://host/": dial tcp 10.0.0.1:80: connect: connection refused`.
 *  @param options.resolve @default The system's resolver. */
export function createNodeHttpClient(options: {
  readonly egress: EgressPolicy;
  readonly resolve?: Resolve;
}): NodeHttpClient {
  const guard = createEgressGuard(options.egress, options.resolve);
  const keep = { keepAlive: true, timeout: IDLE_MS };
  const agents = { http: new HttpAgent(keep), https: new HttpsAgent(keep) };
  return {
    request: (request) => withDeadline(request, (signal) => follow(request, { guard, agents, signal })),
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** Why an exchange was given up, as its signal's reason. */
async function withDeadline<T>(request: HttpRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  const abort = () => end.abort(new HttpRequestError('aborted', 'context canceled'));
  const timer = setTimeout(() => end.abort(deadlineExceeded()), request.timeoutMs);
  request.signal?.addEventListener('abort', abort, { once: true });
  if (request.signal?.aborted) abort();
  try {
    return await work(end.signal);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', abort);
  }
}

function deadlineExceeded(): HttpRequestError {
  return new HttpRequestError('timeout', 'context deadline exceeded');
}

async function follow(request: HttpRequest, tools: ExchangeTools): Promise<HttpResponse> {
  let hop = firstHop(request);
  for (let redirects = 0; ; redirects++) {
    const response = await runHop(request, hop, tools);
    const location = redirectTarget(response);
    if (location === undefined || request.followRedirects === false) return response;
    const url = URL.parse(location, hop.url.href);
    if (url === null)
      throw describe(request, hop.shownUrl, new HttpRequestError('protocol', 'failed to parse Location header'));
    if (redirects === MAX_REDIRECTS - 1) {
      const problem = new HttpRequestError('protocol', `stopped after ${MAX_REDIRECTS} redirects`);
      throw describe(request, url.href, problem);
    }
    hop = nextHop(hop, url, response.status);
  }
}

async function runHop(request: HttpRequest, hop: Hop, tools: ExchangeTools): Promise<HttpResponse> {
  let inBody = false;
  try {
    if (tools.signal.aborted) throw tools.signal.reason;
    checkScheme(hop.url);
    return await exchange(hop, tools, () => {
      inBody = true;
    });
  } catch (error) {
    const cause = translateNetworkError(tools.signal.aborted ? tools.signal.reason : error);
    // Go's client is done when the headers are there: errors of the body name no URL.
    throw inBody ? cause : describe(request, hop.shownUrl, cause);
  }
}

function checkScheme(url: URL): void {
  if (url.protocol === 'http:' || url.protocol === 'https:') return;
  throw new HttpRequestError('protocol', `unsupported protocol scheme "${url.protocol.slice(0, -1)}"`);
}

function firstHop(request: HttpRequest): Hop {
  const { method, headers = {}, body, tls, proxyUrl, maxBodyBytes } = request;
  const url = URL.parse(request.url);
  if (url === null) throw describe(request, request.url, new HttpRequestError('protocol', 'invalid URL'));
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return { method, url, shownUrl: request.url, headers, body: bytes, tls, proxyUrl, maxBodyBytes };
}

function redirectTarget({ status, headers }: HttpResponse): string | undefined {
  return [301, 302, 303, 307, 308].includes(status) ? headers.location : undefined;
}

/** @see go/src/net/http/client.go redirectBehavior */
function nextHop(hop: Hop, url: URL, status: number): Hop {
  const keepsBody = status === 307 || status === 308;
  const moved: Hop = keepsBody
    ? { ...hop, url, shownUrl: url.href }
    : { ...withoutBody(hop), method: 'GET', url, shownUrl: url.href };
  return url.origin === hop.url.origin ? moved : withoutCredentials(moved);
}

function withoutBody({ body: _, ...hop }: Hop): Hop {
  const headers = Object.entries(hop.headers).filter(([name]) => !name.toLowerCase().startsWith('content-'));
  return { ...hop, headers: Object.fromEntries(headers) };
}

/** Also a client certificate says who asks, and the server's name was that of the first host. */
function withoutCredentials(hop: Hop): Hop {
  const headers = Object.entries(hop.headers).filter(([name]) => HARMLESS_HEADERS.has(name.toLowerCase()));
  const { ca, insecureSkipVerify } = hop.tls ?? {};
  return { ...hop, headers: Object.fromEntries(headers), tls: { ca, insecureSkipVerify } };
}

/** `Get "http://host/": problem`, as Go's url.Error. */
function describe(request: HttpRequest, url: string, cause: HttpRequestError): HttpRequestError {
  const verb = request.method[0] + request.method.slice(1).toLowerCase();
  return new HttpRequestError(cause.kind, `${verb} "${redact(url)}": ${cause.message}`, { cause });
}

/** Without the password, as Go shows it, and without a name that stands alone: that is how tokens are written. */
function redact(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text.replace(/^.*@/, '***@');
  if (url.password === '' && url.username === '') return text;
  if (url.password === '') url.username = '***';
  else url.password = '***';
  return url.href;
}
