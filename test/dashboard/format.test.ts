import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countOf,
  formatBytes,
  formatNumber,
  formatRelative,
  formatRoughDuration,
  formatSeconds,
  formatTime,
  parseWireTime,
} from '../../dashboard/format.ts';

test('formatNumber() is short and keeps what matters', () => {
  const cases: readonly (readonly [value: number, expected: string])[] = [
    [0, '0'],
    [1, '1'],
    [0.1 + 0.2, '0.3'],
    [9999, '9999'],
    [12_345, '12.35k'],
    [-2_500_000, '-2.5M'],
    [7.2e9, '7.2G'],
    [3e12, '3T'],
    [3e18, '3e+18'],
    [1.5e-7, '1.5e-7'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ];
  for (const [value, expected] of cases) assert.equal(formatNumber(value), expected);
});

test('formatSeconds() and formatRoughDuration() choose the unit', () => {
  const seconds: readonly (readonly [value: number, expected: string])[] = [
    [0, '0s'],
    [0.000123, '0.12ms'],
    [0.0042, '4.2ms'],
    [0.34, '340ms'],
    [2.14, '2.1s'],
    [75, '1m 15s'],
  ];
  for (const [value, expected] of seconds) assert.equal(formatSeconds(value), expected);
  const durations: readonly (readonly [value: number, expected: string])[] = [
    [250, '250ms'],
    [12_900, '12s'],
    [3_600_000, '1h'],
    [3_661_000, '1h 1m'],
    [97_200_000, '1d 3h'],
  ];
  for (const [value, expected] of durations) assert.equal(formatRoughDuration(value), expected);
});

test('formatRelative() says on which side of now a time is', () => {
  assert.equal(formatRelative(10_000, 22_000), '12s ago');
  assert.equal(formatRelative(7_222_000, 22_000), 'in 2h');
  assert.equal(formatRelative(22_900, 22_000), 'now');
});

test('times of the API are read, "never" among them', () => {
  assert.equal(parseWireTime('2026-11-22T21:05:09.123456789Z'), Date.UTC(2026, 10, 22, 21, 5, 9, 123));
  assert.equal(parseWireTime('0001-01-01T00:00:00Z'), undefined);
  assert.equal(parseWireTime(''), undefined);
  assert.equal(formatTime(Date.UTC(2026, 10, 22, 21, 5, 9), 'utc'), '2026-11-22 21:05:09');
});

test('counts and sizes are written out', () => {
  assert.equal(countOf(1, 'alert'), '1 alert');
  assert.equal(countOf(0, 'alert'), '0 alerts');
  assert.equal(countOf(12_345, 'target'), '12,345 targets');
  assert.equal(formatBytes(900), '900 B');
  assert.equal(formatBytes(2048), '2.0 KiB');
  assert.equal(formatBytes(3 * 1024 * 1024), '3.0 MiB');
});
