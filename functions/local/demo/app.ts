import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Registry } from '#shared/exposition/registry.ts';
import { TEXT_CONTENT_TYPE, writeText } from '#shared/exposition/writer.ts';

/** The instrumented web service that the demo watches: it counts the requests that it answers, and has a trickle of
 *  traffic of its own, which `POST /pause` stops and `POST /resume` starts again. `POST /exit` ends the app. */
export interface DemoApp {
  readonly port: number;
  close(): Promise<void>;
}

const TRICKLE_EVERY_MS = 200;

/** @param port 0: any that is free. @param pausedFile Exists while the app is paused, so that a restart leaves it so. */
export async function startDemoApp(port: number, pausedFile: string): Promise<DemoApp> {
  const registry = new Registry();
  const operations = registry.counter({
    name: 'myapp_operations_total',
    help: 'The total number of processed operations.',
  });
  let paused = existsSync(pausedFile);
  const trickle = setInterval(() => {
    if (!paused) operations.add(1);
  }, TRICKLE_EVERY_MS);
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/metrics') {
      response.writeHead(200, { 'content-type': TEXT_CONTENT_TYPE }).end(writeText(registry.families()));
    } else if (request.method === 'POST' && (path === '/pause' || path === '/resume')) {
      paused = path === '/pause';
      if (paused) writeFileSync(pausedFile, '');
      else rmSync(pausedFile, { force: true });
      response.end(paused ? 'Paused: no operations until POST /resume\n' : 'Resumed\n');
    } else if (request.method === 'POST' && path === '/exit') {
      response.end('The app ends; it is back when Emberwatch is started again\n', () => void close());
    } else if (paused) {
      response.writeHead(503).end('Paused\n');
    } else {
      operations.add(1);
      response.end('Hello, World!\n');
    }
  });
  const close = async () => {
    clearInterval(trickle);
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  await listen(server, port);
  return { port: (server.address() as { port: number }).port, close };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
