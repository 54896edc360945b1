import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { divideHistogram, hasOverflow } from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import {
  addCompensated,
  type CompensatedHistogram,
  compensatedTotal,
  divideCompensated,
  multiplyCompensated,
} from '#shared/model/histogram/compensated.ts';
import { CommonLayout } from '#shared/model/histogram/layout.ts';
import { createRows, RESET_CODES, RowSizes, RowWriter, rowWidth } from '#shared/model/histogram/rows.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { createAccumulator } from '#shared/promql/engine/accumulator.ts';
import { seriesOfRows, type VectorSeries } from '#shared/promql/engine/value.ts';
import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { alikeHistograms, histograms } from '#test/model/histogram/arbitrary.ts';
import { plain } from '#test/model/histogram/sample.ts';

const STEPS = 3;

/** A series with these samples at the first steps, as rows if that is asked for and they fit. */
function seriesOf(list: readonly Histogram[], { asRows, skips }: { asRows: boolean; skips: number }): VectorSeries {
  const own = { labels: ['a', 'b'], dropName: false };
  const present = Uint8Array.from({ length: STEPS }, (_, k) => (k < list.length && k !== skips ? 1 : 0));
  const column = { values: new Float64Array(STEPS), present };
  const common = new CommonLayout();
  if (!asRows || !list.every((one) => common.take(one))) {
    return { ...own, ...column, histograms: Array.from({ length: STEPS }, (_, k) => list[k]) };
  }
  const rows = createRows(common.layout!, STEPS);
  const writer = new RowWriter(common.layout!);
  const width = rowWidth(common.layout!);
  for (const [k, one] of list.slice(0, STEPS).entries()) {
    writer.write(one, rows.numbers.subarray(k * width, (k + 1) * width));
    rows.resets[k] = RESET_CODES[one.counterReset];
    new RowSizes(rows).write(k);
  }
  return seriesOfRows(own, column, rows);
}

function meanOf(list: readonly Histogram[]): CompensatedHistogram {
  let total: CompensatedHistogram = { histogram: list[0] };
  for (let i = 1; i < list.length; i++) {
    const sum = addCompensated(total, list[i])!;
    if (hasOverflow(sum.histogram)) return incrementalMean(divideCompensated(total, i), list, i);
    total = sum;
  }
  return divideCompensated(total, list.length);
}

function incrementalMean(start: CompensatedHistogram, list: readonly Histogram[], from: number): CompensatedHistogram {
  let mean = start;
  for (let i = from; i < list.length; i++) {
    mean = addCompensated(multiplyCompensated(mean, i / (i + 1)), divideHistogram(list[i], i + 1))!;
  }
  return mean;
}

function sumOf([first, ...rest]: readonly Histogram[]): CompensatedHistogram {
  return rest.reduce((total: CompensatedHistogram, one) => addCompensated(total, one)!, { histogram: first });
}

test('sums and means of histograms are those of addCompensated(), in rows or not', () => {
  const member = fc.record({
    list: fc.oneof(histograms(), alikeHistograms()),
    asRows: fc.boolean(),
    skips: fc.integer({ min: 0, max: 6 }),
  });
  const accumulators = (['sum', 'avg'] as const).map((op) => {
    const expr = parseExpr(`${op}(m)`) as AggregateExpr;
    return { op, accumulator: createAccumulator(op, STEPS, { expr, annotate: () => {} }) };
  });
  const property = fc.property(fc.array(member, { minLength: 1, maxLength: 5 }), (members) => {
    const series = members.map(({ list, ...options }) => seriesOf(list, options));
    for (const { op, accumulator } of accumulators) {
      for (const one of series) accumulator.add(one);
      const { present, histograms: found, rows } = accumulator.finish();
      const column =
        rows === undefined
          ? found
          : seriesOfRows({ labels: [], dropName: false }, { values: new Float64Array(STEPS), present }, rows)
              .histograms;
      for (let k = 0; k < STEPS; k++) {
        const there = series.flatMap((one) => (one.present[k] === 1 ? [one.histograms![k]!] : []));
        assert.equal(present[k], there.length > 0 ? 1 : 0);
        if (there.length === 0) continue;
        const expected = compactHistogram(compensatedTotal(op === 'sum' ? sumOf(there) : meanOf(there)));
        assert.deepEqual(plain(column![k]!), plain(expected));
      }
    }
  });
  fc.assert(property, { seed: 3, numRuns: 1000 });
});

test('a group with a float before, between or after histograms has no sum', () => {
  const histogram = fc.sample(alikeHistograms(), { seed: 4, numRuns: 1 })[0][0];
  const inRows = seriesOf([histogram, histogram, histogram], { asRows: true, skips: -1 });
  const float: VectorSeries = {
    labels: [],
    dropName: false,
    values: new Float64Array(STEPS),
    present: Uint8Array.of(1, 0, 0),
  };
  const expr = parseExpr('sum(m)') as AggregateExpr;
  for (const series of [
    [float, inRows],
    [inRows, float],
    [inRows, float, inRows],
  ]) {
    const remarks: string[] = [];
    const accumulator = createAccumulator('sum', STEPS, { expr, annotate: ({ text }) => remarks.push(text) });
    for (const one of series) accumulator.add(one);
    assert.deepEqual([...accumulator.finish().present], [0, 1, 1]);
    assert.equal(remarks.length, 1);
    accumulator.add(float);
    assert.deepEqual([...accumulator.finish().present], [1, 0, 0]);
  }
});
