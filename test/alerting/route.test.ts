import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMatchers } from '#shared/alerting/matchers.ts';
import { buildRouteTree, formatMatchers, matchRoutes, routesById } from '#shared/alerting/route.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { buildConfig } from './config-builder.ts';

const TREE = buildRouteTree(
  buildConfig({
    route: {
      receiver: 'root',
      routes: [
        { receiver: 'a', matchers: '{team="a"}', routes: [{ receiver: 'a-env', matchers: '{env=~"x|y"}' }] },
        { receiver: 'both', matchers: '{both="1"}', continue: true },
        { receiver: 'last', matchers: '{env!=""}' },
        { receiver: 'last2', matchers: '{env!=""}' },
      ],
    },
  }).route,
);

test('matchRoutes() goes depth first and stops at the first match without continue', () => {
  const cases: readonly { input: Record<string, string>; expected: string }[] = [
    { input: {}, expected: 'root' },
    { input: { team: 'a' }, expected: 'a' },
    { input: { team: 'a', env: 'x' }, expected: 'a-env' },
    { input: { team: 'a', env: 'xx', both: '1' }, expected: 'a' },
    { input: { both: '1' }, expected: 'both' },
    { input: { both: '1', env: 'x' }, expected: 'both last' },
    { input: { env: 'x' }, expected: 'last' },
  ];
  for (const { input, expected } of cases) {
    const found = matchRoutes(TREE, labelsFromRecord(input)).map(({ receiver }) => receiver);
    assert.equal(found.join(' '), expected, JSON.stringify(input));
  }
});

test('buildRouteTree() names routes as Alertmanager', () => {
  const names = [...routesById(TREE)].map(([id, { key }]) => [id, key]);
  assert.deepEqual(names, [
    ['{}', '{}'],
    ['{}/{team="a"}/0', '{}/{team="a"}'],
    ['{}/{team="a"}/0/{env=~"x|y"}/0', '{}/{team="a"}/{env=~"x|y"}'],
    ['{}/{both="1"}/1', '{}/{both="1"}'],
    ['{}/{env!=""}/2', '{}/{env!=""}'],
    ['{}/{env!=""}/3', '{}/{env!=""}'],
  ]);
});

test('formatMatchers() orders and escapes', () => {
  const cases = [
    { input: '', expected: '{}' },
    { input: '{b="1", a!="2", a="2", a=~"1"}', expected: '{a=~"1",a="2",a!="2",b="1"}' },
    { input: '{a="x\\"y\\\\z\\n"}', expected: '{a="x\\"y\\\\z\\n"}' },
    { input: '{"sp ace"="ü"}', expected: '{"sp ace"="ü"}' },
    { input: '{"ü"="x"}', expected: '{ü="x"}' },
  ];
  for (const { input, expected } of cases) assert.equal(formatMatchers(parseMatchers(input)), expected);
});
