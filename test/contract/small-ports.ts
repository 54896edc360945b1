import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '#shared/ports/clock.ts';
import type { Compression } from '#shared/ports/compression.ts';
import type { Files } from '#shared/ports/files.ts';
import type { Random } from '#shared/ports/random.ts';
import type { Secrets } from '#shared/ports/secrets.ts';
import { bytesOf, type Open, openForSuite } from './harness.ts';

/** What every clock does. */
export function describeClock(name: string, open: Open<Clock>): void {
  describe(`${name}: clock`, () => {
    const opened = openForSuite(open);
    const clock = () => opened().port;

    it('nowMs() is whole and monotonicMs() does not go back', async () => {
      assert.ok(Number.isSafeInteger(clock().nowMs()));
      let last = clock().monotonicMs();
      for (let i = 0; i < 100; i++) {
        const now = clock().monotonicMs();
        assert.ok(now >= last);
        last = now;
      }
    });

    it('sleep() ends no sooner than asked, and in order', async () => {
      const start = clock().monotonicMs();
      const woken: string[] = [];
      const sleep = async (ms: number) => {
        await clock().sleep(ms);
        assert.ok(clock().monotonicMs() - start >= ms);
        woken.push(String(ms));
      };
      const all = Promise.all([sleep(30), sleep(7.5), sleep(15)]);
      await opened().passTime(50);
      await all;
      assert.deepEqual(woken, ['7.5', '15', '30']);
    });

    it('sleep() ends at once when there is nothing to wait for', async () => {
      for (const ms of [0, -1, Number.NaN]) await clock().sleep(ms);
    });

    it('sleep() rejects with the reason of its signal, before or while it waits', async () => {
      const reason = new Error('enough');
      await assert.rejects(clock().sleep(1000, AbortSignal.abort(reason)), reason);
      const abort = new AbortController();
      const sleeping = clock().sleep(100_000, abort.signal);
      abort.abort(reason);
      await assert.rejects(sleeping, reason);
    });
  });
}

/** What every source of randomness does. */
export function describeRandom(name: string, open: Open<Random>): void {
  describe(`${name}: random`, () => {
    const opened = openForSuite(open);

    it('next() is spread over [0, 1)', () => {
      const values = Array.from({ length: 2000 }, () => opened().port.next());
      assert.ok(values.every((value) => value >= 0 && value < 1));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(Math.abs(mean - 0.5) < 0.06, `mean ${mean}`);
      assert.ok(new Set(values).size > 1990);
    });

    it('uuid() makes version 4 UUIDs, each once', () => {
      const uuids = Array.from({ length: 200 }, () => opened().port.uuid());
      for (const uuid of uuids)
        assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.equal(new Set(uuids).size, 200);
    });
  });
}

/** What every compression does. */
export function describeCompression(name: string, open: Open<Compression>): void {
  describe(`${name}: compression`, () => {
    const opened = openForSuite(open);
    const inputs = [
      new Uint8Array(0),
      bytesOf('a'),
      bytesOf('abc'.repeat(10_000)),
      Uint8Array.from({ length: 999 }, (_, i) => (i * i) % 256),
    ];

    it('decompress() undoes compress()', () => {
      for (const input of inputs) {
        const { compress, decompress } = opened().port;
        const result = decompress(compress(input), input.length);
        assert.deepEqual(result, input);
        assert.equal(result.constructor, Uint8Array);
      }
    });

    it('decompress() refuses a result that is larger than allowed', () => {
      const { compress, decompress } = opened().port;
      for (const input of inputs.slice(1))
        assert.throws(() => decompress(compress(input), input.length - 1), RangeError);
    });

    it('decompress() refuses damage and what is not its own', () => {
      const { compress, decompress } = opened().port;
      const whole = compress(inputs[3]);
      const damaged = [
        new Uint8Array(0),
        bytesOf('not compressed at all'),
        whole.subarray(0, whole.length - 1),
        whole.subarray(0, 6),
        whole.with(whole.length >> 1, whole[whole.length >> 1] ^ 1),
        whole.with(0, whole[0] ^ 1),
      ];
      for (const [index, bytes] of damaged.entries())
        assert.throws(() => decompress(bytes, 1_000_000), Error, `case ${index}`);
    });
  });
}

/** The files that a suite needs to find. */
export const CONTRACT_FILES: Readonly<Record<string, string>> = {
  'prometheus.yml': 'global: {}\n',
  'rules/a.yml': 'a',
  'rules/b.yml': 'b',
  'rules/c.yaml': 'c',
  'rules/deep/d.yml': 'd',
  'rules/ü.yml': 'ü',
  'rules/[x].yml': 'x',
};

/** What every source of files does. */
export function describeFiles(name: string, open: Open<Files>): void {
  describe(`${name}: files`, () => {
    const opened = openForSuite(open);

    it('read() gives the text, or an error that names the path', async () => {
      assert.equal(await opened().port.read('rules/ü.yml'), 'ü');
      await assert.rejects(opened().port.read('rules/none.yml'), {
        message: 'open rules/none.yml: no such file or directory',
      });
    });

    it('glob() finds files, in order', async () => {
      const rows = [
        { pattern: 'prometheus.yml', expected: ['prometheus.yml'] },
        { pattern: 'none.yml', expected: [] },
        { pattern: 'none/*.yml', expected: [] },
        { pattern: 'rules/*.yml', expected: ['rules/[x].yml', 'rules/a.yml', 'rules/b.yml', 'rules/ü.yml'] },
        { pattern: 'rules/?.yml', expected: ['rules/a.yml', 'rules/b.yml', 'rules/ü.yml'] },
        { pattern: 'rules/[a-b].y*ml', expected: ['rules/a.yml', 'rules/b.yml'] },
        { pattern: 'rules/[^a].y*ml', expected: ['rules/b.yml', 'rules/c.yaml', 'rules/ü.yml'] },
        { pattern: 'rules/\\[x\\].yml', expected: ['rules/[x].yml'] },
        { pattern: '*/*/*', expected: ['rules/deep/d.yml'] },
        { pattern: 'r*s/d*p/*.yml', expected: ['rules/deep/d.yml'] },
        { pattern: '*.yml', expected: ['prometheus.yml'] },
      ];
      for (const { pattern, expected } of rows) assert.deepEqual(await opened().port.glob(pattern), expected, pattern);
      for (const pattern of ['[', 'rules/[a', 'rules/[]a]', 'rules/[a-]', 'x\\']) {
        await assert.rejects(opened().port.glob(pattern), { message: 'syntax error in pattern' }, pattern);
      }
    });
  });
}

/** What every source of secrets does. @param references One of a secret "s3cret", one of an empty and one of no secret. */
export function describeSecrets(
  name: string,
  references: { readonly present: string; readonly empty: string; readonly absent: string },
  open: Open<Secrets>,
): void {
  describe(`${name}: secrets of ${references.present}`, () => {
    const opened = openForSuite(open);

    it('get() gives the secret, or an error that names the reference', async () => {
      assert.equal(await opened().port.get(references.present), 's3cret');
      for (const reference of [references.empty, references.absent]) {
        await assert.rejects(opened().port.get(reference), (error: Error) => error.message.includes(`"${reference}"`));
      }
    });
  });
}
