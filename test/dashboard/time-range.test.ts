import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  automaticStepMs,
  formatLinkTime,
  neighbourRange,
  parseLinkTime,
  parseRange,
  resolveRange,
} from '../../dashboard/query/time-range.ts';

const HOUR_MS = 3_600_000;

test('parseRange() reads durations and seconds, and refuses the rest', () => {
  const cases: readonly (readonly [text: string, expected: number | RegExp])[] = [
    ['1h', HOUR_MS],
    [' 90m ', 1.5 * HOUR_MS],
    ['1h30m', 1.5 * HOUR_MS],
    ['15', 15_000],
    ['0.5', 500],
    ['0', /above 0/],
    ['0s', /above 0/],
    ['', /empty duration/],
    ['-5m', /not a valid duration/],
    ['1 hour', /unknown unit/],
    ['9999999y', /out of range/],
  ];
  for (const [text, expected] of cases) {
    if (typeof expected === 'number') assert.equal(parseRange(text), expected, text);
    else assert.throws(() => parseRange(text), { message: expected }, text);
  }
});

test('automaticStepMs() gives about 250 points, in whole seconds', () => {
  const cases = [
    [60_000, 1000],
    [HOUR_MS, 14_000],
    [24 * HOUR_MS, 345_000],
    [1, 1000],
  ];
  for (const [rangeMs, expected] of cases) assert.equal(automaticStepMs(rangeMs), expected);
});

test('resolveRange() ends at a multiple of the step now, or where it is told to', () => {
  assert.deepEqual(resolveRange({ rangeMs: 60_000, stepMs: 10_000 }, 1_000_123_456), {
    startMs: 1_000_060_000,
    endMs: 1_000_120_000,
    stepMs: 10_000,
  });
  assert.deepEqual(resolveRange({ rangeMs: 60_000, endMs: 123_456 }, 0), {
    startMs: 63_456,
    endMs: 123_456,
    stepMs: 1000,
  });
});

test('resolveRange() never asks for more points than the server gives', () => {
  const { startMs, endMs, stepMs } = resolveRange({ rangeMs: 365 * 24 * HOUR_MS, stepMs: 1 }, 1e12);
  assert.ok((endMs - startMs) / stepMs <= 11_000);
});

test('neighbourRange() goes through the usual ranges and stops at both ends', () => {
  const cases: readonly (readonly [rangeMs: number, direction: 1 | -1, expected: number])[] = [
    [HOUR_MS, 1, 2 * HOUR_MS],
    [HOUR_MS, -1, HOUR_MS / 2],
    [HOUR_MS + 1, -1, HOUR_MS],
    [60_000, -1, 60_000],
    [365 * 24 * HOUR_MS, 1, 365 * 24 * HOUR_MS],
  ];
  for (const [rangeMs, direction, expected] of cases) assert.equal(neighbourRange(rangeMs, direction), expected);
});

test('parseLinkTime() reads the times of links, in UTC', () => {
  const timeMs = Date.UTC(2026, 10, 22, 21, 5, 9);
  const cases: readonly (readonly [text: string, expected: number | undefined])[] = [
    ['2026-11-22 21:05:09', timeMs],
    ['2026-11-22T21:05:09Z', timeMs],
    ['2026-11-22 21:05:09.5', timeMs + 500],
    ['2026-11-22 21:05', timeMs - 9000],
    ['2026-11-22', Date.UTC(2026, 10, 22)],
    [String(timeMs / 1000), timeMs],
    ['2026-13-01', undefined],
    ['now', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parseLinkTime(text), expected, text);
  assert.equal(formatLinkTime(timeMs), '2026-11-22 21:05:09');
});
