import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acquireLease, releaseLease } from '#shared/ports/lease.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import { type Open, openForSuite, uniqueName } from './harness.ts';

/** What leases do over every record store. */
export function describeLease(name: string, open: Open<RecordStore>): void {
  describe(`${name}: lease`, () => {
    const opened = openForSuite(open);
    const acquire = (lease: string, holder: string, nowMs: number) =>
      acquireLease(opened().port, { name: lease, holder, ttlMs: 1000, nowMs });

    it('has one holder at a time, who may renew it', async () => {
      const lease = uniqueName('lease');
      const first = await acquire(lease, 'a', 0);
      assert.deepEqual(first, { name: lease, holder: 'a', token: 1, expiresAtMs: 1000 });
      assert.equal(await acquire(lease, 'b', 999), undefined);
      assert.deepEqual(await acquire(lease, 'a', 500), { ...first, expiresAtMs: 1500 });
      assert.equal(await acquire(lease, 'b', 1200), undefined);
    });

    it('goes to another holder with a higher token once it has run out', async () => {
      const lease = uniqueName('lease');
      await acquire(lease, 'a', 0);
      assert.equal((await acquire(lease, 'b', 1000))?.token, 2);
      assert.equal(await acquire(lease, 'a', 1001), undefined);
    });

    it('goes to another holder once it is released, and only its holder can release it', async () => {
      const lease = uniqueName('lease');
      const held = (await acquire(lease, 'a', 0))!;
      await releaseLease(opened().port, { ...held, holder: 'b' });
      assert.equal(await acquire(lease, 'b', 1), undefined);
      await releaseLease(opened().port, held);
      assert.equal((await acquire(lease, 'b', 2))?.token, 2);
      await releaseLease(opened().port, held);
      assert.equal(await acquire(lease, 'c', 3), undefined);
    });

    it('of contenders that race exactly one gets it', async () => {
      const lease = uniqueName('lease');
      const won = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((holder) => acquire(lease, holder, 0)));
      assert.equal(won.filter((held) => held !== undefined).length, 1);
    });
  });
}
