import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsUpdate } from '#shared/alerting/dedup.ts';

interface Row {
  /** What was last told, as `firing / resolved`; `-`: nothing yet. */
  readonly entry: string;
  readonly now: string;
  readonly sendResolved?: boolean;
  /** Since the entry. */
  readonly ageMs?: number;
  readonly expected: string | undefined;
}

const REPEAT_MS = 1000;

const ROWS: readonly Row[] = [
  { entry: '-', now: 'a /', expected: 'first notification' },
  { entry: '-', now: '/ a', expected: undefined },
  { entry: 'a /', now: 'a /', expected: undefined },
  { entry: 'a /', now: 'a b /', expected: 'new alerts added' },
  { entry: '/ a', now: 'a /', expected: 'first notification' },
  { entry: 'a b /', now: 'a /', expected: undefined },
  { entry: 'a b /', now: 'a / b', expected: 'some alerts resolved' },
  { entry: 'a b /', now: 'a / b', sendResolved: false, expected: undefined },
  { entry: 'a / b', now: 'a / b', expected: undefined },
  { entry: 'a / b c', now: 'a / b', expected: undefined },
  { entry: 'a /', now: '/ a', expected: 'all alerts resolved' },
  { entry: 'a /', now: '/ a', sendResolved: false, expected: 'all alerts resolved' },
  { entry: '/ a', now: '/ a', ageMs: 5000, expected: undefined },
  { entry: 'a /', now: 'a /', ageMs: REPEAT_MS, expected: undefined },
  { entry: 'a /', now: 'a /', ageMs: REPEAT_MS + 1, expected: 'repeat interval elapsed' },
];

for (const { entry, now, sendResolved = true, ageMs = 1, expected } of ROWS) {
  test(`needsUpdate() knows ${entry}, now ${now}, send_resolved ${sendResolved}, ${ageMs} ms later`, () => {
    const known = entry === '-' ? undefined : { ...split(entry), timestampMs: 100, expiresAtMs: 0 };
    const input = { ...split(now), sendResolved, repeatIntervalMs: REPEAT_MS, slotMs: 100 + ageMs };
    assert.equal(needsUpdate(known, input), expected);
  });
}

function split(text: string): { firing: string[]; resolved: string[] } {
  const [firing, resolved] = text.split('/').map((part) => part.split(' ').filter((name) => name !== ''));
  return { firing, resolved };
}
