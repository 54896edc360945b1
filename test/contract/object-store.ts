import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { bytesOf, type Open, openForSuite, textOf, uniqueName } from './harness.ts';

/** What every object store does. */
export function describeObjectStore(name: string, open: Open<ObjectStore>): void {
  describe(`${name}: object store`, () => {
    const opened = openForSuite(open);
    const store = () => opened().port;

    it('get() gives back what put() wrote, with its size and etag', async () => {
      const key = uniqueName('plain');
      const put = await store().put(key, bytesOf('first'));
      assert.ok(put.ok);
      const got = await store().get(key);
      assert.equal(textOf(got?.body), 'first');
      assert.equal(got?.etag, put.etag);
      assert.equal(got?.sizeBytes, 5);
      assert.equal(await store().get(uniqueName('absent')), undefined);
    });

    it('put() replaces the object and changes its etag', async () => {
      const key = uniqueName('replace');
      const first = await store().put(key, bytesOf('first'));
      const second = await store().put(key, bytesOf('second'));
      assert.ok(first.ok && second.ok);
      assert.notEqual(first.etag, second.etag);
      assert.equal(textOf((await store().get(key))?.body), 'second');
    });

    it('keeps bytes of its own', async () => {
      const key = uniqueName('own');
      const body = Buffer.from('mine');
      await store().put(key, body);
      body.fill(0);
      const got = (await store().get(key))!;
      assert.equal(textOf(got.body), 'mine');
      got.body.fill(0);
      assert.equal(textOf((await store().get(key))?.body), 'mine');
    });

    it('holds empty objects and large ones', async () => {
      const key = uniqueName('size');
      await store().put(key, new Uint8Array(0));
      assert.deepEqual((await store().get(key))?.body, new Uint8Array(0));
      const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 251);
      await store().put(key, large);
      assert.deepEqual((await store().get(key))?.body, large);
    });

    it('get() reads a range, cut at the end', async () => {
      const key = uniqueName('range');
      const put = await store().put(key, bytesOf('0123456789'));
      const cases: { offset: number; length: number; expected: string }[] = [
        { offset: 0, length: 1, expected: '0' },
        { offset: 3, length: 4, expected: '3456' },
        { offset: 8, length: 100, expected: '89' },
        { offset: 10, length: 1, expected: '' },
        { offset: 99, length: 5, expected: '' },
      ];
      for (const { expected, ...range } of cases) {
        const got = await store().get(key, range);
        assert.equal(textOf(got?.body), expected, JSON.stringify(range));
        assert.equal(got?.sizeBytes, 10);
        assert.equal(got?.etag, put.ok && put.etag);
      }
      await assert.rejects(store().get(key, { offset: -1, length: 1 }), RangeError);
      await assert.rejects(store().get(key, { offset: 0, length: 0 }), RangeError);
    });

    it('put() if absent writes only a new object', async () => {
      const key = uniqueName('absent');
      assert.equal((await store().put(key, bytesOf('a'), { ifAbsent: true })).ok, true);
      assert.deepEqual(await store().put(key, bytesOf('b'), { ifAbsent: true }), { ok: false, reason: 'exists' });
      assert.equal(textOf((await store().get(key))?.body), 'a');
      await store().delete(key);
      assert.equal((await store().put(key, bytesOf('c'), { ifAbsent: true })).ok, true);
    });

    it('put() if match writes only over the object that was read', async () => {
      const key = uniqueName('match');
      const first = await store().put(key, bytesOf('a'));
      assert.ok(first.ok);
      const second = await store().put(key, bytesOf('b'), { ifMatch: first.etag });
      assert.ok(second.ok);
      assert.deepEqual(await store().put(key, bytesOf('c'), { ifMatch: first.etag }), { ok: false, reason: 'changed' });
      assert.equal(textOf((await store().get(key))?.body), 'b');
      await store().delete(key);
      assert.deepEqual(await store().put(key, bytesOf('d'), { ifMatch: second.etag }), {
        ok: false,
        reason: 'changed',
      });
      assert.equal(await store().get(key), undefined);
    });

    it('of conditional puts that race exactly one wins', async () => {
      const key = uniqueName('race');
      const contenders = Array.from({ length: 8 }, (_, i) => bytesOf(`body ${i}`));
      const created = await Promise.all(contenders.map((body) => store().put(key, body, { ifAbsent: true })));
      assert.equal(created.filter(({ ok }) => ok).length, 1);
      const before = (await store().get(key))!;
      assert.equal(textOf(before.body), textOf(contenders[created.findIndex(({ ok }) => ok)]));
      const next = contenders.map((body) => bytesOf(`next ${textOf(body)}`));
      const changed = await Promise.all(next.map((body) => store().put(key, body, { ifMatch: before.etag })));
      assert.equal(changed.filter(({ ok }) => ok).length, 1);
      assert.equal(textOf((await store().get(key))?.body), textOf(next[changed.findIndex(({ ok }) => ok)]));
    });

    it('a reader sees the old object or the new one while puts go on', async () => {
      const key = uniqueName('torn');
      const bodies = ['a', 'b'].map((letter) => bytesOf(letter.repeat(200_000)));
      await store().put(key, bodies[0]);
      const writing = (async () => {
        for (let i = 0; i < 10; i++) await store().put(key, bodies[i % 2]);
      })();
      for (let i = 0; i < 20; i++) {
        const got = (await store().get(key))!;
        assert.equal(got.body.length, 200_000);
        assert.ok(got.body.every((byte) => byte === got.body[0]));
      }
      await writing;
    });

    it('delete() takes an object away, and does not mind when there is none', async () => {
      const key = uniqueName('delete');
      await store().put(key, bytesOf('x'));
      await store().delete(key);
      assert.equal(await store().get(key), undefined);
      await store().delete(key);
    });

    it('an object may be where a folder of others is', async () => {
      const root = uniqueName('folder');
      const keys = [`${root}/a`, `${root}/a/b`, `${root}/a/b/c`, root];
      for (const key of keys) await store().put(key, bytesOf(key));
      for (const key of keys) assert.equal(textOf((await store().get(key))?.body), key);
      assert.deepEqual(await keysOf(store(), root), [root, `${root}/a`, `${root}/a/b`, `${root}/a/b/c`]);
      await store().delete(`${root}/a/b`);
      await store().put(`${root}/a`, bytesOf('changed'));
      assert.deepEqual(await keysOf(store(), root), [root, `${root}/a`, `${root}/a/b/c`]);
      await store().delete(`${root}/a/b/c`);
      assert.equal(textOf((await store().get(`${root}/a`))?.body), 'changed');
      assert.equal(await store().get(`${root}/a/b`), undefined);
      await store().put(`${root}/a`, bytesOf('again'));
      assert.deepEqual(await keysOf(store(), root), [root, `${root}/a`]);
    });

    it('list() is in byte order, by prefix, with sizes and etags', async () => {
      const root = uniqueName('order');
      const names = ['a', 'a-b', 'a.b', 'a/b', 'a/b/c', 'a0', 'a=', 'aA', 'a_', 'aa', 'B', 'b', '0', '-', '.hidden'];
      for (const name of names) await store().put(`${root}/${name}`, bytesOf(name));
      const sorted = names.map((name) => `${root}/${name}`).sort();
      assert.deepEqual(await keysOf(store(), `${root}/`), sorted);
      assert.deepEqual(
        await keysOf(store(), `${root}/a`),
        sorted.filter((key) => key.startsWith(`${root}/a`)),
      );
      assert.deepEqual(await keysOf(store(), `${root}/a/`), [`${root}/a/b`, `${root}/a/b/c`]);
      assert.deepEqual(await keysOf(store(), `${root}/none`), []);
      const page = await store().list(`${root}/a-b`);
      const object = (await store().get(`${root}/a-b`))!;
      assert.deepEqual(page.objects, [{ key: `${root}/a-b`, sizeBytes: 3, etag: object.etag }]);
    });

    it('list() gives pages that together are everything once', async () => {
      const root = uniqueName('pages');
      const keys = Array.from({ length: 25 }, (_, i) => `${root}/${i % 3}/${String(i).padStart(2, '0')}`);
      await Promise.all(keys.map((key) => store().put(key, bytesOf(key))));
      for (const limit of [1, 7, 24, 25, 26]) {
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store().list(root, { after, limit });
          assert.ok(page.objects.length <= limit);
          seen.push(...page.objects.map(({ key }) => key));
          after = page.next;
        } while (after !== undefined);
        assert.deepEqual(seen, keys.toSorted(), `limit ${limit}`);
      }
      const afterAbsent = await store().list(root, { after: `${root}/0/05x` });
      assert.equal(afterAbsent.objects[0].key, `${root}/0/06`);
      assert.equal((await store().list(root, { after: `${root}/9` })).objects.length, 0);
      assert.equal((await store().list(root, { after: '-' })).objects.length, 25);
      for (const limit of [0, 1001, 1.5]) await assert.rejects(store().list(root, { limit }), RangeError);
    });

    it('takes keys of up to 1024 bytes', async () => {
      const start = uniqueName('long');
      const segment = `${start}/${'x'.repeat(1023 - start.length)}`;
      const sibling = `${segment.slice(0, start.length + 1 + 240)}`;
      const deep = `${start}/${'d/'.repeat(400)}`.slice(0, 1020).replace(/\/?$/, '');
      const keys = [segment, sibling, `${sibling}/below`, `${sibling}-`, `${sibling}y`, deep];
      for (const key of keys) await store().put(key, bytesOf(key));
      for (const key of keys) assert.equal(textOf((await store().get(key))?.body), key);
      assert.deepEqual(await keysOf(store(), start), keys.toSorted());
      for (const key of keys) await store().delete(key);
      assert.deepEqual(await keysOf(store(), start), []);
    });

    it('refuses what is no key', async () => {
      const keys = [
        '',
        '/',
        '/a',
        'a/',
        'a//b',
        '.',
        '..',
        'a/../b',
        './a',
        'a b',
        'ä',
        'a,b',
        'a\\b',
        'x'.repeat(1025),
      ];
      for (const key of keys) {
        await assert.rejects(store().put(key, bytesOf('x')), TypeError, key);
        await assert.rejects(store().get(key), TypeError, key);
        await assert.rejects(store().delete(key), TypeError, key);
      }
    });
  });
}

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await store.list(prefix)).objects.map(({ key }) => key);
}
