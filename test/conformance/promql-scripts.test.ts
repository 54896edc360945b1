import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runScript } from '#test/support/promql-script-runner.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

const UPSTREAM = 'conformance/promql';
const OWN = fileURLToPath(new URL('promql', import.meta.url));

/** Our own scripts that are not written for upstream's runner but for the defaults of the server: names are dropped at once. */
const FOR_DEFAULTS: ReadonlySet<string> = new Set(['name-dropping.test', 'selectors.test', 'subqueries.test']);

test('upstream has scripts to run', { skip: skipWithout(UPSTREAM) }, () => {
  assert.ok(scriptsIn(sharedData(UPSTREAM)!).length > 0);
});

for (const file of scriptsIn(sharedData(UPSTREAM))) {
  test(`the engine gives the results of upstream's ${basename(file)}`, async (t) => {
    const { passed, failures } = await runScript(readFileSync(file, 'utf8'));
    t.diagnostic(`${passed} passed`);
    assert.deepEqual(failures, []);
    assert.ok(passed > 0);
  });
}

for (const file of scriptsIn(OWN)) {
  test(`the engine gives the results of our ${basename(file)}`, async () => {
    const options = FOR_DEFAULTS.has(basename(file)) ? { delayedNameRemoval: false, useStartTimestamps: false } : {};
    const { passed, failures } = await runScript(readFileSync(file, 'utf8'), options);
    assert.deepEqual(failures, []);
    assert.ok(passed > 0);
  });
}

function scriptsIn(folder: string | undefined): string[] {
  return folder === undefined ? [] : globSync(`${folder}/*.test`).sort();
}
