import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runScript } from '#test/support/promql-script-runner.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

/** Upstream's scripts and how many of their eval commands pass. A number may only rise; the others are refused because of
 *  a feature that is not supported yet, which the test prints. None may give a wrong result. */
const SCRIPTS: readonly { readonly file: string; readonly passing: number }[] = [
  { file: 'aggregators', passing: 131 },
  { file: 'collision', passing: 2 },
  { file: 'duration_expression', passing: 59 },
  { file: 'extended_vectors', passing: 31 },
  { file: 'fill-modifier', passing: 50 },
  { file: 'functions', passing: 401 },
  { file: 'histograms', passing: 100 },
  { file: 'info', passing: 0 },
  { file: 'literals', passing: 25 },
  { file: 'name_label_dropping', passing: 30 },
  { file: 'native_histograms', passing: 9 },
  { file: 'operators', passing: 142 },
  { file: 'start_timestamps', passing: 0 },
  { file: 'unquoted_utf8_names', passing: 27 },
];

/** Our own scripts, run with names dropped at once, which is the default of the server and not of upstream's scripts. */
const OWN_SCRIPTS = ['name-dropping', 'selectors', 'subqueries'];

for (const file of OWN_SCRIPTS) {
  test(`the engine gives the results of our ${file}.test`, async () => {
    const text = readFileSync(new URL(`promql/${file}.test`, import.meta.url), 'utf8');
    const { passed, failures, skipped } = await runScript(text, { delayedNameRemoval: false });
    assert.deepEqual(failures, []);
    assert.equal(skipped.size, 0);
    assert.ok(passed > 0);
  });
}

for (const { file, passing } of SCRIPTS) {
  const path = `conformance/promql/${file}.test`;
  test(`the engine gives the results of ${file}.test`, { skip: skipWithout(path) }, async (t) => {
    const { passed, failures, skipped } = await runScript(readFileSync(sharedData(path)!, 'utf8'));
    for (const [reason, count] of skipped) t.diagnostic(`${count} skipped: ${reason}`);
    t.diagnostic(`${passed} passed`);
    assert.deepEqual(failures, []);
    assert.ok(passed >= passing, `${passed} passed, expected at least ${passing}`);
  });
}
