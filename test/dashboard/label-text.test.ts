import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMatcher } from '#shared/alerting/matchers.ts';
import { labelsToRecord } from '#shared/model/labels.ts';
import { parseMetric } from '#shared/promql/syntax/parser.ts';
import {
  fromWireMatcher,
  type MatcherInput,
  matchersFromSearch,
  matchersToSearch,
  matcherText,
  matchesSearch,
  OPERATORS,
  parseLabelText,
  seriesText,
  silenceLink,
  toWireMatcher,
} from '../../dashboard/label-text.ts';

const anyText = fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed());
const anyName = anyText.filter((text) => text !== '');
const anyMatcher: fc.Arbitrary<MatcherInput> = fc.record(
  { name: anyName, operator: fc.constantFrom(...OPERATORS), value: anyText },
  { noNullPrototype: true },
);

test('seriesText() writes series as PromQL', () => {
  const cases: readonly (readonly [labels: Record<string, string>, expected: string])[] = [
    [{}, '{}'],
    [{ __name__: 'up' }, 'up'],
    [{ __name__: 'up', job: 'a"b', instance: 'x:1' }, 'up{instance="x:1", job="a\\"b"}'],
    [{ job: 'a' }, '{job="a"}'],
    [{ __name__: 'my.metric', 'my.label': '1' }, '{"my.metric", "my.label"="1"}'],
  ];
  for (const [labels, expected] of cases) assert.equal(seriesText(labels), expected);
});

test('seriesText() of any labels is read by the PromQL parser as they are', () => {
  const anyLabels = fc.dictionary(anyName, anyName, { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(anyLabels, anyName, (labels, name) => {
      const series = { ...labels, __name__: name };
      assert.deepEqual({ ...labelsToRecord(parseMetric(seriesText(series))) }, series);
    }),
    { seed: 11 },
  );
});

test('matcherText() of any matcher is read by the Alertmanager parser as it is', () => {
  const literal = anyMatcher.filter(({ operator }) => !operator.endsWith('~'));
  fc.assert(
    fc.property(literal, (matcher) => {
      const { name, operator, value } = parseMatcher(matcherText(matcher));
      assert.deepEqual({ name, operator, value }, matcher);
    }),
    { seed: 12 },
  );
});

test('a link to a silence brings its matchers, and a wrong one none', () => {
  fc.assert(
    fc.property(fc.array(anyMatcher, { maxLength: 4 }), (matchers) => {
      assert.deepEqual(matchersFromSearch(`?${matchersToSearch(matchers)}`), matchers);
    }),
    { seed: 13 },
  );
  const wrong = ['x', '{}', '["a","="]', '["a","~","b"]', '["a","=",1]'];
  for (const text of wrong) assert.deepEqual(matchersFromSearch(`?matcher=${encodeURIComponent(text)}`), []);
  assert.deepEqual(matchersFromSearch(new URL(silenceLink({ b: '2', a: '1' }), 'http://x').search), [
    { name: 'a', operator: '=', value: '1' },
    { name: 'b', operator: '=', value: '2' },
  ]);
});

test('matchers go to the API and back', () => {
  for (const operator of OPERATORS) {
    const matcher = { name: 'job', operator, value: 'a' };
    assert.deepEqual(fromWireMatcher(toWireMatcher(matcher)), matcher);
  }
  assert.deepEqual(toWireMatcher({ name: 'a', operator: '!~', value: 'b' }), {
    name: 'a',
    value: 'b',
    isRegex: true,
    isEqual: false,
  });
});

test('parseLabelText() reads labels as people type them', () => {
  const cases: readonly (readonly [text: string, expected: Record<string, string> | RegExp])[] = [
    ['', {}],
    ['  ', {}],
    ['env=prod', { env: 'prod' }],
    ['env=prod, team = web ,', { env: 'prod', team: 'web' }],
    ['env="a, b"\nteam=web', { env: 'a, b', team: 'web' }],
    ['a="say \\"x\\""', { a: 'say "x"' }],
    ['a=', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['__proto__=x', JSON.parse('{"__proto__":"x"}')],
    ['env', /expected labels such as env=prod, team=web, got "env"/],
    ['=x', /expected labels/],
    ['a="open', { a: '"open' }],
    ['a=1, a=2', /label "a" is given twice/],
  ];
  for (const [text, expected] of cases) {
    if (expected instanceof RegExp) assert.throws(() => parseLabelText(text), { message: expected }, text);
    else assert.deepEqual(parseLabelText(text), expected, text);
  }
});

test('matchesSearch() wants every word somewhere', () => {
  const labels = { job: 'Api', env: 'prod' };
  assert.equal(matchesSearch('', labels), true);
  assert.equal(matchesSearch('api PROD', labels), true);
  assert.equal(matchesSearch('job=api', labels), true);
  assert.equal(matchesSearch('api down', labels, 'is down'), true);
  assert.equal(matchesSearch('api dev', labels), false);
});
