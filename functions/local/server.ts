import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** Answers a request. @param remoteIsLoopback Whether the caller is on this machine. */
export type Fetch = (request: Request, caller: { readonly remoteIsLoopback: boolean }) => Promise<Response>;

/** Serves `fetch` over HTTP.
 *  @throws {Error} When the address cannot be listened on; the message names it and says what to do. */
export async function serve(
  fetch: Fetch,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void respond(fetch, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, resolve);
  });
  return server;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const reasons: Record<string, string> = {
    EADDRINUSE: 'the port is in use; choose another by --web.listen-address',
    EACCES: 'not permitted; choose a port above 1023 by --web.listen-address',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  return new Error(`Cannot listen on ${address}: ${reasons[error.code ?? ''] ?? error.message}`, { cause: error });
}

async function respond(fetch: Fetch, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const closed = new AbortController();
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) closed.abort();
  });
  const request = toRequest(incoming, closed.signal);
  if (request === undefined) {
    outgoing.writeHead(400, { 'content-type': 'text/plain' }).end('Bad request\n');
    return;
  }
  const remoteIsLoopback = isLoopback(incoming.socket.remoteAddress ?? '');
  const response = await fetch(request, { remoteIsLoopback });
  outgoing.statusCode = response.status;
  outgoing.setHeaders(response.headers);
  if (response.body === null || incoming.method === 'HEAD') {
    outgoing.end();
    return;
  }
  await send(response.body as ReadableStream<Uint8Array>, outgoing, closed.signal);
}

/** Sends a body as fast as the caller takes it; stops making it when the caller is gone. */
async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse, closed: AbortSignal): Promise<void> {
  const reader = body.getReader();
  const gone = new Promise<void>((resolve) => closed.addEventListener('abort', () => resolve(), { once: true }));
  let part = await reader.read();
  while (!part.done) {
    // The last part goes out with the end: the answer of one part has a length then, and fits one packet.
    const next = await reader.read();
    if (next.done) break;
    if (!outgoing.write(part.value)) await Promise.race([once(outgoing, 'drain'), gone]);
    if (closed.aborted) return reader.cancel();
    part = next;
  }
  outgoing.end(part.value);
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const host = incoming.headers.host ?? 'localhost';
  const url = `http://${host}${incoming.url ?? '/'}`;
  if (!URL.canParse(url) || !incoming.url?.startsWith('/')) return undefined;
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2)
    headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? (Readable.toWeb(incoming) as unknown as ReadableStream) : undefined;
  return new Request(url, { method, headers, body, signal, ...(hasBody ? { duplex: 'half' } : {}) } as RequestInit);
}

/** Whether an IP address is this machine's own loopback. */
export function isLoopback(address: string): boolean {
  if (address === '127.0.0.1') return true;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
