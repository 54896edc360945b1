import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Fetch, serve } from '#functions/local/server.ts';

async function start(t: TestContext, fetch: Fetch): Promise<number> {
  const server: Server = await serve(fetch, { host: '127.0.0.1', port: 0 });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function ask(port: number): Promise<IncomingMessage> {
  const asked = request({ host: '127.0.0.1', port, path: '/' });
  asked.on('error', () => {});
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

/** A body without an end, that says when it is no longer wanted. */
function endless(): { readonly body: ReadableStream; readonly canceled: Promise<void> } {
  const canceled = Promise.withResolvers<void>();
  const body = new ReadableStream({
    pull: (stream) => stream.enqueue(new Uint8Array(64 * 1024)),
    cancel: () => canceled.resolve(),
  });
  return { body, canceled: canceled.promise };
}

test('an answer of one part has a length', async (t) => {
  const port = await start(t, async () => new Response(new TextEncoder().encode('Grüße'), { headers: { 'x-a': 'b' } }));
  const response = await ask(port);
  assert.equal(response.headers['content-length'], '7');
  assert.equal(response.headers['x-a'], 'b');
  assert.equal((await response.toArray()).join(''), 'Grüße');
});

test('an answer of many parts arrives whole', async (t) => {
  const parts = Array.from({ length: 40 }, (_, i) => new Uint8Array(100_000).fill(i));
  const port = await start(t, async () => new Response(ReadableStream.from(parts)));
  const body = Buffer.concat(await (await ask(port)).toArray());
  assert.ok(body.equals(Buffer.concat(parts)));
});

test('a caller who goes away aborts the request', async (t) => {
  const aborted = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const port = await start(t, async ({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve());
    asked.resolve();
    await aborted.promise;
    return new Response('late');
  });
  const caller = request({ host: '127.0.0.1', port, path: '/' });
  caller.on('error', () => {});
  caller.end();
  await asked.promise;
  caller.destroy();
  await aborted.promise;
});

test('a caller who goes away ends a body that is still being made', async (t) => {
  const { body, canceled } = endless();
  const aborted = Promise.withResolvers<void>();
  const port = await start(t, async ({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve());
    return new Response(body);
  });
  const response = await ask(port);
  await once(response, 'data');
  response.destroy();
  await Promise.all([canceled, aborted.promise]);
});

test('a request that was answered is not aborted', async (t) => {
  let aborts = 0;
  const port = await start(t, async ({ signal }) => {
    signal.addEventListener('abort', () => aborts++);
    return new Response('done');
  });
  await (await ask(port)).toArray();
  await (await ask(port)).toArray();
  assert.equal(aborts, 0);
});
