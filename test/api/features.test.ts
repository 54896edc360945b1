import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Features, NO_FEATURES } from '#shared/config/features.ts';
import { answerOf, openApiWorld } from '#test/support/api-world.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

type Sections = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

const ALL_PROMQL: Features = {
  ...NO_FEATURES,
  parser: { experimentalFunctions: true, binopFillModifiers: true, unquotedUtf8Names: true },
  delayedNameRemoval: true,
};

/** What Prometheus has, by default, and we do not. Of service discovery we have `file` and `static`. */
const NOT_OURS: ReadonlySet<string> = new Set([
  ...['api.openapi_3.1', 'api.openapi_3.2', 'api.search_fuzz_alg_jarowinkler', 'api.search_fuzz_alg_subsequence'],
  ...['prometheus.stringlabels', 'tsdb.xor2_encoding', 'ui.ui_v3'],
]);

async function features(turnedOn?: Features): Promise<Sections> {
  const world = await openApiWorld({ nowMs: 0, deps: { features: turnedOn } });
  const { json } = await answerOf(world.get('/api/v1/features'));
  assert.equal(json.status, 'success');
  return json.data;
}

test('the features say what is turned on', async () => {
  const [none, all] = await Promise.all([features(), features(ALL_PROMQL)]);
  for (const [section, name] of [
    ['promql', 'delayed_name_removal'],
    ['promql', 'fill_left'],
    ['promql_functions', 'info'],
    ['promql_operators', 'limit_ratio'],
  ]) {
    assert.deepEqual([none[section][name], all[section][name]], [false, true], name);
  }
  assert.equal(none.promql_functions.rate, true);
});

for (const [name, turnedOn] of [
  ['default', NO_FEATURES],
  ['promql-all', ALL_PROMQL],
] as const) {
  const path = `conformance/api/features.${name}.json`;
  test(`the features are named as Prometheus does: ${name}`, { skip: skipWithout(path) }, async () => {
    const golden: Sections = JSON.parse(readFileSync(sharedData(path)!, 'utf8')).data;
    const actual = await features(turnedOn);
    assert.deepEqual(Object.keys(actual), Object.keys(golden));
    for (const [section, expected] of Object.entries(golden)) {
      if (section === 'service_discovery_providers') continue;
      const ours = Object.entries(expected).map(([key, value]) => [key, value && !NOT_OURS.has(`${section}.${key}`)]);
      assert.deepEqual(actual[section], Object.fromEntries(ours), section);
      assert.deepEqual(Object.keys(actual[section]), Object.keys(expected), section);
    }
  });
}
