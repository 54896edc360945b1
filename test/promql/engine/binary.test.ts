import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CounterReset, Histogram } from '#shared/model/histogram.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import type { Annotation } from '#shared/promql/engine/annotations.ts';
import { applyBinary } from '#shared/promql/engine/binary.ts';
import { finishWork, type OperatorContext } from '#shared/promql/engine/operator-context.ts';
import { QueryError } from '#shared/promql/engine/query-error.ts';
import type { VectorSeries, VectorValue } from '#shared/promql/engine/value.ts';
import type { BinaryExpr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';

/** A sample a step; `undefined` where there is none. */
type Samples = readonly (number | Histogram | undefined)[];

function series(labels: Record<string, string>, samples: Samples): VectorSeries {
  const floats = {
    labels: labelsFromRecord(labels),
    dropName: false,
    values: Float64Array.from(samples, (sample) => (typeof sample === 'number' ? sample : 0)),
    present: Uint8Array.from(samples, (sample) => (sample === undefined ? 0 : 1)),
  };
  const histograms = samples.map((sample) => (typeof sample === 'object' ? sample : undefined));
  return histograms.every((one) => one === undefined) ? floats : { ...floats, histograms };
}

function histogram(counterReset: CounterReset): Histogram {
  const positive = { indexes: Int32Array.of(1), counts: Float64Array.of(2) };
  const negative = { indexes: new Int32Array(0), counts: new Float64Array(0) };
  return { counterReset, schema: 0, zeroThreshold: 0, zeroCount: 0, count: 2, sum: 3, positive, negative };
}

interface Outcome {
  readonly series: readonly { readonly labels: readonly string[]; readonly samples: Samples }[];
  readonly remarks: readonly string[];
}

function apply(query: string, lhs: readonly VectorSeries[], rhs: readonly VectorSeries[], steps: number): Outcome {
  const remarks: Annotation[] = [];
  const context: OperatorContext = { steps, delayedNameRemoval: false, annotate: (one) => remarks.push(one) };
  const expr = parseExpr(query, { binopFillModifiers: true }) as BinaryExpr;
  const vector = (of: readonly VectorSeries[]): VectorValue => ({ kind: 'vector', series: of });
  const value = finishWork(applyBinary(vector(lhs), vector(rhs), expr, context)) as VectorValue;
  return { series: value.series.map(toOutcome), remarks: remarks.map(({ text }) => text) };
}

function toOutcome({ labels, present, values, histograms }: VectorSeries) {
  const samples = Array.from(present, (bit, k) => (bit === 0 ? undefined : (histograms?.[k] ?? values[k])));
  return { labels, samples };
}

test('series of one match group may follow each other in time', () => {
  const lhs = [series({ __name__: 'a', x: '1' }, [1, undefined]), series({ __name__: 'b', x: '1' }, [undefined, 2])];
  const rhs = [series({ __name__: 'c', x: '1' }, [10, undefined]), series({ __name__: 'd', x: '1' }, [undefined, 20])];
  assert.deepEqual(apply('a + b', lhs, rhs, 2).series, [{ labels: ['x', '1'], samples: [11, 22] }]);
});

test('ambiguous matches are refused, in the words of the earliest step', () => {
  const one = series({ __name__: 'c', x: '1' }, [1, 1]);
  const both = [
    series({ __name__: 'a', x: '1', y: '1' }, [1, 1]),
    series({ __name__: 'a', x: '1', y: '2' }, [undefined, 1]),
  ];
  const cases = [
    {
      query: 'a + on(x) b',
      lhs: both,
      rhs: [one],
      expected: 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    },
    {
      query: 'a + on(x) b',
      lhs: [one],
      rhs: both,
      expected:
        'found duplicate series for the match group {x="1"} on the right hand-side of the operation: ' +
        '[{__name__="a", x="1", y="1"}, {__name__="a", x="1", y="2"}]' +
        ';many-to-many matching not allowed: matching labels must be unique on one side',
    },
    {
      query: 'a + on(x) group_left(y) b',
      lhs: both,
      rhs: [one],
      expected: 'multiple matches for labels: grouping labels must ensure unique matches',
    },
  ];
  for (const { query, lhs, rhs, expected } of cases) {
    assert.throws(
      () => apply(query, lhs, rhs, 2),
      (error: unknown) => error instanceof QueryError && error.message === expected,
      query,
    );
  }
});

test('colliding counter resets drop the result; of the remarks of a step the last stays', () => {
  const lhs = [
    series({ x: '1' }, [histogram('reset'), 1, histogram('reset')]),
    series({ x: '2' }, [histogram('unknown'), 1, 1]),
  ];
  const rhs = [series({ x: '1' }, [histogram('not-reset'), 2, histogram('not-reset')]), series({ x: '2' }, [1, 2, 1])];
  const { series: results, remarks } = apply('a - b', lhs, rhs, 3);
  assert.deepEqual(results, [
    { labels: ['x', '1'], samples: [undefined, -1, undefined] },
    { labels: ['x', '2'], samples: [undefined, -1, 0] },
  ]);
  assert.deepEqual(remarks, [
    'incompatible sample types encountered for binary operator "-": histogram - float',
    'conflicting counter resets during histogram subtraction',
  ]);
});

test('comparisons between series of equal columns keep the left one without copying it', () => {
  const left = series({ __name__: 'a', x: '1' }, [1, 5]);
  const expr = parseExpr('a > b') as BinaryExpr;
  const context: OperatorContext = { steps: 2, delayedNameRemoval: false, annotate: () => assert.fail() };
  const rhs: VectorValue = { kind: 'vector', series: [series({ __name__: 'b', x: '1' }, [2, 2])] };
  const value = finishWork(applyBinary({ kind: 'vector', series: [left] }, rhs, expr, context)) as VectorValue;
  assert.equal(value.series[0].values, left.values);
  assert.deepEqual([...value.series[0].present], [0, 1]);
});

test('matching can be paused between series', () => {
  const many = Array.from({ length: 100 }, (_, i) => series({ x: String(i) }, [i]));
  const expr = parseExpr('a * b') as BinaryExpr;
  const context: OperatorContext = { steps: 1, delayedNameRemoval: false, annotate: () => assert.fail() };
  const vector: VectorValue = { kind: 'vector', series: many };
  const pauses = [...applyBinary(vector, vector, expr, context)].length;
  assert.ok(pauses >= many.length, `paused ${pauses} times`);
});
