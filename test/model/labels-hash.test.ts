import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { hashLabels } from '#shared/model/labels-hash.ts';
import { xxHash64 } from '#shared/model/xxhash64.ts';

test('xxHash64() hashes whole stripes and every length of the rest', () => {
  const cases = [
    { input: '', expected: 'ef46db3751d8e999' },
    { input: 'a', expected: 'd24ec4f1a98c6e5b' },
    { input: 'abc', expected: '44bc2cf5ad770999' },
    { input: 'abcd', expected: 'de0327b0d25d92cc' },
    { input: 'abcdefg', expected: '1860940e2902822d' },
    { input: '12345678', expected: 'd2d02f08cf7cfd4a' },
    { input: 'Nobody inspects the spammish repetition', expected: 'fbcea83c8a378bf1' },
    {
      input: 'xxhash test string that is definitely longer than sixty-four bytes, yes it is.',
      expected: '842432b02128c396',
    },
  ];
  for (const { input, expected } of cases) {
    const { high, low } = xxHash64(new TextEncoder().encode(input));
    assert.equal(high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0'), expected, input);
  }
});

test('hashLabels() gives the hashes of Prometheus', () => {
  const cases: readonly { readonly labels: Record<string, string>; readonly expected: number }[] = [
    { labels: {}, expected: 0.9346749315317059 },
    { labels: { __name__: 'up' }, expected: 0.9251613065717192 },
    { labels: { __name__: 'up', instance: 'a:80', job: 'näme' }, expected: 0.16501543769013433 },
    { labels: { a: 'x'.repeat(254) }, expected: 0.8343165535799543 },
    { labels: { a: 'x'.repeat(255) }, expected: 0.4252170095394317 },
    { labels: { a: 'é'.repeat(40000) }, expected: 0.7445551653136143 },
  ];
  for (const { labels, expected } of cases) {
    assert.equal(hashLabels(labelsFromRecord(labels)) / 2 ** 64, expected, Object.keys(labels).join());
  }
});
