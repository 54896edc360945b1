import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinAlerts } from '../../dashboard/alerts/alert-view.ts';
import type { AlertingRule, ReceivedAlert, RuleAlert, Silence } from '../../dashboard/api-types.ts';
import { draftOf, EMPTY_MATCHER, type SilenceDraft, toSilenceInput } from '../../dashboard/silences/silence-draft.ts';
import { EMPTY_TARGET, problemOf, toTargetInput } from '../../dashboard/targets/target-input.ts';

const draft: SilenceDraft = {
  matchers: [{ name: ' job ', operator: '=~', value: 'a|b' }, EMPTY_MATCHER],
  duration: '2h',
  createdBy: 'ada ',
  comment: ' known',
};
const NOW_MS = Date.UTC(2026, 0, 1);

test('toSilenceInput() takes what was typed, from now on', () => {
  assert.deepEqual(toSilenceInput(draft, NOW_MS), {
    matchers: [{ name: 'job', value: 'a|b', isRegex: true, isEqual: true }],
    startsAt: '2026-01-01T00:00:00.000Z',
    endsAt: '2026-01-01T02:00:00.000Z',
    createdBy: 'ada',
    comment: 'known',
  });
});

test('toSilenceInput() says what is missing', () => {
  const cases: readonly (readonly [change: Partial<SilenceDraft>, expected: RegExp])[] = [
    [{ matchers: [EMPTY_MATCHER] }, /at least one matcher/],
    [{ duration: '' }, /empty duration/],
    [{ duration: '0s' }, /above 0/],
    [{ createdBy: ' ' }, /who makes/],
    [{ comment: '' }, /why/],
  ];
  for (const [change, message] of cases) {
    assert.throws(() => toSilenceInput({ ...draft, ...change }, NOW_MS), { message });
  }
});

test('draftOf() edits a silence that holds, and makes a new one like one that is over', () => {
  const silence: Silence = {
    id: '1',
    status: { state: 'active' },
    matchers: [{ name: 'a', value: 'b', isRegex: false, isEqual: false }],
    startsAt: '2025-12-31T23:00:00.000Z',
    endsAt: '2026-01-01T01:00:00.000Z',
    updatedAt: '2025-12-31T23:00:00.000Z',
    createdBy: 'ada',
    comment: 'known',
  };
  const edited = toSilenceInput({ ...draftOf(silence), duration: '3h' }, NOW_MS);
  assert.deepEqual(
    [edited.id, edited.startsAt, edited.endsAt, edited.matchers],
    ['1', silence.startsAt, '2026-01-01T03:00:00.000Z', silence.matchers],
  );
  const again = toSilenceInput({ ...draftOf({ ...silence, status: { state: 'expired' } }), duration: '3h' }, NOW_MS);
  assert.deepEqual([again.id, again.startsAt], [undefined, '2026-01-01T00:00:00.000Z']);
});

test('toTargetInput() leaves to the server what is empty', () => {
  assert.deepEqual(toTargetInput(EMPTY_TARGET), { address: '', scheme: 'http' });
  assert.deepEqual(toTargetInput({ ...EMPTY_TARGET, address: ' a:1 ', job: 'x', labels: 'env=prod', ttl: '1h' }), {
    address: 'a:1',
    job: 'x',
    scheme: 'http',
    labels: { env: 'prod' },
    ttl: '1h',
  });
});

test('problemOf() finds what the server said of a field', () => {
  const problems = [
    { field: 'address', problem: 'is required' },
    { field: 'labels.__x', problem: 'is reserved' },
    { field: 'labels', problem: 'too many' },
  ];
  assert.equal(problemOf('address', problems), 'is required');
  assert.equal(problemOf('labels', problems), '__x: is reserved; too many');
  assert.equal(problemOf('job', problems), undefined);
});

test('joinAlerts() finds what Alertmanager does with the alerts of the rules, and the alerts of others', () => {
  const alert = (state: RuleAlert['state'], instance: string): RuleAlert => ({
    labels: { alertname: 'Down', instance },
    annotations: {},
    state,
    activeAt: '',
    value: '1',
  });
  const received = (fingerprint: string, labels: Record<string, string>): ReceivedAlert => ({
    labels,
    annotations: {},
    startsAt: '',
    fingerprint,
    receivers: [],
    status: { state: 'active', silencedBy: [], inhibitedBy: [] },
  });
  const rule = { type: 'alerting', name: 'Down', alerts: [alert('firing', 'a'), alert('pending', 'b')] };
  const group = { name: 'g', file: 'f', interval: 1, evaluationTime: 0, lastEvaluation: '' };
  const { rules, others } = joinAlerts(
    [{ ...group, rules: [rule as unknown as AlertingRule] }],
    [
      received('1', { alertname: 'Down', instance: 'a', cluster: 'eu' }),
      received('2', { alertname: 'Down', instance: 'z' }),
      received('3', { alertname: 'Other' }),
    ],
  );
  assert.deepEqual(
    rules[0].alerts.map((view) => view.received?.fingerprint),
    ['1', undefined],
  );
  assert.deepEqual(
    others.map(({ fingerprint }) => fingerprint),
    ['2', '3'],
  );
});
