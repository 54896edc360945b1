import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import { bytesOf, type Open, openForSuite, textOf, uniqueName } from '../contract/harness.ts';
import type { LossyProxy } from './lossy-proxy.ts';

/** Stores that are reached through a proxy. */
export interface LossyWorld {
  readonly proxy: LossyProxy;
  readonly objects: ObjectStore;
  readonly records: RecordStore;
}

/** What stores do whose service carries a request out and whose answer is lost, so that the client sends it again. */
export function describeLostAnswers(name: string, open: Open<LossyWorld>): void {
  describe(`${name}: lost answers`, () => {
    const opened = openForSuite(open);
    const world = () => opened().port;

    /** Runs the work with its first answer lost, and makes sure that it was asked for again. */
    async function losing<T>(work: () => Promise<T>): Promise<T> {
      const { proxy } = world();
      const before = proxy.requests;
      proxy.lose(1);
      const result = await work();
      assert.ok(proxy.requests - before >= 2, `only ${proxy.requests - before} requests`);
      return result;
    }

    it('of a conditional write do not make it fail on itself', async () => {
      const { records } = world();
      const key = { partition: uniqueName('lost'), sort: 'a' };
      const put = (n: number, condition: { kind: 'absent' } | { kind: 'version'; version: number }) =>
        losing(() => records.write({ kind: 'put', ...key, data: { n }, condition }));
      assert.deepEqual(await put(1, { kind: 'absent' }), { ok: true, version: 1 });
      assert.deepEqual(await put(2, { kind: 'version', version: 1 }), { ok: true, version: 2 });
      assert.deepEqual((await records.get(key.partition, 'a'))?.data, { n: 2 });
      assert.deepEqual(await put(3, { kind: 'absent' }), { ok: false });
      const remove = { kind: 'delete', ...key, condition: { kind: 'version', version: 2 } } as const;
      assert.equal((await losing(() => records.write(remove))).ok, true);
    });

    it('of a write without a condition leave what it wrote', async () => {
      const { records } = world();
      const partition = uniqueName('lost');
      for (const n of [1, 2]) await losing(() => records.write({ kind: 'put', partition, sort: 'a', data: { n } }));
      assert.deepEqual((await records.get(partition, 'a'))?.data, { n: 2 });
    });

    it('of a transaction do not make it fail on itself', async () => {
      const { records } = world();
      const partition = uniqueName('lost');
      const writes = ['a', 'b'].map(
        (sort) => ({ kind: 'put', partition, sort, data: {}, condition: { kind: 'absent' } }) as const,
      );
      assert.deepEqual(await losing(() => records.transact(writes)), { ok: true });
      assert.deepEqual(await losing(() => records.transact(writes)), { ok: false, failed: [0, 1] });
    });

    it('of a conditional put do not make it fail on itself', async () => {
      const { objects } = world();
      const key = uniqueName('lost');
      const created = await losing(() => objects.put(key, bytesOf('a'), { ifAbsent: true }));
      assert.ok(created.ok);
      const changed = await losing(() => objects.put(key, bytesOf('b'), { ifMatch: created.etag }));
      assert.ok(changed.ok);
      assert.equal((await objects.get(key))?.etag, changed.etag);
      assert.equal(textOf((await objects.get(key))?.body), 'b');
      assert.deepEqual(await losing(() => objects.put(key, bytesOf('c'), { ifAbsent: true })), {
        ok: false,
        reason: 'exists',
      });
    });
  });
}
