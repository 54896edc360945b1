import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Alert, receiveAlert } from '#shared/alerting/alert.ts';
import { createInhibitor } from '#shared/alerting/inhibit.ts';
import { parseMatchers } from '#shared/alerting/matchers.ts';
import { type Labels, labelsFromPairs } from '#shared/model/labels.ts';
import { buildConfig } from './config-builder.ts';

interface Row {
  readonly name: string;
  readonly rules: readonly { source: string; target: string; equal?: readonly string[] }[];
  /** `!` before it: resolved. */
  readonly alerts: readonly string[];
  readonly target: string;
  /** Which of `alerts` inhibits. */
  readonly expected: readonly number[];
}

const CRITICAL = { source: '{s="1"}', target: '{t="1"}' };

const ROWS: readonly Row[] = [
  { name: 'no source', rules: [CRITICAL], alerts: [], target: '{t="1"}', expected: [] },
  { name: 'any source without equal', rules: [CRITICAL], alerts: ['{s="1"}'], target: '{t="1"}', expected: [0] },
  { name: 'target does not match', rules: [CRITICAL], alerts: ['{s="1"}'], target: '{t="2"}', expected: [] },
  { name: 'source is resolved', rules: [CRITICAL], alerts: ['!{s="1"}'], target: '{t="1"}', expected: [] },
  {
    name: 'equal labels agree',
    rules: [{ ...CRITICAL, equal: ['a', 'b'] }],
    alerts: ['{s="1",a="1",b="2"}', '{s="1",a="1",b="1"}'],
    target: '{t="1",a="1",b="1",c="x"}',
    expected: [1],
  },
  {
    name: 'a label that both lack agrees',
    rules: [{ ...CRITICAL, equal: ['a'] }],
    alerts: ['{s="1",a="1"}', '{s="1"}'],
    target: '{t="1"}',
    expected: [1],
  },
  {
    name: 'an alert on both sides does not inhibit itself',
    rules: [CRITICAL],
    alerts: ['{s="1",t="1"}'],
    target: '{s="1",t="1"}',
    expected: [],
  },
  {
    name: 'of two alerts on both sides neither inhibits the other',
    rules: [{ ...CRITICAL, equal: ['e'] }],
    alerts: ['{s="1",t="1",e="1",x="1"}', '{s="1",t="1",e="1",x="2"}'],
    target: '{s="1",t="1",e="1",x="2"}',
    expected: [],
  },
  {
    name: 'a source only still inhibits an alert on both sides',
    rules: [{ ...CRITICAL, equal: ['e'] }],
    alerts: ['{s="1",t="1",e="1"}', '{s="1",e="1"}'],
    target: '{s="1",t="1",e="1"}',
    expected: [1],
  },
  {
    name: 'the first rule that holds counts',
    rules: [{ source: '{s="2"}', target: '{t="1"}' }, CRITICAL],
    alerts: ['{s="1"}'],
    target: '{t="1"}',
    expected: [0],
  },
  {
    name: 'a source that is inhibited itself inhibits all the same',
    rules: [
      { source: '{s="1"}', target: '{m="1"}' },
      { source: '{m="1"}', target: '{t="1"}' },
    ],
    alerts: ['{m="1"}', '{s="1"}'],
    target: '{t="1"}',
    expected: [0],
  },
];

for (const { name, rules, alerts, target, expected } of ROWS) {
  test(`inhibitedBy(): ${name}`, () => {
    const { inhibitRules } = buildConfig({ route: {}, inhibitRules: rules });
    const stored = alerts.map(storedAlert);
    const inhibitor = createInhibitor(inhibitRules, stored, 1000);
    const wanted = expected.map((index) => stored[index].fingerprint);
    assert.deepEqual(inhibitor.inhibitedBy(labelsOf(target)), wanted);
  });
}

function labelsOf(text: string): Labels {
  return labelsFromPairs(parseMatchers(text).map(({ name, value }) => [name, value]));
}

function storedAlert(text: string): Alert {
  const endsAtMs = text.startsWith('!') ? 1000 : 1001;
  const posted = {
    labels: labelsOf(text.replace('!', '')),
    annotations: [],
    startsAtMs: 0,
    endsAtMs,
    generatorUrl: '',
  };
  return receiveAlert(posted, { nowMs: 0, resolveTimeoutMs: 0 });
}
