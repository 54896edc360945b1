import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOutbox } from '#shared/alerting/outbox.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { createRelabelConfig } from '#shared/relabel/validate.ts';
import { groupGrid, groupStream, ruleKeys } from '#shared/rules/rule-key.ts';
import { EPOCH_MS, openRuleWorld, ruleGroup } from './rule-world.ts';

describe('a recording rule', () => {
  test('stores the result under its name, with its labels', async () => {
    const world = openRuleWorld();
    const group = ruleGroup(['- { record: r, expr: \'{__name__=~"x|y"} * 2\', labels: { extra: e, job: "" } }']);
    await world.step(group, 0, { x: 1 });
    await world.step(group, 15, { x: 2 });
    await world.step(group, 30, {});
    assert.deepEqual(await world.stored('r'), ['r{extra="e"} 2@0 4@15 stale@30']);
  });

  test('refuses series with the same labels and more than the limit, in upstream words', async () => {
    const world = openRuleWorld();
    const same = ruleGroup(['- { record: r, expr: \'{__name__=~"x|y"}\' }']);
    await world.step(same, 0, { x: 1, y: 2 });
    const expected = 'vector contains metrics with the same labelset after applying rule labels';
    assert.equal((await world.states(same))[0].lastError, expected);

    const many = ruleGroup(
      ['- { record: r, expr: \'label_replace({__name__=~"x|y"}, "n", "$1", "__name__", "(.*)")\' }'],
      ['limit: 1'],
    );
    const other = openRuleWorld();
    await other.step(many, 0, { x: 1 });
    await other.step(many, 15, { x: 1, y: 2 });
    await other.step(many, 30, { y: 3 });
    assert.deepEqual(await other.stored('r'), ['r{n="x"} 1@0 stale@30', 'r{n="y"} 3@30']);
    assert.equal((await other.states(many))[0].lastError, undefined);
    await other.step(many, 45, { x: 1, y: 2 });
    assert.equal((await other.states(many))[0].lastError, 'exceeded limit of 1 with 2 series');
  });

  test('keeps NaN and infinities', async () => {
    const world = openRuleWorld();
    await world.step(ruleGroup(['- { record: r, expr: x / 0 }']), 0, { x: 0 });
    await world.step(ruleGroup(['- { record: r, expr: x / 0 }']), 15, { x: -1 });
    assert.deepEqual(await world.stored('r'), ['r NaN@0 -Infinity@15']);
  });
});

describe('a group', () => {
  test('evaluates in order: later rules see what earlier ones say now, and what they no longer say', async () => {
    const world = openRuleWorld();
    const group = ruleGroup([
      '- { record: first, expr: x > 1 }',
      '- { record: second, expr: first + 1 }',
      '- { alert: A, expr: second > 0 }',
      '- { record: third, expr: \'count(ALERTS{alertstate="firing"})\' }',
    ]);
    await world.step(group, 0, { x: 5 });
    assert.deepEqual(await world.stored('second', 'third'), ['second 6@0', 'third 1@0']);
    await world.step(group, 15, { x: 0 });
    assert.deepEqual(await world.stored('second', 'third'), ['second 6@0 stale@15', 'third 1@0 stale@15']);
    const [, resolved] = await world.told();
    assert.equal(resolved, 'resolved {alertname="A", cluster="c1"} at 15 from 0');
  });

  test('is not harmed by one rule that fails', async () => {
    const world = openRuleWorld();
    const group = ruleGroup(['- { record: bad, expr: \'{__name__=~"x|y"}\' }', '- { record: good, expr: x }']);
    const result = await world.step(group, 0, { x: 1, y: 1 });
    assert.ok(result.kind === 'evaluated' && result.failedRules === 1);
    assert.deepEqual(await world.stored('good', 'bad'), ['good 1@0']);
    assert.deepEqual(
      (await world.states(group)).map(({ health }) => health),
      ['err', 'ok'],
    );
  });

  test('writes at its time less the offset, and asks for then', async () => {
    const world = openRuleWorld();
    const group = ruleGroup(
      ['- { record: r, expr: x }', '- { record: t, expr: time() }', '- { alert: A, expr: x }'],
      ['query_offset: 1m'],
    );
    await world.step(group, 60, { x: 1 });
    assert.deepEqual(await world.stored('r', 'ALERTS'), []);
    await world.step(group, 120, { x: 2 });
    const then = EPOCH_MS / 1000 + 60;
    assert.deepEqual(await world.stored('r', 't'), ['r 1@60', `t ${then - 60}@0 ${then}@60`]);
    // The alert itself begins now.
    assert.deepEqual(await world.told(), ['firing {alertname="A", cluster="c1"} from 120']);
  });

  test('does a slot once, and no slot before the last one', async () => {
    const world = openRuleWorld();
    const group = ruleGroup(['- { record: r, expr: x }', '- { alert: A, expr: x }']);
    await world.step(group, 15, { x: 1 });
    assert.equal((await world.told()).length, 1);
    assert.deepEqual(await world.step(group, 15), { kind: 'duplicate' });
    assert.deepEqual(await world.step(group, 0), { kind: 'duplicate' });
    assert.deepEqual(await world.stored('r'), ['r 1@15']);
    assert.deepEqual(await world.told(), []);
  });

  test('does a slot once when two workers have it', async () => {
    const world = openRuleWorld();
    const group = ruleGroup(['- { record: r, expr: x }', '- { alert: A, expr: x }']);
    await world.step(group, 0, { x: 1 });
    await world.clock.advanceTo(EPOCH_MS + 15_000);
    const both = await Promise.all([world.step(group, 15), world.step(group, 15)]);
    assert.deepEqual(both.map(({ kind }) => kind).sort(), ['duplicate', 'evaluated']);
    assert.deepEqual(await world.stored('r'), ['r 1@0 1@15']);
  });

  test('has the state of its alerts over a lost slot', async () => {
    const world = openRuleWorld();
    const group = ruleGroup(['- { alert: A, expr: x > 0, for: 30s }']);
    await world.step(group, 0, { x: 1 });
    await world.step(group, 45, { x: 1 });
    assert.deepEqual(await world.told(), ['firing {alertname="A", cluster="c1"} from 45']);
  });

  test('ends the alerts and series of a rule that is removed, and keeps those of a changed expression', async () => {
    const world = openRuleWorld();
    const rules = ['- { alert: A, expr: x > 0 }', '- { alert: B, expr: x > 0 }', '- { record: r, expr: x }'];
    await world.step(ruleGroup(rules), 0, { x: 1 });
    await world.told();
    await world.step(ruleGroup(['- { alert: A, expr: x > 0.5 }']), 15, { x: 1 });
    assert.deepEqual(await world.told(), ['resolved {alertname="B", cluster="c1"} at 15 from 0']);
    assert.deepEqual(await world.stored('r', 'ALERTS'), [
      'ALERTS{alertname="A", alertstate="firing"} 1@0 1@15',
      'ALERTS{alertname="B", alertstate="firing"} 1@0 stale@15',
      'r 1@0 stale@15',
    ]);
  });

  test('that is removed ends its alerts and series, once', async () => {
    const world = openRuleWorld();
    const group = ruleGroup([
      '- { alert: A, expr: x > 0 }',
      '- { alert: P, expr: x, for: 1h }',
      '- { record: r, expr: x }',
    ]);
    await world.step(group, 0, { x: 1 });
    await world.told();
    assert.equal(await world.retire(group, 20), 1);
    assert.deepEqual(await world.told(), ['resolved {alertname="A", cluster="c1"} at 20 from 0']);
    assert.deepEqual(await world.stored('r'), ['r 1@0 stale@20']);
    assert.deepEqual(await world.states(group), []);
    assert.equal(await world.retire(group, 25), 0);
    assert.deepEqual(await world.told(), []);
  });
});

test('alerts go out with external labels, relabelled, with a link to their expression', async () => {
  const world = openRuleWorld({
    externalLabels: labelsFromRecord({ cluster: 'c1', sev: 'external' }),
    alertRelabelConfigs: [
      createRelabelConfig({ regex: 'secret', action: 'labeldrop' }),
      createRelabelConfig({ source_labels: ['alertname'], regex: 'Quiet', action: 'drop' }),
    ],
  });
  const group = ruleGroup([
    "- { alert: Loud, expr: 'x > 0', labels: { sev: own, secret: s }, annotations: { text: 'is [value]' } }",
    '- { alert: Quiet, expr: x > 0 }',
  ]);
  const result = await world.step(group, 0, { x: 3 });
  assert.ok(result.kind === 'evaluated' && result.events === 1);
  const [{ alerts, sort }] = await readOutbox(world.rulePorts, 10);
  assert.equal(sort, `${EPOCH_MS}#${groupStream(group)}`);
  assert.deepEqual(alerts, [
    {
      labels: labelsFromRecord({ alertname: 'Loud', cluster: 'c1', sev: 'own' }),
      annotations: labelsFromRecord({ text: 'is 3' }),
      startsAtMs: EPOCH_MS,
      endsAtMs: Date.UTC(9999, 11, 31),
      generatorUrl: 'http://prom.test/graph?g0.expr=x+%3E+0&g0.tab=1',
    },
  ]);
});

test('ruleKeys() are of name and labels, numbered where both are the same', () => {
  const keys = (...rules: readonly string[]) => ruleKeys(ruleGroup(rules).rules);
  const [a, b, c, d] = keys(
    '- { record: r, expr: x }',
    '- { record: r, expr: y }',
    '- { record: r, expr: x, labels: { a: b } }',
    '- { alert: A, expr: x }',
  );
  assert.equal(b, a.replace(/-0$/, '-1'));
  assert.equal(new Set([a, b, c, d]).size, 4);
  assert.deepEqual(keys('- { record: r, expr: other }'), [a]);
});

test('groupGrid() spreads groups over their interval, at whole seconds', () => {
  const grids = Array.from({ length: 50 }, (_, i) => groupGrid({ file: 'f', name: `g${i}`, intervalMs: 60_000 }));
  for (const { intervalMs, offsetMs } of grids) {
    assert.equal(intervalMs, 60_000);
    assert.ok(offsetMs >= 0 && offsetMs < 60_000 && offsetMs % 1000 === 0);
  }
  assert.ok(new Set(grids.map(({ offsetMs }) => offsetMs)).size > 20);
  assert.equal(groupGrid({ file: 'f', name: 'g', intervalMs: 1000 }).offsetMs, 0);
});
