import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  outgoing.on('close', () => closed.abort());
  const request = toRequest(incoming, closed.signal);
  if (request === undefined) {
    outgoing.writeHead(400, { 'content-type': 'text/plain' }).end('Bad request\n');
    return;
  }
  const remoteIsLoopback = isLoopback(incoming.socket.remoteAddress ?? '');
  const response = await fetch(request, { remoteIsLoopback });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null || incoming.method === 'HEAD') {
    outgoing.end();
    return;
  }
  await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing);
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
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
