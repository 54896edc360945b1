import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import { CommonLayout, layoutOf } from '#shared/model/histogram/layout.ts';
import {
  createRows,
  histogramOfRow,
  histogramsOfRows,
  RESET_CODES,
  RowReader,
  RowSizes,
  RowWriter,
  rowWidth,
} from '#shared/model/histogram/rows.ts';
import { histogramSizeBytes } from '#shared/model/histogram/size.ts';
import { histograms } from './arbitrary.ts';
import { plain, type Sample, sample } from './sample.ts';

test('CommonLayout takes histograms of one scale whose buckets are outside of the zero bucket', () => {
  const cases: readonly {
    name: string;
    of: readonly Sample[];
    fit: readonly boolean[];
    positive?: readonly number[];
  }[] = [
    { name: 'the same', of: [{ positive: [[1, 2]] }, { positive: [[1, 3]] }], fit: [true, true], positive: [1] },
    {
      name: 'others before, between and after',
      of: [
        { positive: [[1, 2, 2]] },
        {
          positive: [
            [0, 1],
            [4, 5],
          ],
        },
        { positive: [[3, 1]] },
      ],
      fit: [true, true, true],
      positive: [0, 1, 2, 3, 4],
    },
    {
      name: 'another schema',
      of: [{ schema: 1 }, { schema: 0 }, { schema: 1 }],
      fit: [true, false, true],
      positive: [],
    },
    { name: 'another threshold', of: [{ zero: [1, 2] }, { zero: [2, 2] }], fit: [true, false], positive: [] },
    { name: 'a bucket within zero', of: [{ zero: [1, 2], positive: [[0, 1]] }, { zero: [1, 2] }], fit: [false, true] },
    { name: 'a threshold that is NaN', of: [{ zero: [Number.NaN, 1], positive: [[1, 1]] }], fit: [false] },
    { name: 'custom bounds', of: [{ bounds: [1, 2] }, { bounds: [1, 2] }, { bounds: [1] }], fit: [true, true, false] },
    {
      name: 'too many',
      of: [{ positive: [[0, ...Array(400).fill(1)]] }, { positive: [[900, ...Array(400).fill(1)]] }],
      fit: [true, false],
    },
  ];
  for (const { name, of, fit, positive } of cases) {
    const common = new CommonLayout();
    assert.deepEqual(
      of.map((one) => common.take(sample(one))),
      fit,
      name,
    );
    if (positive !== undefined) assert.deepEqual([...(common.layout?.positive ?? [])], positive, name);
  }
});

test('rows hold histograms without their empty buckets', () => {
  const property = fc.property(histograms(), (list) => {
    const common = new CommonLayout();
    const fitting = list.filter((one) => common.take(one));
    if (common.layout === undefined) return;
    const rows = createRows(common.layout, fitting.length + 1);
    const writer = new RowWriter(common.layout);
    const width = rowWidth(common.layout);
    const sizes = new RowSizes(rows);
    for (const [k, one] of fitting.entries()) {
      writer.write(one, rows.numbers.subarray(k * width, (k + 1) * width));
      rows.resets[k] = RESET_CODES[one.counterReset];
      sizes.write(k);
    }
    const reader = new RowReader(rows);
    for (const [k, one] of fitting.entries()) {
      const expected = plain(compactHistogram(one));
      assert.deepEqual(plain(histogramOfRow(rows, k)!), expected);
      assert.deepEqual(plain(reader.read(k)!), expected);
      assert.equal(rows.sizesBytes[k], histogramSizeBytes(compactHistogram(one)));
    }
    assert.equal(reader.read(fitting.length), undefined);
    assert.equal(histogramsOfRows(rows).length, fitting.length + 1);
    assert.equal(histogramsOfRows(rows).at(-1), undefined);
  });
  fc.assert(property, { seed: 1, numRuns: 500 });
});

test('rows hold custom buckets with their bounds', () => {
  const one = sample({ bounds: [1, 2], positive: [[0, 3, 0, 4]], count: 7, sum: 9 });
  const layout = layoutOf(one)!;
  const rows = createRows(layout, 1);
  new RowWriter(layout).write(one, rows.numbers);
  rows.resets[0] = RESET_CODES['not-reset'];
  const expected = sample({
    bounds: [1, 2],
    positive: [
      [0, 3],
      [2, 4],
    ],
    count: 7,
    sum: 9,
    hint: 'not-reset',
  });
  assert.deepEqual(plain(histogramOfRow(rows, 0)!), plain(expected));
});
