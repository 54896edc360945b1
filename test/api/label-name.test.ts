import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unescapeLabelName } from '#shared/api/prometheus/label-name.ts';

test('unescapeLabelName() follows upstream', () => {
  const cases = [
    { input: 'job', expected: 'job' },
    { input: 'a.b', expected: 'a.b' },
    { input: 'U__a_2e_b', expected: 'a.b' },
    { input: 'U__a_2E_b', expected: 'a.b' },
    { input: 'U__a__b', expected: 'a_b' },
    { input: 'U___1f525_', expected: '🔥' },
    { input: 'U__', expected: '' },
    { input: 'U__a_', expected: 'U__a_' },
    { input: 'U__a_2e', expected: 'U__a_2e' },
    { input: 'U__a_xy_', expected: 'U__a_xy_' },
    { input: 'U__a_d800_', expected: 'U__a_d800_' },
    { input: 'U__a_01f525_', expected: 'U__a_01f525_' },
    { input: 'U___0_', expected: '\u0000' },
  ];
  for (const { input, expected } of cases) assert.equal(unescapeLabelName(input), expected, input);
});
