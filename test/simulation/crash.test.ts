import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrashKind } from '#test/support/simulation/faults.ts';
import { runCrashes } from '#test/support/simulation/runs.ts';

const THREADS = 2;

const KINDS: readonly { readonly kind: CrashKind; readonly title: string }[] = [
  { kind: 'die', title: 'the process dies after any of its port calls' },
  { kind: 'refuse', title: 'any port call fails without an effect' },
  { kind: 'forget', title: 'any port call that changes something is reported as failed' },
];

for (const { kind, title } of KINDS) {
  test(`${title}: nothing is lost, nothing is doubled`, async (t) => {
    const shares = Array.from({ length: THREADS }, (_, i) =>
      runCrashes({ kind, share: { number: i + 1, of: THREADS } }),
    );
    const summaries = await Promise.all(shares);
    t.diagnostic(`${summaries.reduce((sum, { crashes }) => sum + crashes, 0)} crashes`);
    const failures = summaries.flatMap((summary) => summary.failures);
    assert.equal(failures.length, 0, `${failures.length} failures:\n${failures.slice(0, 20).join('\n')}`);
  });
}
