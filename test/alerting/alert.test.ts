import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Alert,
  compareAlerts,
  compareLabelSets,
  mergeAlerts,
  type PostedAlert,
  receiveAlert,
  updateAlert,
  validatePostedAlert,
} from '#shared/alerting/alert.ts';
import { type Labels, labelsFromRecord } from '#shared/model/labels.ts';

const POSTED: PostedAlert = { labels: ['alertname', 'A'], annotations: [], generatorUrl: '' };
const NOW = 1000;

test('receiveAlert() fills in times', () => {
  const cases = [
    { input: {}, expected: { startsAtMs: 1000, endsAtMs: 1300, timeout: true } },
    { input: { startsAtMs: 5 }, expected: { startsAtMs: 5, endsAtMs: 1300, timeout: true } },
    { input: { endsAtMs: 7 }, expected: { startsAtMs: 7, endsAtMs: 7, timeout: false } },
    { input: { startsAtMs: 5, endsAtMs: 7 }, expected: { startsAtMs: 5, endsAtMs: 7, timeout: false } },
  ];
  for (const { input, expected } of cases) {
    const { startsAtMs, endsAtMs, timeout, updatedAtMs } = receiveAlert(
      { ...POSTED, ...input },
      { nowMs: NOW, resolveTimeoutMs: 300 },
    );
    assert.deepEqual({ startsAtMs, endsAtMs, timeout, updatedAtMs }, { ...expected, updatedAtMs: NOW });
  }
});

test('validatePostedAlert() says what Alertmanager says', () => {
  const cases: readonly { input: Partial<PostedAlert>; expected: string | undefined }[] = [
    { input: {}, expected: undefined },
    { input: { startsAtMs: 2, endsAtMs: 2 }, expected: undefined },
    { input: { startsAtMs: 2, endsAtMs: 1 }, expected: 'start time must be before end time' },
    { input: { labels: [] }, expected: 'at least one label pair required' },
    { input: { labels: ['', 'x'] }, expected: 'invalid label set: invalid name ""' },
    { input: { labels: ['ä b', 'x'] }, expected: undefined },
    { input: { annotations: ['', 'x'] }, expected: 'invalid annotations: invalid name ""' },
    { input: { annotations: ['a', '\ud800'] }, expected: 'invalid annotations: invalid value "\\ud800"' },
  ];
  for (const { input, expected } of cases) assert.equal(validatePostedAlert({ ...POSTED, ...input }), expected);
});

function alert(startsAtMs: number, endsAtMs: number, rest: Partial<Alert> = {}): Alert {
  const base = receiveAlert({ ...POSTED, startsAtMs, endsAtMs }, { nowMs: NOW, resolveTimeoutMs: 0 });
  return { ...base, ...rest };
}

test('mergeAlerts() keeps the earliest start and the end that counts', () => {
  const cases: readonly { name: string; a: Alert; b: Alert; expected: [start: number, end: number] }[] = [
    { name: 'firing, reported end outlives', a: alert(1, 3000), b: alert(2, 2000), expected: [1, 3000] },
    { name: 'firing, timeout does not', a: alert(1, 3000, { timeout: true }), b: alert(2, 2000), expected: [1, 2000] },
    { name: 'resolved, firing end is dropped', a: alert(1, 3000), b: alert(2, 900), expected: [1, 900] },
    { name: 'both resolved, latest end wins', a: alert(1, 950), b: alert(2, 900), expected: [1, 950] },
    { name: 'younger is first', a: alert(5, 2000, { updatedAtMs: 9999 }), b: alert(2, 900), expected: [2, 2000] },
  ];
  for (const { name, a, b, expected } of cases) {
    const { startsAtMs, endsAtMs } = mergeAlerts(a, b, NOW);
    assert.deepEqual([startsAtMs, endsAtMs], expected, name);
  }
});

test('updateAlert() merges only what overlaps', () => {
  const cases: readonly { stored: Alert; posted: Alert; expected: [start: number, end: number] }[] = [
    { stored: alert(100, 500), posted: alert(600, 2000), expected: [600, 2000] },
    { stored: alert(100, 2000), posted: alert(600, 3000), expected: [100, 3000] },
    { stored: alert(100, 2000), posted: alert(900, 900), expected: [100, 900] },
    { stored: alert(100, 900), posted: alert(900, 900), expected: [100, 900] },
    { stored: alert(100, 2000), posted: alert(100, 3000), expected: [100, 3000] },
  ];
  for (const { stored, posted, expected } of cases) {
    const { startsAtMs, endsAtMs } = updateAlert(stored, posted, NOW);
    assert.deepEqual([startsAtMs, endsAtMs], expected);
  }
});

test('compareAlerts() and compareLabelSets() order as Alertmanager', () => {
  const records: readonly Record<string, string>[] = [
    { job: 'a', instance: '1', x: '9' },
    { job: 'a', instance: '2' },
    { job: 'a' },
    { job: 'b' },
    { instance: '0', zz: '1' },
    { z: '1' },
    { b: '1', c: '1' },
    { a: '1', c: '1' },
    { a: '2', b: '1' },
  ];
  const ordered: readonly Labels[] = records.map(labelsFromRecord);
  const shuffled = ordered.toReversed().map((labels) => ({ labels }));
  const sorted = shuffled.sort(compareAlerts).map(({ labels }) => labels);
  // By labels alone: fewer first; where a name is missing, the set that misses it first.
  assert.deepEqual(sorted.slice(0, 7), ordered.slice(0, 7));
  assert.ok(compareLabelSets(['b', '1'], ['a', '1']) < 0);
  assert.ok(compareLabelSets(['a', '1'], ['a', '2']) < 0);
  assert.equal(compareLabelSets(['a', '1'], ['a', '1']), 0);
});
