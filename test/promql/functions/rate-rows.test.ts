import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { multiplyHistogram } from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import { histogramOfRow } from '#shared/model/histogram/rows.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { findResets } from '#shared/promql/functions/counter-resets.ts';
import { HistogramChange } from '#shared/promql/functions/histogram-change.ts';
import type { Windows } from '#shared/promql/functions/range-function.ts';
import { RateRows } from '#shared/promql/functions/rate-rows.ts';
import type { Call } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { alikeHistograms, histograms } from '#test/model/histogram/arbitrary.ts';
import { plain, sample } from '#test/model/histogram/sample.ts';

const FACTOR = 0.3;

/** What is looked at of a series. @param remarks Gets what is remarked. */
function windowsOf(list: readonly Histogram[], remarks: string[]): Windows {
  const series = {
    labels: [],
    dropName: false,
    timestampsMs: Float64Array.from(list, (_, i) => i),
    values: new Float64Array(list.length),
    histograms: list,
  };
  const annotate: Windows['annotate'] = ({ text }) => remarks.push(text);
  return { series, call: parseExpr('rate(m[1m])') as Call, annotate } as unknown as Windows;
}

test('RateRows has the changes of HistogramChange, wherever histograms fit', () => {
  let fitting = 0;
  const property = fc.property(fc.oneof(histograms(), alikeHistograms()), fc.boolean(), (list, counter) => {
    const remarks: string[] = [];
    const windows = windowsOf(list, remarks);
    const resets = counter ? findResets(windows.series) : new Int32Array(0);
    const change = new HistogramChange(windows, { counter, resets, overlaps: new Int32Array(0) });
    const rows = RateRows.of(list, { counter, resets, steps: list.length });
    const last = list.length - 1;
    for (let first = 0; first < last; first++) {
      if (!rows?.fits(first, last)) continue;
      fitting++;
      const expected = change.between(first, last)!;
      assert.deepEqual(remarks, []);
      assert.equal(rows.countChange(first, last), expected.count);
      rows.write(first, { first, last }, FACTOR);
      const found = histogramOfRow(rows.rows, first)!;
      assert.deepEqual(plain(found), plain(compactHistogram(multiplyHistogram(expected, FACTOR))));
    }
  });
  fc.assert(property, { seed: 5, numRuns: 2000 });
  assert.ok(fitting > 500, String(fitting));
});

test('RateRows takes no gauges for a counter, and no counters for a gauge', () => {
  const one = sample({ count: 1, positive: [[1, 1]] });
  const cases = [
    { hint: 'gauge', counter: true, expected: false },
    { hint: 'gauge', counter: false, expected: true },
    { hint: 'unknown', counter: true, expected: true },
    { hint: 'unknown', counter: false, expected: false },
  ] as const;
  for (const { hint, counter, expected } of cases) {
    const hinted = Array.from({ length: 2 }, (): Histogram => ({ ...one, counterReset: hint }));
    const rows = RateRows.of(hinted, { counter, resets: new Int32Array(0), steps: 2 });
    assert.equal(rows?.fits(0, 1) ?? false, expected);
  }
});
