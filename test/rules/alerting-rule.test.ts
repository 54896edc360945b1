import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openRuleWorld, ruleGroup, type Samples } from './rule-world.ts';

interface Step {
  readonly at: number;
  /** Absent: the target is not scraped. */
  readonly samples?: Samples;
  /** What the alerting side is told at this step; `cluster="c1"` left out. */
  readonly told?: readonly string[];
  /** `pending 1e+00`, `firing 1e+00` of each alert. */
  readonly alerts?: readonly string[];
}

interface Story {
  readonly title: string;
  readonly rule: readonly string[];
  readonly group?: readonly string[];
  readonly steps: readonly Step[];
  /** `ALERTS`, shortened to its state and more labels. */
  readonly series?: readonly string[];
}

const STORIES: readonly Story[] = [
  {
    title: 'without `for` it fires at once and is resolved when the condition is gone',
    rule: ['- { alert: A, expr: x > 0 }'],
    steps: [
      { at: 0, samples: { x: 0 }, told: [], alerts: [] },
      { at: 15, samples: { x: 2 }, told: ['firing {alertname="A"} from 15'], alerts: ['firing 2e+00'] },
      { at: 30, samples: { x: 3 }, told: [], alerts: ['firing 3e+00'] },
      { at: 45, samples: { x: 0 }, told: ['resolved {alertname="A"} at 45 from 15'], alerts: [] },
      { at: 60, samples: { x: 1 }, told: ['firing {alertname="A"} from 60'] },
    ],
    series: ['firing 1@15 1@30 stale@45 1@60'],
  },
  {
    title: '`for` holds it pending until it has lasted',
    rule: ['- { alert: A, expr: x > 0, for: 30s }'],
    steps: [
      { at: 0, samples: { x: 1 }, told: [], alerts: ['pending 1e+00'] },
      { at: 15, samples: { x: 1 }, told: [], alerts: ['pending 1e+00'] },
      { at: 30, samples: { x: 1 }, told: ['firing {alertname="A"} from 30'], alerts: ['firing 1e+00'] },
      { at: 45, samples: { x: 0 }, told: ['resolved {alertname="A"} at 45 from 30'], alerts: [] },
    ],
    series: ['firing 1@30 stale@45', 'pending 1@0 1@15 stale@30'],
  },
  {
    title: 'a pending alert whose condition ends is forgotten silently, and begins anew',
    rule: ['- { alert: A, expr: x > 0, for: 30s }'],
    steps: [
      { at: 0, samples: { x: 1 } },
      { at: 15, samples: { x: 0 }, told: [], alerts: [] },
      { at: 30, samples: { x: 1 }, told: [], alerts: ['pending 1e+00'] },
      { at: 45, samples: { x: 1 }, told: [], alerts: ['pending 1e+00'] },
      { at: 60, samples: { x: 1 }, told: ['firing {alertname="A"} from 60'] },
    ],
  },
  {
    title: '`keep_firing_for` keeps it, counted from when the condition ended',
    rule: ['- { alert: A, expr: x > 0, keep_firing_for: 30s }'],
    steps: [
      { at: 0, samples: { x: 1 }, told: ['firing {alertname="A"} from 0'] },
      { at: 15, samples: { x: 0 }, told: [], alerts: ['firing 1e+00'] },
      { at: 30, samples: { x: 1 }, told: [], alerts: ['firing 1e+00'] },
      { at: 45, samples: { x: 0 }, told: [], alerts: ['firing 1e+00'] },
      { at: 60, samples: { x: 0 }, told: ['firing {alertname="A"} from 0'], alerts: ['firing 1e+00'] },
      { at: 75, samples: { x: 0 }, told: ['resolved {alertname="A"} at 75 from 0'], alerts: [] },
    ],
    series: ['firing 1@0 1@15 1@30 1@45 1@60 stale@75'],
  },
  {
    title: '`keep_firing_for` keeps no pending alert',
    rule: ['- { alert: A, expr: x > 0, for: 1m, keep_firing_for: 1m }'],
    steps: [
      { at: 0, samples: { x: 1 } },
      { at: 15, samples: { x: 0 }, told: [], alerts: [] },
    ],
  },
  {
    title: 'it is told again a minute after it was told last',
    rule: ['- { alert: A, expr: x > 0 }'],
    steps: [
      { at: 0, samples: { x: 1 }, told: ['firing {alertname="A"} from 0'] },
      { at: 30, samples: { x: 1 }, told: [] },
      { at: 59, samples: { x: 1 }, told: [] },
      { at: 75, samples: { x: 1 }, told: ['firing {alertname="A"} from 0'] },
      { at: 90, samples: { x: 1 }, told: [] },
    ],
  },
  {
    title: 'a target that is gone ends the alert: its series is stale',
    rule: ['- { alert: A, expr: x > 0 }'],
    steps: [
      { at: 0, samples: { x: 1 }, told: ['firing {alertname="A"} from 0'] },
      { at: 15, samples: {}, told: ['resolved {alertname="A"} at 15 from 0'] },
    ],
  },
  {
    title: 'labels: the name is dropped, the rule wins, an empty one removes, templates are expanded',
    rule: [
      '- { alert: A, expr: \'label_replace(label_replace(x, "job", "j", "", ""), "zone", "z", "", "")\',',
      '    labels: { job: "", sev: "s[value]", zone: "rule" } }',
    ],
    steps: [{ at: 0, samples: { x: 7 }, told: ['firing {alertname="A", sev="s7", zone="rule"} from 0'] }],
  },
  {
    title: 'a label that changes makes another alert',
    rule: ['- { alert: A, expr: x, labels: { v: "[value]" } }'],
    steps: [
      { at: 0, samples: { x: 1 }, told: ['firing {alertname="A", v="1"} from 0'] },
      {
        at: 15,
        samples: { x: 2 },
        told: ['resolved {alertname="A", v="1"} at 15 from 0', 'firing {alertname="A", v="2"} from 15'],
      },
    ],
    series: ['firing v="1" 1@0 stale@15', 'firing v="2" 1@15'],
  },
  {
    title: 'a scalar is one alert',
    rule: ['- { alert: A, expr: 1 }'],
    steps: [{ at: 0, told: ['firing {alertname="A"} from 0'], alerts: ['firing 1e+00'] }],
  },
  {
    title: 'above the limit all alerts end',
    rule: ['- { alert: A, expr: \'{__name__=~"x|y"}\', labels: { v: "[value]" } }'],
    group: ['limit: 1'],
    steps: [
      { at: 0, samples: { x: 1 }, told: ['firing {alertname="A", v="1"} from 0'], alerts: ['firing 1e+00'] },
      { at: 15, samples: { x: 1, y: 2 }, told: ['resolved {alertname="A", v="1"} at 15 from 0'], alerts: [] },
      { at: 30, samples: { x: 1 }, told: ['firing {alertname="A", v="1"} from 30'] },
    ],
  },
];

describe('an alerting rule', () => {
  for (const { title, rule, group: head, steps, series } of STORIES) {
    test(title, async () => {
      const world = openRuleWorld({ externalLabels: [] });
      const group = ruleGroup(rule, head);
      for (const { at, samples, told, alerts } of steps) {
        assert.equal((await world.step(group, at, samples)).kind, 'evaluated');
        const heard = await world.told();
        if (told !== undefined) assert.deepEqual(heard, told, `told at ${at}`);
        const [{ alerts: active }] = await world.states(group);
        const shown = active.map(({ state, value }) => `${state} ${value}`);
        if (alerts !== undefined) assert.deepEqual(shown, alerts, `alerts at ${at}`);
      }
      if (series !== undefined) assert.deepEqual((await world.stored('ALERTS')).map(shorten), series);
    });
  }
});

/** `ALERTS{alertname="A", alertstate="firing", v="1"} 1@0` → `firing v="1" 1@0` */
function shorten(line: string): string {
  return line
    .replace(/^ALERTS\{alertname="A", alertstate="(\w+)"(?:, )?/, '$1 ')
    .replace('} ', ' ')
    .replace('  ', ' ');
}

test('ALERTS_FOR_STATE has the second since which the alert is active', async () => {
  const world = openRuleWorld();
  const group = ruleGroup(['- { alert: A, expr: x > 0, for: 1m }']);
  await world.step(group, 15, { x: 1 });
  await world.step(group, 30, { x: 1 });
  const since = Date.UTC(2026, 0, 1, 0, 0, 15) / 1000;
  assert.deepEqual(await world.stored('ALERTS_FOR_STATE'), [`ALERTS_FOR_STATE{alertname="A"} ${since}@15 ${since}@30`]);
});

test('two alerts with the same labels are an error, and the alerts of before stay', async () => {
  const world = openRuleWorld();
  const group = ruleGroup(['- { alert: A, expr: \'{__name__=~"x|y"}\' }']);
  await world.step(group, 0, { x: 1 });
  await world.told();
  const result = await world.step(group, 15, { x: 1, y: 1 });
  assert.ok(result.kind === 'evaluated' && result.failedRules === 1 && result.events === 0);
  const [state] = await world.states(group);
  assert.equal(state.lastError, 'vector contains metrics with the same labelset after applying alert labels');
  assert.equal(state.health, 'err');
  assert.equal(state.alerts.length, 1);
  await world.step(group, 30, { x: 1 });
  assert.deepEqual(await world.stored('ALERTS'), ['ALERTS{alertname="A", alertstate="firing"} 1@0 1@30']);
  assert.deepEqual(await world.told(), []);
});

test('the limit error has upstream words', async () => {
  const world = openRuleWorld();
  const group = ruleGroup(['- { alert: A, expr: \'{__name__=~"x|y"}\', labels: { v: "[value]" } }'], ['limit: 1']);
  await world.step(group, 0, { x: 1, y: 2 });
  assert.equal((await world.states(group))[0].lastError, 'exceeded limit of 1 with 2 alerts');
});
