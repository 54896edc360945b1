import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostedAlert } from '#shared/alerting/alert.ts';
import { type DispatchInput, type DispatchResult, dispatch } from '#shared/alerting/dispatch.ts';
import { type AlertingState, EMPTY_ALERTING_STATE } from '#shared/alerting/state.ts';
import { buildConfig, type ConfigSketch, webhook } from './config-builder.ts';
import { runScript } from './script.ts';

const SIMPLE: ConfigSketch = { route: { groupBy: ['alertname'] } };

const CASES: readonly { readonly name: string; readonly config: ConfigSketch; readonly script: string }[] = [
  {
    name: 'waits group_wait, then looks every group_interval',
    config: SIMPLE,
    script: `
      at 0s alert {alertname="A",name="a1"} firing
      at 10s alert {alertname="A",name="a2"} firing
      at 29s expect nothing
      at 30s expect default[0] firing a1; firing a2 (first notification)
      at 1m alert {alertname="A",name="a3"} firing
      at 4m alert {alertname="A",name="a1"} firing
      at 4m alert {alertname="A",name="a2"} firing
      at 4m alert {alertname="A",name="a3"} firing
      at 5m29s expect nothing
      at 5m30s expect default[0] firing a1; firing a2; firing a3 (new alerts added)
    `,
  },
  {
    name: 'flushes at once when the first alert is older than group_wait',
    config: SIMPLE,
    script: `
      at 1m alert {alertname="A"} firing since 29s until 1h
      at 1m expect default[0] firing A (first notification)
      at 2m alert {alertname="B"} firing since 90s until 1h
      at 2m expect nothing
      at 2m30s expect default[0] firing B (first notification)
    `,
  },
  {
    name: 'tells nobody of an alert that is over before group_wait',
    config: SIMPLE,
    script: `
      at 0s alert {alertname="A"} firing
      at 20s alert {alertname="A"} resolved
      at 1h expect nothing
    `,
  },
  {
    name: 'tells of a resolved alert once, then forgets the group',
    config: SIMPLE,
    script: `
      at 0s alert {alertname="A"} firing until 10h
      at 30s expect default[0] firing A (first notification)
      at 1m alert {alertname="A"} resolved
      at 5m30s expect default[0] resolved A (all alerts resolved)
      at 6m alert {alertname="A"} resolved
      at 9h expect nothing
    `,
  },
  {
    name: 'resolves by resolve_timeout when an alert is not posted again',
    config: { ...SIMPLE, resolveTimeout: '1m' },
    script: `
      at 0s alert {alertname="A"} firing
      at 30s expect default[0] firing A (first notification)
      at 5m30s expect default[0] resolved A (all alerts resolved)
    `,
  },
  {
    name: 'mixes firing and resolved, ordered by job, instance, labels',
    config: SIMPLE,
    script: `
      at 0s alert {alertname="A",job="z",name="3"} firing until 10h
      at 0s alert {alertname="A",job="a",instance="2",name="2"} firing until 10h
      at 0s alert {alertname="A",job="a",instance="1",name="1"} firing until 10h
      at 0s alert {alertname="A",name="4"} firing until 10h
      at 30s expect default[0] firing 1; firing 2; firing 3; firing 4 (first notification)
      at 1m alert {alertname="A",job="a",instance="2",name="2"} resolved
      at 5m30s expect default[0] firing 1; resolved 2; firing 3; firing 4 (some alerts resolved)
      at 10m30s expect nothing
    `,
  },
  {
    name: 'repeats at the first flush after repeat_interval has passed',
    config: { route: { groupBy: ['alertname'], repeatInterval: '12m' } },
    script: `
      at 0s alert {alertname="A"} firing until 20h
      at 30s expect default[0] firing A (first notification)
      at 15m30s expect default[0] firing A (repeat interval elapsed)
      at 30m30s expect default[0] firing A (repeat interval elapsed)
      at 40m expect nothing
    `,
  },
  {
    name: 'repeats one flush late when repeat_interval is a multiple of group_interval, as upstream',
    config: { route: { repeatInterval: '10m' } },
    script: `
      at 0s alert {alertname="A"} firing until 20h
      at 30s expect default[0] firing A (first notification)
      at 10m30s expect nothing
      at 15m30s expect default[0] firing A (repeat interval elapsed)
    `,
  },
  {
    name: 'treats a group that fires again after it was resolved as new',
    config: SIMPLE,
    script: `
      at 0s alert {alertname="A"} firing until 10h
      at 30s expect default[0] firing A (first notification)
      at 1m alert {alertname="A"} resolved
      at 5m30s expect default[0] resolved A (all alerts resolved)
      at 6m alert {alertname="A"} firing until 10h
      at 6m30s expect default[0] firing A (first notification)
    `,
  },
  {
    name: 'keeps an alert that fires again while its resolution waits for the flush',
    config: SIMPLE,
    script: `
      at 0s alert {alertname="A"} firing until 10h
      at 30s expect default[0] firing A (first notification)
      at 1m alert {alertname="A"} resolved
      at 2m alert {alertname="A"} firing until 10h
      at 10m30s expect nothing
    `,
  },
  {
    name: 'does not tell of resolved alerts where send_resolved is off, but forgets them',
    config: { ...SIMPLE, receivers: { default: [webhook({ sendResolved: false }), webhook()] } },
    script: `
      at 0s alert {alertname="A",name="1"} firing until 10h
      at 0s alert {alertname="A",name="2"} firing until 10h
      at 30s expect default[0] firing 1; firing 2 (first notification)
      at 30s expect default[1] firing 1; firing 2 (first notification)
      at 1m alert {alertname="A",name="2"} resolved
      at 5m30s expect default[1] firing 1; resolved 2 (some alerts resolved)
      at 6m alert {alertname="A",name="1"} resolved
      at 10m30s expect default[1] resolved 1 (all alerts resolved)
      at 11m alert {alertname="A",name="1"} firing until 10h
      at 11m30s expect default[0] firing 1 (first notification)
      at 11m30s expect default[1] firing 1 (first notification)
    `,
  },
  {
    name: 'routes to several receivers, each group with its own schedule',
    config: {
      route: {
        groupBy: ['alertname'],
        routes: [
          { receiver: 'db', matchers: '{team="db"}', groupWait: '10s', continue: true },
          { receiver: 'all', matchers: '{team=~".+"}', groupBy: 'all', groupWait: '20s' },
        ],
      },
    },
    script: `
      at 0s alert {alertname="A",team="db",name="1"} firing until 10h
      at 0s alert {alertname="A",team="db",name="2"} firing until 10h
      at 0s alert {alertname="A",name="3"} firing until 10h
      at 10s expect db[0] firing 1; firing 2 (first notification)
      at 20s expect all[0] firing 1 (first notification)
      at 20s expect all[0] firing 2 (first notification)
      at 30s expect default[0] firing 3 (first notification)
    `,
  },
  {
    name: 'leaves out inhibited alerts while the source fires',
    config: {
      route: { groupBy: ['alertname'] },
      inhibitRules: [{ source: '{severity="critical"}', target: '{severity="warning"}', equal: ['cluster'] }],
    },
    script: `
      at 0s alert {alertname="Down",severity="critical",cluster="x"} firing until 10h
      at 0s alert {alertname="Slow",severity="warning",cluster="x",name="sx"} firing until 10h
      at 0s alert {alertname="Slow",severity="warning",cluster="y",name="sy"} firing until 10h
      at 30s expect default[0] firing Down (first notification)
      at 30s expect default[0] firing sy (first notification)
      at 1m alert {alertname="Down",severity="critical",cluster="x"} resolved
      at 5m30s expect default[0] resolved Down (all alerts resolved)
      at 5m30s expect default[0] firing sx; firing sy (new alerts added)
    `,
  },
  {
    name: 'leaves out silenced alerts until the silence ends',
    config: SIMPLE,
    script: `
      at 0s silence s1 {name="1"} until 7m
      at 0s alert {alertname="A",name="1"} firing until 10h
      at 0s alert {alertname="A",name="2"} firing until 10h
      at 30s expect default[0] firing 2 (first notification)
      at 10m30s expect default[0] firing 1; firing 2 (new alerts added)
    `,
  },
  {
    name: 'says resolved of alerts that were silenced after the notification only to an empty group',
    config: SIMPLE,
    script: `
      at 0s alert {alertname="A"} firing until 10h
      at 30s expect default[0] firing A (first notification)
      at 1m silence s1 {alertname="A"} until 1h
      at 2m alert {alertname="A"} resolved
      at 2h expect nothing
    `,
  },
  {
    name: 'cuts a webhook to max_alerts and counts the rest',
    config: { ...SIMPLE, receivers: { default: [webhook({ maxAlerts: 2 })] } },
    script: `
      at 0s alert {alertname="A",name="1"} firing
      at 0s alert {alertname="A",name="2"} firing
      at 0s alert {alertname="A",name="3"} firing
      at 30s expect default[0] firing 1; firing 2 +1 (first notification)
      at 31s alert {alertname="A",name="1"} firing until 10h
      at 31s alert {alertname="A",name="2"} firing until 10h
      at 31s alert {alertname="A",name="3"} firing until 10h
    `,
  },
  {
    name: 'holds back what is newer until the outcome is known, then sends only the newest state',
    config: SIMPLE,
    script: `
      hold default[0]
      at 0s alert {alertname="A",name="1"} firing until 10h
      at 30s expect default[0] firing 1 (first notification)
      at 1m alert {alertname="A",name="2"} firing until 10h
      at 2m alert {alertname="A",name="3"} firing until 10h
      at 5m30s expect nothing
      at 6m alert {alertname="A",name="2"} resolved
      at 6m10s expect nothing
      at 6m20s deliver default[0]
      at 6m20s expect default[0] firing 1; resolved 2; firing 3 (new alerts added)
      at 6m30s deliver default[0]
      at 15m30s expect nothing
    `,
  },
  {
    name: 'does not hold back the other integrations of the receiver',
    config: { ...SIMPLE, receivers: { default: [webhook(), webhook()] } },
    script: `
      hold default[1]
      at 0s alert {alertname="A"} firing until 10h
      at 30s expect default[0] firing A (first notification)
      at 30s expect default[1] firing A (first notification)
      at 1m alert {alertname="A"} resolved
      at 5m30s expect default[0] resolved A (all alerts resolved)
      at 6m deliver default[1]
      at 6m expect default[1] resolved A (all alerts resolved)
      at 6m deliver default[1]
      at 1h expect nothing
    `,
  },
  {
    name: 'decides again at the next flush after a permanent failure',
    config: SIMPLE,
    script: `
      hold default[0]
      at 0s alert {alertname="A"} firing until 10h
      at 30s expect default[0] firing A (first notification)
      at 1m fail default[0]
      at 1m expect nothing
      at 5m30s expect default[0] firing A (first notification)
      at 6m deliver default[0]
      at 7m alert {alertname="A"} resolved
      at 10m30s expect default[0] resolved A (all alerts resolved)
      at 11m fail default[0]
      at 15m30s expect default[0] resolved A (all alerts resolved)
      at 16m deliver default[0]
      at 1h expect nothing
    `,
  },
  {
    name: 'gives up waiting for an outcome that never comes',
    config: { route: { groupInterval: '1m' } },
    script: `
      hold default[0]
      at 0s alert {alertname="A"} firing until 10h
      at 30s expect default[0] firing A (first notification)
      at 1m30s expect nothing
      at 2m30s expect default[0] firing A (repeat interval elapsed)
      at 2m40s deliver default[0]
      at 30m expect nothing
    `,
  },
  {
    name: 'shares the log between routes with equal matchers and receiver',
    config: {
      route: {
        receiver: 'none',
        groupBy: ['alertname'],
        routes: [
          { receiver: 'x', matchers: '{a="b"}', continue: true },
          { receiver: 'x', matchers: '{a="b"}' },
        ],
      },
    },
    script: `
      at 0s alert {alertname="A",a="b"} firing until 10h
      at 30s expect x[0] firing A (first notification)
      at 1h expect nothing
    `,
  },
];

for (const { name, config, script } of CASES) {
  test(`dispatch() ${name}`, () => runScript(buildConfig(config), script));
}

const NOW_MS = 1_700_000_000_000;

function firing(name: string, extra: readonly string[] = []): PostedAlert {
  return { labels: ['alertname', name, ...extra], annotations: [], endsAtMs: NOW_MS + 1e9, generatorUrl: '' };
}

function call(state: AlertingState, config: ConfigSketch, input: Partial<DispatchInput>): DispatchResult {
  const defaults = { posted: [], outcomes: [], silences: [], nowMs: NOW_MS };
  return dispatch({ ...defaults, ...input, state, config: buildConfig(config) });
}

test('dispatch() makes one flush of those it missed, and stays on the grid', () => {
  const posted = call(EMPTY_ALERTING_STATE, SIMPLE, { posted: [firing('A')] });
  assert.equal(posted.nextDueMs, NOW_MS + 30_000);
  const late = call(posted.state, SIMPLE, { nowMs: NOW_MS + 737_000 });
  assert.deepEqual(
    late.notifications.map(({ dueMs }) => dueMs - NOW_MS),
    [630_000],
  );
  assert.equal(late.nextDueMs, NOW_MS + 930_000);
});

test('dispatch() makes groups anew when the routing tree changes, and keeps the schedule of those that stay', () => {
  const before: ConfigSketch = {
    route: { groupBy: ['alertname'], routes: [{ receiver: 'x', matchers: '{team="x"}' }] },
  };
  const posted = [firing('A'), firing('B', ['team', 'x'])];
  const first = call(EMPTY_ALERTING_STATE, before, { posted });
  const flushed = call(first.state, before, { nowMs: NOW_MS + 30_000 });
  const outcomes = flushed.notifications.map(({ id }) => ({ id, ok: true as const }));
  assert.equal(outcomes.length, 2);

  const after: ConfigSketch = {
    route: { groupBy: ['alertname'], routes: [{ receiver: 'y', matchers: '{team="x"}' }] },
  };
  const receivers = { ...after, route: { ...after.route, groupInterval: '10m' } };
  const changed = call(flushed.state, receivers, { nowMs: NOW_MS + 60_000, outcomes });
  assert.deepEqual(changed.notifications, []);
  assert.equal(changed.nextDueMs, NOW_MS + 330_000);
  const told = call(changed.state, receivers, { nowMs: NOW_MS + 330_000 });
  assert.deepEqual(
    told.notifications.map(({ receiver, reason }) => [receiver, reason]),
    [['y', 'first notification']],
  );

  const regrouped: ConfigSketch = { route: { groupBy: 'all' } };
  const moved = call(told.state, regrouped, { nowMs: NOW_MS + 400_000 });
  const groups = Object.values(moved.state.groups).map(({ key }) => key);
  assert.deepEqual(groups.sort(), ['{}:{alertname="A"}', '{}:{alertname="B", team="x"}']);
});

test('dispatch() counts what it takes and refuses', () => {
  const resolved = { ...firing('B'), endsAtMs: NOW_MS };
  const invalid = { ...firing('C'), labels: [] };
  const { counters, state } = call(EMPTY_ALERTING_STATE, SIMPLE, { posted: [firing('A'), resolved, invalid] });
  const { receivedFiring, receivedResolved, invalid: refused } = counters;
  assert.deepEqual(
    { receivedFiring, receivedResolved, refused },
    { receivedFiring: 1, receivedResolved: 1, refused: 1 },
  );
  assert.equal(Object.keys(state.alerts).length, 2);
});
