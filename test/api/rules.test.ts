import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { prepareGroupState } from '#shared/rules/group-store.ts';
import { groupStream, ruleKeys } from '#shared/rules/rule-key.ts';
import { type ApiWorld, answerOf, openApiWorld } from '#test/support/api-world.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const RULES = `
groups:
  - name: b
    interval: 30s
    rules:
      - { record: 'job:up', expr: 'sum by (job)(up)', labels: { team: x } }
      - { alert: Down, expr: 'up<1', for: 5m, keep_firing_for: 1m, labels: { severity: page }, annotations: { summary: '<down>' } }
      - { alert: Quiet, expr: 'up > 2' }
  - name: a
    limit: 3
    rules:
      - { record: 'x', expr: '1' }
  - name: none
    rules: []
`;

let world: ApiWorld;

before(async () => {
  world = await openApiWorld({ nowMs: NOW_MS, prometheus: 'rule_files: [rules.yml]\n', rules: RULES });
  const group = world.configuration.ruleGroups.find(({ name }) => name === 'b')!;
  const [recording, down] = ruleKeys(group.rules);
  const evaluated = { durationMs: 1.5, evaluatedAtMs: NOW_MS - 2500 };
  const alert = (instance: string) => ({
    labels: ['alertname', 'Down', 'instance', instance],
    annotations: ['summary', '<down>'],
  });
  const state = {
    slotMs: NOW_MS - 2500,
    durationMs: 12.5,
    rules: {
      [recording]: { health: 'err', lastError: 'it & broke', alerts: [], ...evaluated },
      [down]: {
        health: 'ok',
        ...evaluated,
        alerts: [
          { ...alert('a'), state: 'pending', value: '0e+00', activeAtMs: NOW_MS - 60_000 },
          {
            ...alert('b'),
            state: 'firing',
            value: '1e+00',
            activeAtMs: NOW_MS - 600_000,
            keepFiringSinceMs: NOW_MS - 10,
          },
        ],
      },
    },
  } as const;
  await world.ports.records.write(
    await prepareGroupState(world.ports, groupStream(group), { state, version: undefined }),
  );
});

async function rules(query: string) {
  const { status, json } = await answerOf(world.get(`/api/v1/rules${query}`));
  assert.equal(status, 200, JSON.stringify(json));
  return json.data;
}

const PENDING = {
  labels: { alertname: 'Down', instance: 'a' },
  annotations: { summary: '<down>' },
  state: 'pending',
  activeAt: '2026-01-02T03:03:05Z',
  value: '0e+00',
};
const FIRING = {
  labels: { alertname: 'Down', instance: 'b' },
  annotations: { summary: '<down>' },
  state: 'firing',
  activeAt: '2026-01-02T02:54:05Z',
  keepFiringSince: '2026-01-02T03:04:04.99Z',
  value: '1e+00',
};

test('rules are shown with what they last did', async () => {
  const { groups } = await rules('');
  assert.deepEqual(
    groups.map(({ name }: { name: string }) => name),
    ['a', 'b'],
  );
  assert.deepEqual(groups[1], {
    name: 'b',
    file: '/etc/rules.yml',
    rules: [
      {
        name: 'job:up',
        query: 'sum by (job) (up)',
        labels: { team: 'x' },
        health: 'err',
        lastError: 'it & broke',
        evaluationTime: 0.0015,
        lastEvaluation: '2026-01-02T03:04:02.5Z',
        type: 'recording',
      },
      {
        state: 'firing',
        name: 'Down',
        query: 'up < 1',
        duration: 300,
        keepFiringFor: 60,
        labels: { severity: 'page' },
        annotations: { summary: '<down>' },
        alerts: [PENDING, FIRING],
        health: 'ok',
        evaluationTime: 0.0015,
        lastEvaluation: '2026-01-02T03:04:02.5Z',
        type: 'alerting',
      },
      {
        state: 'unknown',
        name: 'Quiet',
        query: 'up > 2',
        duration: 0,
        keepFiringFor: 0,
        labels: {},
        annotations: {},
        alerts: [],
        health: 'unknown',
        evaluationTime: 0,
        lastEvaluation: '0001-01-01T00:00:00Z',
        type: 'alerting',
      },
    ],
    interval: 30,
    limit: 0,
    evaluationTime: 0.0125,
    lastEvaluation: '2026-01-02T03:04:02.5Z',
  });
});

test('parameters select rules; groups without any are left out', async () => {
  const cases = [
    { input: 'type=alert', expected: ['b: Down Quiet'] },
    { input: 'type=RECORD', expected: ['a: x', 'b: job:up'] },
    { input: 'rule_name[]=Quiet&rule_name[]=x', expected: ['a: x', 'b: Quiet'] },
    { input: 'rule_group[]=a', expected: ['a: x'] },
    { input: 'file[]=/etc/rules.yml&rule_group[]=b', expected: ['b: job:up Down Quiet'] },
    { input: 'file[]=other', expected: [] },
    { input: 'match[]={severity="page"}&match[]={team="x"}', expected: ['b: job:up Down'] },
  ];
  for (const { input, expected } of cases) {
    const { groups } = await rules(`?${input}`);
    const shown = groups.map((group: { name: string; rules: { name: string }[] }) => {
      return `${group.name}: ${group.rules.map(({ name }) => name).join(' ')}`;
    });
    assert.deepEqual(shown, expected, input);
  }
});

test('exclude_alerts leaves the alerts out', async () => {
  const { groups } = await rules('?exclude_alerts=true&rule_name[]=Down');
  assert.equal(groups[0].rules[0].alerts, null);
});

test('groups come page by page', async () => {
  const first = await rules('?group_limit=1');
  assert.deepEqual([first.groups.length, first.groups[0].name], [1, 'a']);
  const second = await rules(`?group_limit=1&group_next_token=${first.groupNextToken}`);
  assert.deepEqual([second.groups[0].name, second.groupNextToken], ['b', undefined]);
});

test('wrong parameters are refused in Prometheus’s words', async () => {
  const cases = [
    { input: 'type=x', expected: 'invalid parameter "type": not supported value "x"' },
    {
      input: 'exclude_alerts=x',
      expected:
        'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "x": invalid syntax',
    },
    { input: 'group_limit=0', expected: 'invalid parameter "group_limit": group_limit needs to be greater than 0' },
    {
      input: 'group_limit=1&group_next_token=x',
      expected: `invalid parameter "group_next_token": invalid group_next_token 'x'. were rule groups changed?`,
    },
    { input: 'match[]={', expected: '1:2: parse error: unexpected end of input inside braces' },
  ];
  for (const { input, expected } of cases) {
    const { status, json } = await answerOf(world.get(`/api/v1/rules?${input}`));
    assert.deepEqual([status, json.error], [400, expected]);
  }
});

test('alerts of all rules', async () => {
  assert.deepEqual((await answerOf(world.get('/api/v1/alerts'))).json.data, { alerts: [PENDING, FIRING] });
});
