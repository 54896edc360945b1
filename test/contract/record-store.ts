import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queryAll, type RecordData, type RecordStore, type RecordWrite } from '#shared/ports/record-store.ts';
import { type Open, openForSuite, uniqueName } from './harness.ts';

/** What every record store does. */
export function describeRecordStore(name: string, open: Open<RecordStore>): void {
  describe(`${name}: record store`, () => {
    const opened = openForSuite(open);
    const store = () => opened().port;
    const put = (partition: string, sort: string, data: RecordData = {}): RecordWrite => {
      return { kind: 'put', partition, sort, data };
    };

    it('get() gives back what write() put, and counts versions', async () => {
      const partition = uniqueName('plain');
      assert.equal(await store().get(partition, 'a'), undefined);
      assert.deepEqual(await store().write(put(partition, 'a', { n: 1 })), { ok: true, version: 1 });
      assert.deepEqual(await store().write(put(partition, 'a', { n: 2, m: 'x' })), { ok: true, version: 2 });
      assert.deepEqual(await store().get(partition, 'a'), { partition, sort: 'a', version: 2, data: { n: 2, m: 'x' } });
      assert.equal((await store().write({ kind: 'delete', partition, sort: 'a' })).ok, true);
      assert.equal(await store().get(partition, 'a'), undefined);
      assert.deepEqual(await store().write(put(partition, 'a', { n: 3 })), { ok: true, version: 1 });
    });

    it('changesOf(), where there is one, changes with each write to the partition', async (t) => {
      const records = store();
      if (records.changesOf === undefined) return t.skip('this store cannot know it without asking');
      const partition = uniqueName('changes');
      const seen = [records.changesOf(partition)];
      await records.write(put(partition, 'a'));
      seen.push(records.changesOf(partition));
      await records.transact([put(partition, 'a'), put(partition, 'b')]);
      seen.push(records.changesOf(partition));
      await records.write({ kind: 'delete', partition, sort: 'a' });
      seen.push(records.changesOf(partition));
      assert.equal(new Set(seen).size, seen.length);
      await records.write(put(uniqueName('changes'), 'a'));
      await records.get(partition, 'b');
      assert.equal(records.changesOf(partition), seen.at(-1));
    });

    it('keeps values of every type', async () => {
      const partition = uniqueName('types');
      const data: RecordData = {
        text: 'ünï \u0000 \u{1f525}',
        empty: '',
        numbers: [0, 1, -1, 1.5, 0.1, 1e20, 123456789012345, Number.MAX_SAFE_INTEGER, 1e-7, -2.5e-10],
        yes: true,
        no: false,
        nothing: null,
        bytes: Uint8Array.of(0, 255, 128),
        noBytes: new Uint8Array(0),
        list: [],
        map: {},
        nested: { list: [{ bytes: Uint8Array.of(1) }, [[]], null] },
        $bytes: 'no bytes',
        $$bytes: { $bytes: ['none'] },
        'a.b c': 1,
      };
      await store().write(put(partition, 'a', data));
      assert.deepEqual((await store().get(partition, 'a'))?.data, data);
    });

    it('stores -0 as 0 and leaves out undefined fields', async () => {
      const partition = uniqueName('normal');
      await store().write(put(partition, 'a', { zero: -0, gone: undefined, deep: { gone: undefined } } as never));
      const data = (await store().get(partition, 'a'))!.data;
      assert.ok(Object.is(data.zero, 0));
      assert.deepEqual(data, { zero: 0, deep: {} });
    });

    it('keeps values of its own', async () => {
      const partition = uniqueName('own');
      const bytes = Buffer.from([1, 2, 3]);
      const list = [1];
      await store().write(put(partition, 'a', { bytes, list }));
      bytes.fill(0);
      list.push(2);
      const got = (await store().get(partition, 'a'))!;
      assert.deepEqual(got.data, { bytes: Uint8Array.of(1, 2, 3), list: [1] });
      (got.data.list as number[]).push(3);
      assert.deepEqual((await store().get(partition, 'a'))!.data.list, [1]);
    });

    it('write() keeps its conditions', async () => {
      const partition = uniqueName('condition');
      const conditional = (condition: RecordWrite['condition']) =>
        store().write({ ...put(partition, 'a'), condition } as RecordWrite);
      assert.equal((await conditional({ kind: 'version', version: 1 })).ok, false);
      assert.deepEqual(await conditional({ kind: 'absent' }), { ok: true, version: 1 });
      assert.equal((await conditional({ kind: 'absent' })).ok, false);
      assert.deepEqual(await conditional({ kind: 'version', version: 1 }), { ok: true, version: 2 });
      assert.equal((await conditional({ kind: 'version', version: 1 })).ok, false);
      const remove = (version: number) =>
        store().write({ kind: 'delete', partition, sort: 'a', condition: { kind: 'version', version } });
      assert.equal((await remove(1)).ok, false);
      assert.equal((await store().get(partition, 'a'))?.version, 2);
      assert.equal((await remove(2)).ok, true);
      assert.equal(await store().get(partition, 'a'), undefined);
      const check = { kind: 'check', partition, sort: 'a' } as const;
      assert.equal((await store().write({ ...check, condition: { kind: 'absent' } })).ok, true);
      assert.equal((await store().write({ ...check, condition: { kind: 'version', version: 1 } })).ok, false);
    });

    it('of conditional writes that race exactly one wins', async () => {
      const partition = uniqueName('race');
      const contend = (condition: RecordWrite['condition']) =>
        Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            store().write({ ...put(partition, 'a', { n }), condition } as RecordWrite),
          ),
        );
      const created = await contend({ kind: 'absent' });
      assert.equal(created.filter(({ ok }) => ok).length, 1);
      const changed = await contend({ kind: 'version', version: 1 });
      assert.equal(changed.filter(({ ok }) => ok).length, 1);
      const record = (await store().get(partition, 'a'))!;
      assert.equal(record.version, 2);
      assert.equal(
        record.data.n,
        changed.findIndex(({ ok }) => ok),
      );
    });

    it('transact() writes all, or none and says which conditions failed', async () => {
      const partition = uniqueName('transaction');
      await store().transact([put(partition, 'a', { n: 1 }), put(partition, 'b', { n: 1 })]);
      const failed = await store().transact([
        put(partition, 'c'),
        { kind: 'put', partition, sort: 'a', data: { n: 2 }, condition: { kind: 'absent' } },
        { kind: 'check', partition, sort: 'd', condition: { kind: 'absent' } },
        { kind: 'delete', partition, sort: 'b', condition: { kind: 'version', version: 7 } },
      ]);
      assert.deepEqual(failed, { ok: false, failed: [1, 3] });
      assert.deepEqual((await store().get(partition, 'a'))?.data, { n: 1 });
      assert.equal(await store().get(partition, 'c'), undefined);
      const done = await store().transact([
        { kind: 'put', partition, sort: 'a', data: { n: 2 }, condition: { kind: 'version', version: 1 } },
        { kind: 'delete', partition, sort: 'b' },
        { kind: 'check', partition, sort: 'c', condition: { kind: 'absent' } },
        put(partition, 'd'),
      ]);
      assert.deepEqual(done, { ok: true });
      const left = await queryAll(store(), { partition });
      assert.deepEqual(
        left.map(({ sort, version }) => [sort, version]),
        [
          ['a', 2],
          ['d', 1],
        ],
      );
    });

    it('of transactions that race on one record exactly one wins', async () => {
      const partition = uniqueName('transaction-race');
      const results = await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          store().transact([
            { kind: 'put', partition, sort: 'state', data: { n }, condition: { kind: 'absent' } },
            put(partition, `effect-${n}`),
          ]),
        ),
      );
      assert.equal(results.filter(({ ok }) => ok).length, 1);
      for (const result of results) if (!result.ok) assert.deepEqual(result.failed, [0]);
      assert.equal((await queryAll(store(), { partition, from: 'effect', to: 'effect~' })).length, 1);
    });

    it('transact() refuses too many writes, none, and two to one key', async () => {
      const partition = uniqueName('limits');
      const writes = Array.from({ length: 101 }, (_, i) => put(partition, `k${i}`));
      await assert.rejects(store().transact(writes), RangeError);
      await assert.rejects(store().transact([]), RangeError);
      await assert.rejects(store().transact([put(partition, 'a'), put(partition, 'a')]), TypeError);
      assert.deepEqual(await store().transact(writes.slice(0, 100)), { ok: true });
      const large = { text: 'x'.repeat(390_000) };
      const tooLarge = Array.from({ length: 11 }, (_, i) => put(partition, `l${i}`, large));
      await assert.rejects(store().transact(tooLarge), RangeError);
      assert.equal((await queryAll(store(), { partition, from: 'l' })).length, 0);
    });

    it('a record is at most 400 KB', async () => {
      const partition = uniqueName('large');
      const rows: { data: RecordData; fits: boolean }[] = [
        { data: { text: 'x'.repeat(409_300) }, fits: true },
        { data: { text: 'x'.repeat(409_600) }, fits: false },
        { data: { text: 'ü'.repeat(204_600) }, fits: true },
        { data: { text: 'ü'.repeat(204_800) }, fits: false },
        { data: { bytes: new Uint8Array(409_300) }, fits: true },
        { data: { bytes: new Uint8Array(409_600) }, fits: false },
        { data: { list: Array.from({ length: 140_000 }, () => 1) }, fits: false },
      ];
      for (const [index, { data, fits }] of rows.entries()) {
        const write = store().write(put(partition, `r${index}`, data));
        if (fits) await write;
        else await assert.rejects(write, RangeError, `row ${index}`);
      }
      const kept = rows.flatMap(({ fits }, index) => (fits ? [`r${index}`] : []));
      assert.deepEqual(
        (await queryAll(store(), { partition })).map(({ sort }) => sort),
        kept,
      );
    });

    it('refuses keys, names and values that cannot be stored', async () => {
      const partition = uniqueName('refuse');
      const writes: RecordWrite[] = [
        put('', 'a'),
        put(partition, ''),
        put('p'.repeat(2049), 'a'),
        put(partition, 's'.repeat(1025)),
        put(partition, '\ud800'),
        put(partition, 'a', { pk: 1 }),
        put(partition, 'a', { version: 1 }),
        put(partition, 'a', { n: Number.NaN }),
        put(partition, 'a', { n: Number.POSITIVE_INFINITY }),
        put(partition, 'a', { n: 1e300 }),
        put(partition, 'a', { n: 1e-200 }),
        put(partition, 'a', { text: '\udc00' }),
        put(partition, 'a', { deep: [{ f: () => 1 }] } as never),
      ];
      for (const write of writes)
        await assert.rejects(store().write(write), TypeError, JSON.stringify(write).slice(0, 80));
      assert.deepEqual(await queryAll(store(), { partition }), []);
    });

    it('query() is in UTF-8 byte order, within inclusive bounds, both ways', async () => {
      const partition = uniqueName('order');
      const sorts = ['0', '10', '9', 'A', 'a', 'a#', 'a/b', 'ab', 'b', '~', 'é', '\uffee', '\u{1f525}', '\u{10ffff}'];
      for (const sort of sorts.toReversed()) await store().write(put(partition, sort));
      const other = `${partition}x`;
      await store().write(put(other, 'a'));
      const rows: { from?: string; to?: string; expected: string[] }[] = [
        { expected: sorts },
        { from: 'a', to: 'ab', expected: ['a', 'a#', 'a/b', 'ab'] },
        { from: 'a', expected: sorts.slice(4) },
        { to: 'A', expected: sorts.slice(0, 4) },
        { from: 'a\u0000', to: 'a~', expected: ['a#', 'a/b', 'ab'] },
        { from: '\u{1f525}', expected: ['\u{1f525}', '\u{10ffff}'] },
        { from: 'c', to: 'b', expected: [] },
      ];
      for (const { expected, ...bounds } of rows) {
        const found = await queryAll(store(), { partition, ...bounds });
        assert.deepEqual(
          found.map(({ sort }) => sort),
          expected,
          JSON.stringify(bounds),
        );
        const reverse = await queryAll(store(), { partition, ...bounds, descending: true });
        assert.deepEqual(
          reverse.map(({ sort }) => sort),
          expected.toReversed(),
          JSON.stringify(bounds),
        );
      }
      assert.deepEqual(await queryAll(store(), { partition: uniqueName('none') }), []);
    });

    it('query() gives pages that together are everything once', async () => {
      const partition = uniqueName('pages');
      const sorts = Array.from({ length: 23 }, (_, i) => `k${String(i).padStart(2, '0')}`);
      await store().transact(sorts.map((sort, n) => put(partition, sort, { n })));
      for (const descending of [false, true]) {
        for (const limit of [1, 5, 22, 23, 24]) {
          const all = await queryAll(store(), { partition, limit, descending });
          assert.deepEqual(
            all.map(({ sort }) => sort),
            descending ? sorts.toReversed() : sorts,
            `limit ${limit}`,
          );
          const page = await store().query({ partition, limit, descending });
          assert.ok(page.records.length <= limit);
        }
      }
      const bounded = await queryAll(store(), { partition, from: 'k03', to: 'k11', limit: 2 });
      assert.deepEqual(
        bounded.map(({ sort }) => sort),
        sorts.slice(3, 12),
      );
      await assert.rejects(store().query({ partition, limit: 0 }), RangeError);
    });

    it('a record past its expiry is absent for every operation', async () => {
      const partition = uniqueName('expiry');
      const nowMs = opened().nowMs();
      const expiring = { ...put(partition, 'a', { n: 1 }), expiresAtMs: nowMs + 1500 } as RecordWrite;
      await store().write(expiring);
      await store().write(put(partition, 'b'));
      const rounded = Math.ceil((nowMs + 1500) / 1000) * 1000;
      assert.equal((await store().get(partition, 'a'))?.expiresAtMs, rounded);
      await opened().passTime(rounded - nowMs + 1);
      assert.equal(await store().get(partition, 'a'), undefined);
      assert.deepEqual(
        (await queryAll(store(), { partition })).map(({ sort }) => sort),
        ['b'],
      );
      const check = (condition: RecordWrite['condition']) =>
        store().transact([{ kind: 'check', partition, sort: 'a', condition: condition! }]);
      assert.equal((await check({ kind: 'version', version: 1 })).ok, false);
      assert.equal((await check({ kind: 'absent' })).ok, true);
      const again = { ...put(partition, 'a', { n: 2 }), condition: { kind: 'absent' } } as RecordWrite;
      assert.equal((await store().write(again)).ok, true);
      const record = await store().get(partition, 'a');
      assert.deepEqual([record?.data, record?.expiresAtMs], [{ n: 2 }, undefined]);
    });
  });
}
