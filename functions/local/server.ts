import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Answers } from '#shared/api/app.ts';
import type { IncomingRequest } from '#shared/api/request.ts';

/** Serves answers over HTTP.
 *  @throws {Error} When the address cannot be listened on; the message names it and says what to do. */
export async function serve(
  answers: Answers,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void respond(answers, incoming, outgoing).catch(() => outgoing.destroy());
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

async function respond(answers: Answers, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
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
  const { status, headers, body } = await answers(request, { remoteIsLoopback });
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const length = String(typeof body === 'string' ? Buffer.byteLength(body) : body.length);
    outgoing.writeHead(status, { ...headers, 'content-length': length }).end(body);
    return;
  }
  outgoing.statusCode = status;
  outgoing.setHeaders(new Map(Object.entries(headers)));
  if (body === null) outgoing.end();
  else await send(body, outgoing, closed.signal);
}

/** How long the making of a body may keep the process to itself: a caller on this machine takes parts as fast as they are
 *  made, and nothing else would get its turn. */
const SLICE_MS = 4;
/** A caller that has taken nothing for so long is as good as gone: others may be waiting for the memory of its answer. */
const STALLED_MS = 60_000;

/** Sends a body as fast as the caller takes it; stops making it when the caller is gone. */
async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse, closed: AbortSignal): Promise<void> {
  if (closed.aborted) return body.cancel();
  const reader = body.getReader();
  outgoing.setTimeout(STALLED_MS, () => outgoing.destroy());
  const gone = new Promise<void>((resolve) => closed.addEventListener('abort', () => resolve(), { once: true }));
  let sliceStartMs = performance.now();
  let part = await reader.read();
  while (!part.done) {
    // The last part goes out with the end: the answer of one part has a length then, and fits one packet.
    const next = await reader.read();
    if (next.done) break;
    if (closed.aborted) return reader.cancel();
    if (!outgoing.write(part.value)) await Promise.race([once(outgoing, 'drain'), gone]);
    if (performance.now() - sliceStartMs >= SLICE_MS) {
      await setImmediate();
      sliceStartMs = performance.now();
    }
    if (closed.aborted) return reader.cancel();
    part = next;
  }
  outgoing.end(part.value);
}

/** Not a web `Request`: making one takes longer than a small query does. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): IncomingRequest | undefined {
  const { method = 'GET', url = '/', headersDistinct: headers } = incoming;
  const parsed = url.startsWith('/') ? URL.parse(`http://${incoming.headers.host ?? 'localhost'}${url}`) : null;
  if (parsed === null) return undefined;
  return {
    method,
    url: parsed.href,
    headers: {
      get: (name) => headers[name]?.join(', ') ?? null,
      has: (name) => headers[name] !== undefined,
      *[Symbol.iterator]() {
        for (const name in headers) yield [name, headers[name]!.join(', ')];
      },
    },
    body: method === 'GET' || method === 'HEAD' ? null : incoming,
    signal,
  };
}

/** Whether an IP address is this machine's own loopback. */
export function isLoopback(address: string): boolean {
  if (address === '127.0.0.1') return true;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}
