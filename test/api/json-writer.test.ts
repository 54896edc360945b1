import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JsonPieces, quotePlain } from '#shared/api/json/go-json.ts';
import { encodeJsonChunks } from '#shared/api/json/json-chunks.ts';
import { JsonWriter } from '#shared/api/json/json-writer.ts';
import { resultJson } from '#shared/api/json/result.ts';
import { formatFloatJson } from '#shared/model/float.ts';
import { CUSTOM_BUCKETS_SCHEMA, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import type { ResultValue } from '#shared/promql/engine/result.ts';

const HISTOGRAM: Histogram = {
  counterReset: 'unknown',
  schema: 0,
  zeroThreshold: 0.25,
  zeroCount: 3,
  count: 9,
  sum: -1.5,
  positive: { indexes: Int32Array.of(0, 1, 3), counts: Float64Array.of(2, 0, 1) },
  negative: { indexes: Int32Array.of(1), counts: Float64Array.of(3) },
};
const HISTOGRAM_TEXT =
  '{"count":"9","sum":"-1.5","buckets":[[1,"-2","-1","3"],[3,"-0.25","0.25","3"],[0,"0.5","1","2"],[0,"4","8","1"]]}';

const NO_OBSERVATIONS: Histogram = {
  counterReset: 'unknown',
  schema: CUSTOM_BUCKETS_SCHEMA,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: Number.NaN,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
  customBounds: Float64Array.of(1),
};

test('float() writes what formatFloatJson() gives', () => {
  const write = (value: number) => {
    const out = new JsonWriter();
    out.float(value);
    return out.text();
  };
  const special = [
    0,
    -0,
    1,
    -1,
    0.1,
    0.001,
    0.0005,
    1e-6,
    9.99e-7,
    1e9,
    999_999_999,
    1e12,
    1e12 - 0.001,
    999_999_999_999.999,
  ];
  const more = [
    1e15,
    2 ** 53,
    1e20,
    1e21,
    1e308,
    5e-324,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const value of [...special, ...more]) assert.equal(write(value), `"${formatFloatJson(value)}"`);
  const decimal = fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 6 })).map(([n, k]) => n / 10 ** k);
  const rate = fc.tuple(fc.integer(), fc.integer({ min: 1, max: 1e6 })).map(([n, k]) => n / k);
  const small = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 6 })).map(([n, k]) => n / 10 ** k);
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.double({ min: -1e17, max: 1e17 }), rate, decimal, small), (value) => {
      assert.equal(write(value), `"${formatFloatJson(value)}"`);
    }),
    { seed: 3, numRuns: 5000 },
  );
});

test('quoted() writes what quotePlain() gives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const out = new JsonWriter();
      out.quoted(text);
      assert.equal(out.text(), quotePlain(text));
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('resultJson() writes native histograms', () => {
  const times = Float64Array.of(1000, 2000);
  const cases: readonly { readonly input: ResultValue; readonly expected: string }[] = [
    {
      input: { kind: 'vector', samples: [{ labels: ['a', 'b'], timeMs: 1000, value: 0, histogram: HISTOGRAM }] },
      expected: `[{"metric":{"a":"b"},"histogram":[1,${HISTOGRAM_TEXT}]}]`,
    },
    {
      input: { kind: 'vector', samples: [{ labels: [], timeMs: 1000, value: 0, histogram: NO_OBSERVATIONS }] },
      expected: '[{"metric":{},"histogram":[1,{"count":"0","sum":"NaN"}]}]',
    },
    {
      input: {
        kind: 'matrix',
        series: [
          {
            labels: [],
            timestampsMs: times,
            values: Float64Array.of(1, 2),
            histograms: { timestampsMs: Float64Array.of(3000), values: [HISTOGRAM] },
          },
          {
            labels: [],
            timestampsMs: new Float64Array(),
            values: new Float64Array(),
            histograms: { timestampsMs: times, values: [HISTOGRAM, NO_OBSERVATIONS] },
          },
        ],
      },
      expected:
        `[{"metric":{},"values":[[1,"1"],[2,"2"]],"histograms":[[3,${HISTOGRAM_TEXT}]]},` +
        `{"metric":{},"histograms":[[1,${HISTOGRAM_TEXT}],[2,{"count":"0","sum":"NaN"}]]}]`,
    },
  ];
  for (const { input, expected } of cases) assert.equal(resultJson(input).text, expected);
});

test('encodeJsonChunks() gives a large part chunk by chunk, as it is asked for', () => {
  const timestampsMs = Float64Array.from({ length: 1000 }, (_, i) => i * 1000);
  const series = Array.from({ length: 50 }, (_, i) => ({
    labels: ['n', String(i)],
    timestampsMs,
    values: timestampsMs.map((timeMs) => Math.sin(timeMs + i)),
  }));
  const result = resultJson({ kind: 'matrix', series });
  let asked = 0;
  const counted: JsonPieces = {
    text: result.text,
    *writeTo(out) {
      for (const _ of result.writeTo(out)) {
        asked++;
        yield;
      }
    },
  };
  const chunks = encodeJsonChunks({
    status: 'success',
    data: { resultType: 'matrix', result: counted, stats: undefined },
  });
  const first = chunks.next().value as Uint8Array;
  assert.ok(first.length > 1000 && asked === 1);
  const all = [first, ...chunks];
  assert.ok(all.length > 10);
  const text = Buffer.concat(all).toString();
  assert.equal(text, `{"status":"success","data":{"resultType":"matrix","result":${result.text}}}`);
});
