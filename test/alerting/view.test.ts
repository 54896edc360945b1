import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostedAlert } from '#shared/alerting/alert.ts';
import { dispatch } from '#shared/alerting/dispatch.ts';
import { parseMatchers } from '#shared/alerting/matchers.ts';
import type { Silence } from '#shared/alerting/silence.ts';
import { EMPTY_ALERTING_STATE } from '#shared/alerting/state.ts';
import { type AlertFilter, listAlerts, listGroups, type ViewInput } from '#shared/alerting/view.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { compileRegex } from '#shared/model/regex.ts';
import { buildConfig } from './config-builder.ts';

const NOW_MS = Date.parse('2024-05-01T12:00:00Z');

const CONFIG = buildConfig({
  route: {
    groupBy: ['alertname'],
    routes: [
      { receiver: 'db', matchers: '{team="db"}', groupBy: 'all', continue: true },
      { receiver: 'web', matchers: '{team=~".+"}' },
    ],
  },
  inhibitRules: [{ source: '{name="source"}', target: '{name="inhibited"}' }],
});

const SILENCE: Silence = {
  id: 's1',
  matchers: [{ name: 'name', operator: '=', value: 'silenced' }],
  startsAtMs: NOW_MS - 1,
  endsAtMs: NOW_MS + 1,
  updatedAtMs: NOW_MS - 1,
  createdBy: '',
  comment: '',
};

function posted(name: string, labels: Readonly<Record<string, string>> = {}, endsAtMs = NOW_MS + 60_000): PostedAlert {
  const all = { alertname: 'A', name, ...labels };
  return {
    labels: labelsFromRecord(all),
    annotations: ['a', 'b'],
    startsAtMs: NOW_MS - 5000,
    endsAtMs,
    generatorUrl: 'http://g',
  };
}

function input(): ViewInput {
  const alerts = [
    posted('source', { team: 'db' }),
    posted('inhibited', { team: 'web' }),
    posted('silenced'),
    posted('plain', { alertname: 'B' }),
    posted('over', {}, NOW_MS - 1),
  ];
  const common = { config: CONFIG, silences: [SILENCE], nowMs: NOW_MS };
  const { state } = dispatch({ ...common, state: EMPTY_ALERTING_STATE, posted: alerts, outcomes: [] });
  return { ...common, state };
}

const ROWS: readonly { readonly name: string; readonly filter: AlertFilter; readonly expected: string }[] = [
  { name: 'all that fire', filter: {}, expected: 'inhibited plain silenced source' },
  { name: 'without active', filter: { active: false }, expected: 'inhibited silenced' },
  { name: 'without silenced', filter: { silenced: false }, expected: 'inhibited plain source' },
  { name: 'without inhibited', filter: { inhibited: false }, expected: 'plain silenced source' },
  { name: 'by matchers', filter: { matchers: parseMatchers('{team="",alertname!="B"}') }, expected: 'silenced' },
  { name: 'by receiver', filter: { receiver: compileRegex('d.') }, expected: 'source' },
];

for (const { name, filter, expected } of ROWS) {
  test(`listAlerts() and listGroups(): ${name}`, () => {
    const listed = listAlerts(input(), filter).map(({ labels }) => labels.name);
    assert.equal(listed.sort().join(' '), expected);
    const grouped = listGroups(input(), filter).flatMap(({ alerts }) => alerts.map(({ labels }) => labels.name));
    assert.equal([...new Set(grouped)].sort().join(' '), expected);
  });
}

test('listAlerts() shows a gettableAlert', () => {
  const [alert] = listAlerts(input(), { matchers: parseMatchers('{name="inhibited"}') });
  const [source] = listAlerts(input(), { matchers: parseMatchers('{name="source"}') });
  assert.deepEqual(alert, {
    annotations: { a: 'b' },
    endsAt: '2024-05-01T12:01:00.000Z',
    fingerprint: alert.fingerprint,
    receivers: [{ name: 'web' }],
    startsAt: '2024-05-01T11:59:55.000Z',
    status: { silencedBy: [], inhibitedBy: [source.fingerprint], mutedBy: [], state: 'suppressed' },
    updatedAt: '2024-05-01T12:00:00.000Z',
    generatorURL: 'http://g',
    labels: { alertname: 'A', name: 'inhibited', team: 'web' },
  });
  assert.deepEqual(source.receivers, [{ name: 'db' }, { name: 'web' }]);
});

test('listGroups() orders groups by labels, then receiver', () => {
  const shown = listGroups(input()).map(({ labels, receiver }) => `${receiver.name} ${Object.values(labels).join()}`);
  assert.deepEqual(shown, ['default A', 'web A', 'default B', 'db A,source,db']);
});
