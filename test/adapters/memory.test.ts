import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryHttpClient } from '#shared/adapters/memory/http-client.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { HttpRequestError } from '#shared/ports/http-client.ts';
import { DeliveryError } from '#shared/ports/topic.ts';
import { textOf } from '../contract/harness.ts';

describe('the virtual clock', () => {
  it('wakes sleepers in order of due time, then of creation, each at its own time', async () => {
    const clock = createVirtualClock(1000);
    const log: string[] = [];
    const sleep = (name: string, ms: number) => clock.sleep(ms).then(() => log.push(`${name}@${clock.nowMs()}`));
    sleep('a', 30);
    sleep('b', 10);
    sleep('c', 30);
    sleep('d', 31);
    await clock.advanceTo(1030);
    assert.deepEqual(log, ['b@1010', 'a@1030', 'c@1030']);
    assert.equal(clock.nowMs(), 1030);
    await clock.advanceTo(2000);
    assert.deepEqual(log.at(-1), 'd@1031');
    assert.equal(clock.monotonicMs(), 1000);
  });

  it('finishes what a sleeper sets off before it wakes the next, also sleeps that are due in turn', async () => {
    const clock = createVirtualClock(0);
    const log: string[] = [];
    const loop = async (name: string, ms: number) => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(ms);
        for (let turn = 0; turn < 50; turn++) await Promise.resolve();
        log.push(`${name}@${clock.nowMs()}`);
      }
    };
    loop('slow', 20);
    loop('fast', 10);
    await clock.advanceTo(100);
    assert.deepEqual(log, ['fast@10', 'slow@20', 'fast@20', 'fast@30', 'slow@40', 'slow@60']);
  });

  it('forgets sleepers that were aborted', async () => {
    const clock = createVirtualClock(0);
    const abort = new AbortController();
    const sleeping = clock.sleep(10, abort.signal);
    const other = clock.sleep(10);
    abort.abort(new Error('enough'));
    await assert.rejects(sleeping, /enough/);
    await clock.advanceTo(10);
    await other;
  });

  it('goes only forward, and one move at a time', async () => {
    const clock = createVirtualClock(5);
    await assert.rejects(clock.advanceTo(4), RangeError);
    await assert.rejects(clock.advanceTo(5.5), RangeError);
    const moving = clock.advanceTo(6);
    await assert.rejects(clock.advanceTo(7), /already advancing/);
    await moving;
    assert.throws(() => createVirtualClock(0.5), RangeError);
  });
});

describe('the seeded random', () => {
  it('repeats itself for the same seed, and only for it', () => {
    const take = (seed: number) => {
      const random = createSeededRandom(seed);
      return [random.next(), random.uuid(), random.next()];
    };
    assert.deepEqual(take(7), take(7));
    assert.notDeepEqual(take(7), take(8));
  });

  it('gives the same on every machine', () => {
    const random = createSeededRandom(42);
    assert.deepEqual([random.next(), random.uuid()], [0.29439390788555, 'e99de5c3-4a93-4eb2-a71f-e4cf1c80a59d']);
  });
});

describe('the memory HTTP client', () => {
  const request = { method: 'GET', timeoutMs: 1000, maxBodyBytes: 10 } as const;

  it('answers by route, and refuses where there is none', async () => {
    const clock = createVirtualClock(0);
    const http = createMemoryHttpClient({
      clock,
      routes: { 'http://a/m': () => ({ body: 'page', headers: { 'X-Y': 'z' } }) },
    });
    http.routes.set('http://b/', async ({ body }) => ({ status: 503, statusText: 'No', body: `${body}` }));
    const page = await http.request({ ...request, url: 'http://a/m?x=1' });
    assert.deepEqual([page.status, textOf(page.body), page.headers], [200, 'page', { 'x-y': 'z' }]);
    const post = await http.request({ ...request, method: 'POST', url: 'http://b/', body: 'sent' });
    assert.deepEqual([post.status, post.statusText, textOf(post.body)], [503, 'No', 'sent']);
    await assert.rejects(http.request({ ...request, url: 'http://c/' }), {
      kind: 'refused',
      message: 'Get "http://c/": connect: connection refused',
    });
    assert.deepEqual(
      http.requests.map(({ url }) => url),
      ['http://a/m?x=1', 'http://b/', 'http://c/'],
    );
  });

  it('keeps limits, deadlines and signals', async () => {
    const clock = createVirtualClock(0);
    const http = createMemoryHttpClient({
      clock,
      routes: {
        'http://large/': () => ({ body: 'x'.repeat(11) }),
        'http://slow/': async () => {
          await clock.sleep(1500);
          return {};
        },
        'http://broken/': () => {
          throw new HttpRequestError('tls', 'bad certificate');
        },
      },
    });
    await assert.rejects(http.request({ ...request, url: 'http://large/' }), { kind: 'too-large' });
    await assert.rejects(http.request({ ...request, url: 'http://broken/' }), { kind: 'tls' });
    const abort = new AbortController();
    const slow = assert.rejects(http.request({ ...request, url: 'http://slow/' }), { kind: 'timeout' });
    const late = http.request({ ...request, url: 'http://slow/', timeoutMs: 2000 });
    const aborted = assert.rejects(http.request({ ...request, url: 'http://slow/', signal: abort.signal }), {
      kind: 'aborted',
    });
    abort.abort();
    await aborted;
    await clock.advanceTo(1500);
    await slow;
    assert.equal((await late).status, 200);
  });
});

describe('createMemoryPorts()', () => {
  const make = (more = {}) =>
    createMemoryPorts({ clock: createVirtualClock(1000), random: createSeededRandom(1), ...more });

  it('keeps queues by name, with their settings', async () => {
    const ports = make({ queues: { poison: { visibilityTimeoutSeconds: 0, maxReceives: 1 } } });
    await ports.queue('poison').send([{ body: 'x' }]);
    assert.equal((await ports.queue('other').receive(1)).length, 0);
    assert.equal((await ports.queue('poison').receive(1)).length, 1);
    assert.equal((await ports.queue('poison').receive(1)).length, 0);
    assert.deepEqual(ports.queue('poison').deadLetters(), [
      { id: 'poison-1', body: 'x', sentAtMs: 1000, receiveCount: 1 },
    ]);
  });

  it('keeps what was published, mailed and logged', async () => {
    const seen: string[] = [];
    const ports = make({ subscriber: ({ message }: { message: string }) => void seen.push(message) });
    const { messageId } = await ports.topic.publish({
      topicArn: 'arn:aws:sns:eu-west-1:1:a',
      message: 'm',
      subject: 's',
    });
    assert.deepEqual(ports.topic.published[0], {
      topicArn: 'arn:aws:sns:eu-west-1:1:a',
      message: 'm',
      subject: 's',
      messageId,
      publishedAtMs: 1000,
    });
    assert.deepEqual(seen, ['m']);
    await ports.mailer.send({ messageId: '1@x', from: 'a@x', to: ['b@x'], subject: 's' });
    assert.equal(ports.mailer.sent[0].messageId, '1@x');
    ports.logger.warn('careful', { n: 1 });
    assert.deepEqual(ports.logger.entries, [{ level: 'warn', message: 'careful', fields: { n: 1 } }]);
  });

  it('lets a test refuse mails and messages', async () => {
    const refuse = () => {
      throw new DeliveryError('full', { retry: true });
    };
    const ports = make({ subscriber: refuse, mailServer: refuse });
    await assert.rejects(
      ports.mailer.send({ messageId: '1@x', from: 'a@x', to: ['b@x'], subject: 's' }),
      DeliveryError,
    );
    await assert.rejects(ports.topic.publish({ topicArn: 'a', message: 'm' }), DeliveryError);
    assert.deepEqual([ports.mailer.sent, ports.topic.published], [[], []]);
  });

  it('a FIFO topic drops duplicates for five minutes', async () => {
    const clock = createVirtualClock(0);
    const ports = make({ clock });
    const message = { topicArn: 'arn:t.fifo', message: 'm', groupId: 'g', deduplicationId: 'd' };
    const first = await ports.topic.publish(message);
    assert.deepEqual(await ports.topic.publish(message), first);
    await clock.advanceTo(300_000);
    assert.notDeepEqual(await ports.topic.publish(message), first);
    assert.equal(ports.topic.published.length, 2);
  });
});
