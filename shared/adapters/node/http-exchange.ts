import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest, type RequestOptions as TlsRequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate } from 'node:tls';
import { type HttpRequest, HttpRequestError, type HttpResponse, type TlsOptions } from '#shared/ports/http-client.ts';
import type { EgressGuard } from './egress-guard.ts';
import { isGzip, readBody } from './http-body.ts';
import { translateProxyError } from './http-errors.ts';
import { basicCredentials, type HttpProxy, hostOf, openTunnel, parseProxy } from './http-proxy.ts';

/** One request to one place: a redirect is another one. */
export interface Hop {
  readonly method: HttpRequest['method'];
  readonly url: URL;
  /** As it was written, for errors. */
  readonly shownUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly tls?: TlsOptions;
  readonly proxyUrl?: string;
  readonly maxBodyBytes: number;
}

/** What hops are made with. */
export interface ExchangeTools {
  readonly guard: EgressGuard;
  /** Connections to keep, by protocol. */
  readonly agents: { readonly http: Agent; readonly https: Agent };
  /** The end of the whole exchange. */
  readonly signal: AbortSignal;
}

/** A target's status line and headers must fit; Node's default of 16 KB is less than proxies and Go allow. */
const MAX_HEADER_BYTES = 262_144;

/** Sends a request and reads the whole answer.
 *  @param onHeaders Called when the answer begins: what fails after is a matter of the body. */
export async function exchange(hop: Hop, tools: ExchangeTools, onHeaders: () => void): Promise<HttpResponse> {
  if (hop.proxyUrl !== undefined) return byProxy(hop, tools, onHeaders);
  const first = await prepare(hop, tools);
  try {
    return await send(first, hop, onHeaders);
  } catch (error) {
    if (!isStaleConnection(error, hop, first)) throw error;
    return await send(await prepare(hop, { ...tools, fresh: true }), hop, onHeaders);
  }
}

async function byProxy(hop: Hop, tools: ExchangeTools, onHeaders: () => void): Promise<HttpResponse> {
  try {
    return await send(await prepare(hop, tools), hop, onHeaders);
  } catch (error) {
    throw translateProxyError(error);
  }
}

/** The server closed a kept connection just as we used it. A GET loses nothing by being sent again. */
function isStaleConnection(error: unknown, hop: Hop, request: ClientRequest): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return hop.method === 'GET' && request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
}

async function send(request: ClientRequest, hop: Hop, onHeaders: () => void): Promise<HttpResponse> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    // Stays for the whole exchange: a request that fails after its answer began must not end the process.
    request.on('error', reject);
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new HttpRequestError('protocol', 'net/http: unexpected switch of protocols'));
    });
    request.end(hop.body);
  });
  onHeaders();
  try {
    return toResponse(response, await readBody(response, hop.maxBodyBytes));
  } catch (error) {
    request.destroy();
    throw error;
  }
}

function toResponse(response: IncomingMessage, body: Uint8Array): HttpResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  if (isGzip(response)) {
    delete headers['content-encoding'];
    delete headers['content-length'];
  }
  return { status: response.statusCode ?? 0, statusText: response.statusMessage ?? '', headers, body };
}

async function prepare(hop: Hop, tools: ExchangeTools & { readonly fresh?: boolean }): Promise<ClientRequest> {
  const proxy = hop.proxyUrl === undefined ? undefined : parseProxy(hop.proxyUrl);
  const isHttps = hop.url.protocol === 'https:';
  // Of a proxied name only the proxy knows the address.
  tools.guard.checkLiteral(hostOf(hop.url));
  if (proxy !== undefined && isHttps) return throughTunnel(hop, proxy, tools);
  if (proxy !== undefined) return throughProxy(hop, proxy, tools);
  const keep = hop.method === 'GET' && tools.fresh !== true && isIP(hop.tls?.serverName ?? '') === 0;
  const options = { ...commonOptions(hop, tools), host: hostOf(hop.url), port: hop.url.port, path: pathOf(hop.url) };
  if (!isHttps) return httpRequest({ ...options, agent: keep && tools.agents.http });
  return httpsRequest({
    ...options,
    ...tlsOptions(hop),
    agent: keep && (tools.agents.https as TlsRequestOptions['agent']),
  });
}

function throughProxy(hop: Hop, proxy: HttpProxy, tools: ExchangeTools): ClientRequest {
  tools.guard.checkLiteral(hostOf(proxy.url));
  const isHttps = proxy.url.protocol === 'https:';
  const absolute = new URL(hop.url);
  absolute.username = '';
  absolute.password = '';
  absolute.hash = '';
  const common = commonOptions(hop, tools);
  return (isHttps ? httpsRequest : httpRequest)({
    ...common,
    host: hostOf(proxy.url),
    port: proxy.url.port || (isHttps ? 443 : 80),
    path: absolute.href,
    headers: { ...common.headers, ...proxy.headers },
    agent: false,
  });
}

async function throughTunnel(hop: Hop, proxy: HttpProxy, tools: ExchangeTools): Promise<ClientRequest> {
  const socket = await openTunnel(proxy, `${hop.url.hostname}:${hop.url.port || 443}`, tools);
  const tls = tlsOptions(hop);
  return httpsRequest({
    ...commonOptions(hop, tools),
    path: pathOf(hop.url),
    createConnection: () => connectTls({ ...tls, host: hostOf(hop.url), socket, ALPNProtocols: ['http/1.1'] }),
  });
}

function commonOptions(hop: Hop, tools: ExchangeTools) {
  return {
    method: hop.method,
    headers: headersOf(hop),
    lookup: tools.guard.lookup,
    signal: tools.signal,
    maxHeaderSize: MAX_HEADER_BYTES,
    joinDuplicateHeaders: true,
  } satisfies RequestOptions;
}

function headersOf(hop: Hop): Record<string, string> {
  const headers: Record<string, string> = { host: hop.url.host, 'accept-encoding': 'gzip' };
  const credentials = basicCredentials(hop.url);
  if (credentials !== undefined) headers.authorization = credentials;
  for (const [name, value] of Object.entries(hop.headers)) headers[name.toLowerCase()] = value;
  if (hop.body !== undefined) headers['content-length'] = String(hop.body.length);
  return headers;
}

function tlsOptions({ url, tls = {} }: Hop) {
  const name = tls.serverName ?? hostOf(url);
  return {
    ca: tls.ca,
    cert: tls.cert,
    key: tls.key,
    // RFC 6066 has no addresses as server names; the certificate has to name them all the same.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: tls.insecureSkipVerify !== true,
  };
}

function pathOf(url: URL): string {
  return url.pathname + url.search;
}
