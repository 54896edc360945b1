import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flags, parseFlags } from '#functions/local/flags.ts';

test('--enable-feature is a list with commas, and repeatable', () => {
  const args = ['--enable-feature=promql-experimental-functions,promql-typo', '--enable-feature=use-start-timestamps'];
  const { features, featureNotices, shown } = parseFlags(args) as Flags;
  assert.equal(features.parser.experimentalFunctions, true);
  assert.equal(features.useStartTimestamps, true);
  assert.equal(features.delayedNameRemoval, false);
  assert.deepEqual(
    featureNotices.map(({ severity, option }) => [severity, option]),
    [
      ['info', 'promql-experimental-functions'],
      ['warn', 'promql-typo'],
      ['info', 'use-start-timestamps'],
    ],
  );
  assert.equal(shown['enable-feature'], 'promql-experimental-functions,promql-typo,use-start-timestamps');
});
