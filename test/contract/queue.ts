import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Queue, QueueConsumer, ReceivedMessage } from '#shared/ports/queue.ts';
import type { QueueSettings } from '#shared/ports/queue-rules.ts';
import { type Open, openForSuite } from './harness.ts';

/** How the queues of the suite have to be set up. */
export const CONTRACT_QUEUE_SETTINGS: QueueSettings = { visibilityTimeoutSeconds: 30, maxReceives: 2 };

/** What a suite needs of queues: new ones, and what they gave up on. */
export interface QueueMaker {
  make(): Promise<Queue & QueueConsumer>;
  deadLetters(queue: Queue): Promise<readonly { readonly body: string }[]>;
}

/** What every queue does. */
export function describeQueue(name: string, open: Open<QueueMaker>): void {
  describe(`${name}: queue`, () => {
    const opened = openForSuite(open);
    const make = () => opened().port.make();

    it('receive() gives every message once while it is hidden, and never after acknowledge()', async () => {
      const queue = await make();
      assert.equal(await queue.nextDueMs(), undefined);
      assert.deepEqual(await queue.receive(10), []);
      const sentAtMs = opened().nowMs();
      await queue.send([{ body: 'a' }, { body: 'b' }, { body: 'ünï\n\u{1f525}' }]);
      const received = await receiveAll(queue);
      assert.deepEqual(bodies(received), ['a', 'b', 'ünï\n\u{1f525}']);
      for (const message of received) {
        assert.equal(message.receiveCount, 1);
        assert.ok(Math.abs(message.sentAtMs - sentAtMs) < 5000);
      }
      assert.equal(new Set(received.map(({ id }) => id)).size, 3);
      assert.equal(new Set(received.map(({ receipt }) => receipt)).size, 3);
      assert.deepEqual(await queue.receive(10), []);
      await queue.acknowledge(received.map(({ receipt }) => receipt));
      assert.equal(await queue.nextDueMs(), undefined);
      await opened().passTime(31_000);
      assert.deepEqual(await queue.receive(10), []);
    });

    it('receive() takes no more than it was asked for', async () => {
      const queue = await make();
      await queue.send(Array.from({ length: 10 }, (_, i) => ({ body: `m${i}` })));
      await queue.send([{ body: 'm10' }]);
      assert.equal((await queue.receive(3)).length, 3);
      assert.ok((await queue.receive(10)).length <= 8);
      for (const max of [0, 11, 1.5]) await assert.rejects(queue.receive(max), RangeError);
    });

    it('delivers a delayed message no sooner than its delay', async () => {
      const queue = await make();
      const nowMs = opened().nowMs();
      await queue.send([
        { body: 'late', delaySeconds: 5 },
        { body: 'later', delaySeconds: 900 },
      ]);
      assert.deepEqual(await queue.receive(10), []);
      assert.ok(Math.abs((await queue.nextDueMs())! - (nowMs + 5000)) < 2000);
      await opened().passTime(4000);
      assert.deepEqual(await queue.receive(10), []);
      await opened().passTime(1100);
      assert.deepEqual(bodies(await queue.receive(10)), ['late']);
    });

    it('delivers again what was not acknowledged, then gives up', async () => {
      const queue = await make();
      await queue.send([{ body: 'poison' }]);
      const first = await queue.receive(10);
      assert.deepEqual(
        first.map(({ receiveCount }) => receiveCount),
        [1],
      );
      await opened().passTime(31_000);
      const second = await queue.receive(10);
      assert.deepEqual(
        second.map(({ receiveCount, id }) => [receiveCount, id]),
        [[2, first[0].id]],
      );
      assert.notEqual(second[0].receipt, first[0].receipt);
      await opened().passTime(31_000);
      assert.deepEqual(await queue.receive(10), []);
      assert.equal(await queue.nextDueMs(), undefined);
      assert.deepEqual(
        (await opened().port.deadLetters(queue)).map(({ body }) => body),
        ['poison'],
      );
    });

    it('ignores receipts that are no longer valid', async () => {
      const queue = await make();
      await queue.send([{ body: 'again' }]);
      const [first] = await queue.receive(1);
      await opened().passTime(31_000);
      const [second] = await queue.receive(1);
      await queue.acknowledge([first.receipt]);
      assert.notEqual(await queue.nextDueMs(), undefined);
      await queue.acknowledge([second.receipt, second.receipt]);
      await queue.acknowledge(['nonsense', '']);
      assert.equal(await queue.nextDueMs(), undefined);
      assert.deepEqual(await opened().port.deadLetters(queue), []);
    });

    it('acknowledge() still counts shortly after the message became visible again', async () => {
      const queue = await make();
      await queue.send([{ body: 'slow' }]);
      const [message] = await queue.receive(1);
      await opened().passTime(31_000);
      await queue.acknowledge([message.receipt]);
      assert.deepEqual(await queue.receive(10), []);
    });

    it('receivers that race do not share a message', async () => {
      const queue = await make();
      await queue.send(Array.from({ length: 10 }, (_, i) => ({ body: `m${i}` })));
      const batches = await Promise.all(Array.from({ length: 5 }, () => queue.receive(4)));
      const ids = batches.flat().map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
    });

    it('send() refuses what SQS refuses, and then sends nothing', async () => {
      const queue = await make();
      const ok = { body: 'ok' };
      await assert.rejects(queue.send(Array.from({ length: 11 }, () => ok)), RangeError);
      await assert.rejects(queue.send([ok, { body: '' }]), TypeError);
      await assert.rejects(queue.send([ok, { body: '\u0001' }]), TypeError);
      for (const delaySeconds of [-1, 901, 0.5])
        await assert.rejects(queue.send([{ body: 'x', delaySeconds }]), RangeError);
      await assert.rejects(queue.send([{ body: 'x'.repeat(600_000) }, { body: 'x'.repeat(600_000) }]), RangeError);
      assert.equal(await queue.nextDueMs(), undefined);
      await queue.send([]);
      await queue.send([{ body: 'x'.repeat(1_048_576) }]);
      assert.equal((await queue.receive(1))[0].body.length, 1_048_576);
    });
  });
}

/** A queue may give fewer than it has. */
async function receiveAll(queue: QueueConsumer): Promise<ReceivedMessage[]> {
  const all: ReceivedMessage[] = [];
  for (;;) {
    const batch = await queue.receive(10);
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

function bodies(messages: readonly ReceivedMessage[]): string[] {
  return messages.map(({ body }) => body).sort();
}
