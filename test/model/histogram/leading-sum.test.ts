import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasOverflow } from '#shared/model/histogram/arithmetic.ts';
import {
  addCompensated,
  type CompensatedHistogram,
  compensatedTotal,
  divideCompensated,
} from '#shared/model/histogram/compensated.ts';
import { LeadingSum } from '#shared/model/histogram/leading-sum.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { alikeHistograms, histograms } from './arbitrary.ts';
import { plain, sample } from './sample.ts';

function added(list: readonly Histogram[]): CompensatedHistogram {
  let total: CompensatedHistogram = { histogram: list[0] };
  for (const one of list.slice(1)) total = addCompensated(total, one)!;
  return total;
}

test('LeadingSum adds what addCompensated() adds, as far as it goes', () => {
  const leading = new LeadingSum();
  let longest = 0;
  const property = fc.property(
    fc.oneof(alikeHistograms(), histograms()),
    fc.integer({ min: 1, max: 9 }),
    (list, divisor) => {
      leading.start(list[0]);
      let length = 1;
      while (length < list.length && leading.add(list[length])) length++;
      longest = Math.max(longest, length);
      const expected = added(list.slice(0, length));
      assert.ok(length === 1 || !hasOverflow(expected.histogram));
      assert.deepEqual(plain(compensatedTotal(leading.total())), plain(compensatedTotal(expected)));
      assert.deepEqual(plain(leading.finish(divisor)), plain(compensatedTotal(divideCompensated(expected, divisor))));
      if (length === list.length) return;
      // The sum goes on from there.
      const rest = list.slice(length).reduce((total, one) => addCompensated(total, one)!, leading.total());
      assert.deepEqual(plain(compensatedTotal(rest)), plain(compensatedTotal(added(list))));
    },
  );
  fc.assert(property, { seed: 2, numRuns: 1000 });
  assert.ok(longest > 4);
});

test('LeadingSum.add() refuses other buckets, and a number that would become infinite', () => {
  const first = sample({ count: Number.MAX_VALUE, positive: [[1, 1]] });
  const cases: readonly { readonly name: string; readonly other: Histogram; readonly expected: boolean }[] = [
    { name: 'alike', other: { ...first, count: 1 }, expected: true },
    { name: 'too large', other: first, expected: false },
    { name: 'other buckets', other: { ...sample({ positive: [[2, 1]] }), count: 1 }, expected: false },
    { name: 'another schema', other: { ...first, count: 1, schema: 1 }, expected: false },
  ];
  for (const { name, other, expected } of cases) {
    const leading = new LeadingSum();
    leading.start(first);
    assert.equal(leading.add(other), expected, name);
  }
});
