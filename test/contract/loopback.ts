import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { TlsOptions } from 'node:tls';

/** A server on 127.0.0.1 that lives for one test. */
export interface Loopback extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** How many connections it has seen. */
  readonly connections: number;
}

export async function serveHttp(listener: RequestListener): Promise<Loopback> {
  return start(createServer(listener), 'http');
}

export async function serveHttps(options: TlsOptions, listener: RequestListener): Promise<Loopback> {
  return start(createTlsServer(options, listener), 'https');
}

export async function serveTcp(listener: (socket: Socket) => void): Promise<Loopback> {
  return start(createTcpServer(listener), 'http');
}

async function start(server: TcpServer | Server, scheme: string): Promise<Loopback> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await serveTcp(() => undefined);
  await server[Symbol.asyncDispose]();
  return server.port;
}

/** Answers with what the server saw of the request. */
export function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
  });
}
