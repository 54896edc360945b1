import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '#shared/model/duration.ts';

test('parseDuration() reads units from the largest to the smallest', () => {
  const table: { input: string; expected: number }[] = [
    { input: '0', expected: 0 },
    { input: '0s', expected: 0 },
    { input: '0w0d', expected: 0 },
    { input: '1ms', expected: 1 },
    { input: '15s', expected: 15_000 },
    { input: '1h30m', expected: 5_400_000 },
    { input: '1w', expected: 604_800_000 },
    { input: '1y2w3d4h5m6s7ms', expected: 33_019_506_007 },
    { input: '01m', expected: 60_000 },
    { input: '292y', expected: 9_208_512_000_000 },
    { input: '9223372036854ms', expected: 9_223_372_036_854 },
  ];
  for (const { input, expected } of table) assert.equal(parseDuration(input), expected, input);
});

test('parseDuration() refuses with the words of Prometheus', () => {
  const table: { input: string; expected: string }[] = [
    { input: '', expected: 'empty duration string' },
    { input: '1', expected: 'not a valid duration string: "1"' },
    { input: '00', expected: 'not a valid duration string: "00"' },
    { input: 's', expected: 'not a valid duration string: "s"' },
    { input: '-1s', expected: 'not a valid duration string: "-1s"' },
    { input: ' 1s', expected: 'not a valid duration string: " 1s"' },
    { input: '1s1m', expected: 'not a valid duration string: "1s1m"' },
    { input: '1s1s', expected: 'not a valid duration string: "1s1s"' },
    { input: '1h30', expected: 'not a valid duration string: "1h30"' },
    { input: '1.5h', expected: 'unknown unit "." in duration "1.5h"' },
    { input: '1M', expected: 'unknown unit "M" in duration "1M"' },
    { input: '5m ', expected: 'unknown unit "m " in duration "5m "' },
    { input: '99999999999999999999s', expected: 'not a valid duration string: "99999999999999999999s"' },
    { input: '18446744073709551615s', expected: 'duration out of range' },
    { input: '293y', expected: 'duration out of range' },
    { input: '9223372036855ms', expected: 'duration out of range' },
  ];
  for (const { input, expected } of table) assert.throws(() => parseDuration(input), { message: expected }, input);
});

test('formatDuration() writes years and weeks only when nothing is left', () => {
  const table: { input: number; expected: string }[] = [
    { input: 0, expected: '0s' },
    { input: 1, expected: '1ms' },
    { input: 90_000, expected: '1m30s' },
    { input: 86_400_000 * 7, expected: '1w' },
    { input: 86_400_000 * 90, expected: '90d' },
    { input: 86_400_000 * 365, expected: '1y' },
    { input: 86_400_000 * 366, expected: '366d' },
    { input: -5_400_000, expected: '-1h30m' },
    { input: 86_400_001, expected: '1d1ms' },
  ];
  for (const { input, expected } of table) assert.equal(formatDuration(input), expected);
});

test('parseDuration(formatDuration(x)) is x', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_223_372_036_854 }), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)), ms);
    }),
    { seed: 1, numRuns: 500 },
  );
});
