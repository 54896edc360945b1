import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { HttpRequestError } from '#shared/ports/http-client.ts';
import type { EgressGuard } from './egress-guard.ts';

/** An HTTP proxy. */
export interface HttpProxy {
  readonly url: URL;
  /** With the credentials that its URL holds. */
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws {HttpRequestError} When it is not the URL of an HTTP proxy. */
export function parseProxy(text: string): HttpProxy {
  const url = URL.parse(text);
  if (url === null) throw new HttpRequestError('protocol', 'parse proxy url: invalid URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new HttpRequestError('protocol', `proxy: unsupported protocol scheme "${url.protocol.slice(0, -1)}"`);
  }
  const credentials = basicCredentials(url);
  return { url, headers: credentials === undefined ? {} : { 'proxy-authorization': credentials } };
}

/** The Authorization value for the user and password in a URL. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return `Basic ${Buffer.from(`${decodePart(url.username)}:${decodePart(url.password)}`).toString('base64')}`;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % stands for itself.
    return text;
  }
}

/** The name or address in a URL, without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Has the proxy connect to `authority` (`host:port`).
 *  @throws {HttpRequestError} When it refuses; the message is its status text, as in Go. */
export function openTunnel(
  proxy: HttpProxy,
  authority: string,
  options: { readonly guard: EgressGuard; readonly signal: AbortSignal },
): Promise<Socket> {
  const { url } = proxy;
  options.guard.checkLiteral(hostOf(url));
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send({
      method: 'CONNECT',
      host: hostOf(url),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: authority,
      headers: { ...proxy.headers, host: authority },
      lookup: options.guard.lookup,
      signal: options.signal,
      agent: false,
    });
    request.on('error', reject);
    request.on('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new HttpRequestError('protocol', response.statusMessage || `status ${response.statusCode}`));
    });
    request.end();
  });
}
