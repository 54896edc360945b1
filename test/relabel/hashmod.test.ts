import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashMod } from '#shared/relabel/hashmod.ts';

test('hashMod() is the last 8 bytes of the MD5, modulo', () => {
  const modulus = fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 1, max: 2 ** 32 }),
    fc.integer({ min: 2 ** 36, max: Number.MAX_SAFE_INTEGER }),
    fc.constantFrom(2 ** 37 - 1, 2 ** 37, 2 ** 37 + 1, Number.MAX_SAFE_INTEGER),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), modulus, (text, mod) => {
      const digest = createHash('md5').update(text).digest();
      assert.equal(hashMod(text, mod), Number(digest.readBigUInt64BE(8) % BigInt(mod)));
    }),
    { seed: 1, numRuns: 500 },
  );
});
