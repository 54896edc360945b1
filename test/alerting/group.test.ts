import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueSlotMs, firstFlushMs, groupKeyOf, groupLabelsOf } from '#shared/alerting/group.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';

test('groupLabelsOf() keeps what the alert has of group_by', () => {
  const labels = labelsFromRecord({ alertname: 'A', job: 'x' });
  assert.deepEqual(groupLabelsOf(labels, ['alertname', 'cluster']), ['alertname', 'A']);
  assert.deepEqual(groupLabelsOf(labels, 'all'), labels);
  assert.deepEqual(groupLabelsOf(labels, []), []);
});

test('groupKeyOf() is the key that receivers know', () => {
  const labels = labelsFromRecord({ alertname: 'a"b\n', 'x.y': '\u00e9\u0001' });
  assert.equal(groupKeyOf({ key: '{}/{a="b"}' }, labels), '{}/{a="b"}:{alertname="a\\"b\\n", x.y="é\\x01"}');
  assert.equal(groupKeyOf({ key: '{}' }, []), '{}:{}');
});

test('firstFlushMs() waits group_wait, unless the alert is older', () => {
  const cases = [
    { startsAtMs: 1000, expected: 1030 },
    { startsAtMs: 970, expected: 1030 },
    { startsAtMs: 969, expected: 1000 },
    { startsAtMs: 5000, expected: 1030 },
  ];
  for (const { startsAtMs, expected } of cases) {
    assert.equal(firstFlushMs({ groupWaitMs: 30 }, startsAtMs, 1000), expected);
  }
});

test('dueSlotMs() stays on the grid', () => {
  const cases = [
    { nowMs: 30, expected: 30 },
    { nowMs: 129, expected: 30 },
    { nowMs: 130, expected: 130 },
    { nowMs: 777, expected: 730 },
  ];
  for (const { nowMs, expected } of cases) assert.equal(dueSlotMs({ nextFlushMs: 30 }, 100, nowMs), expected);
});
