import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { serve } from '#functions/local/server.ts';
import { webAnswers } from '#functions/local/web-answers.ts';
import type { Answer } from '#shared/api/answer.ts';
import type { Answers } from '#shared/api/app.ts';

async function start(t: TestContext, answers: Answers): Promise<number> {
  const server: Server = await serve(answers, { host: '127.0.0.1', port: 0 });
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
  const port = await start(
    t,
    webAnswers(async () => new Response(new TextEncoder().encode('Grüße'), { headers: { 'x-a': 'b' } })),
  );
  const response = await ask(port);
  assert.equal(response.headers['content-length'], '7');
  assert.equal(response.headers['x-a'], 'b');
  assert.equal((await response.toArray()).join(''), 'Grüße');
});

test('an answer of many parts arrives whole', async (t) => {
  const parts = Array.from({ length: 40 }, (_, i) => new Uint8Array(100_000).fill(i));
  const port = await start(
    t,
    webAnswers(async () => new Response(ReadableStream.from(parts))),
  );
  const body = Buffer.concat(await (await ask(port)).toArray());
  assert.ok(body.equals(Buffer.concat(parts)));
});

test('a caller who goes away aborts the request', async (t) => {
  const aborted = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const port = await start(
    t,
    webAnswers(async ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      asked.resolve();
      await aborted.promise;
      return new Response('late');
    }),
  );
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
  const port = await start(
    t,
    webAnswers(async ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      return new Response(body);
    }),
  );
  const response = await ask(port);
  await once(response, 'data');
  response.destroy();
  await Promise.all([canceled, aborted.promise]);
});

test('a request that was answered is not aborted', async (t) => {
  let aborts = 0;
  const port = await start(
    t,
    webAnswers(async ({ signal }) => {
      signal.addEventListener('abort', () => aborts++);
      return new Response('done');
    }),
  );
  await (await ask(port)).toArray();
  await (await ask(port)).toArray();
  assert.equal(aborts, 0);
});

test('a body at hand is sent with its length', async (t) => {
  const cases: readonly { readonly body: Answer['body']; readonly length: string; readonly text: string }[] = [
    { body: 'Grüße', length: '7', text: 'Grüße' },
    { body: new TextEncoder().encode('{}'), length: '2', text: '{}' },
    { body: '', length: '0', text: '' },
    { body: null, length: '0', text: '' },
  ];
  for (const { body, length, text } of cases) {
    const response = await ask(await start(t, async () => ({ status: 201, headers: { 'x-a': 'b' }, body })));
    const { statusCode, headers } = response;
    assert.deepEqual([statusCode, headers['x-a'], headers['content-length']], [201, 'b', length]);
    assert.equal((await response.toArray()).join(''), text);
  }
});

test('a request is given as the web has it', async (t) => {
  const port = await start(t, async ({ method, url, headers, body }) => {
    let text = '';
    for await (const chunk of body ?? []) text += new TextDecoder().decode(chunk);
    const given = [
      method,
      url,
      headers.get('x-twice'),
      headers.get('x-no'),
      headers.has('host'),
      headers.has('via'),
      text,
    ];
    return { status: 200, headers: {}, body: JSON.stringify(given) };
  });
  const options = { host: '127.0.0.1', port, path: '/a/../b?c=d%20e', method: 'POST' };
  const asked = request({ ...options, headers: { host: 'x:1', 'x-twice': ['1', '2'] } });
  asked.end('body');
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const given = JSON.parse((await response.toArray()).join(''));
  assert.deepEqual(given, ['POST', 'http://x:1/b?c=d%20e', '1, 2', null, true, false, 'body']);
});
