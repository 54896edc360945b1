import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeJson, goTime, JsonText, type JsonValue, quotePlain } from '#shared/api/json/go-json.ts';
import { labelsJson, resultJson, timestampText } from '#shared/api/json/result.ts';
import type { ResultValue } from '#shared/promql/engine/result.ts';

test('encodeJson() writes what Go writes', () => {
  const cases: readonly { readonly input: JsonValue; readonly expected: string }[] = [
    { input: null, expected: 'null' },
    { input: '<a>&"b"\n', expected: '"\\u003ca\\u003e\\u0026\\"b\\"\\n"' },
    { input: '\b\f\u0001\\b', expected: '"\\u0008\\u000c\\u0001\\\\b"' },
    { input: '\u2028', expected: '"\\u2028"' },
    { input: 'Grüße 🔥', expected: '"Grüße 🔥"' },
    { input: [1, 0.5, 1e-7, true], expected: '[1,0.5,1e-7,true]' },
    { input: { b: 1, a: undefined, c: [] }, expected: '{"b":1,"c":[]}' },
    { input: { x: new JsonText('{"<":1}') }, expected: '{"x":{"<":1}}' },
  ];
  for (const { input, expected } of cases) assert.equal(encodeJson(input), expected);
});

test('what encodeJson() writes reads back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }), (value) => {
      const expected = JSON.parse(JSON.stringify(value));
      assert.deepEqual(JSON.parse(encodeJson(expected as JsonValue)), expected);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('labels are written without escaping for HTML', () => {
  assert.equal(labelsJson(['a', '<&>', '__proto__', '"']).text, '{"a":"<&>","__proto__":"\\""}');
  assert.equal(quotePlain('\u2028'), '"\u2028"');
});

test('timestampText() has no decimals or three', () => {
  const cases = [
    { input: 0, expected: '0' },
    { input: 1500, expected: '1.500' },
    { input: 1_700_000_000_001, expected: '1700000000.001' },
    { input: 1_700_000_000_050, expected: '1700000000.050' },
    { input: -1, expected: '-0.001' },
    { input: -2500, expected: '-2.500' },
  ];
  for (const { input, expected } of cases) assert.equal(timestampText(input), expected);
});

test('goTime() leaves out zeros at the end', () => {
  const cases = [
    { input: undefined, expected: '0001-01-01T00:00:00Z' },
    { input: 0, expected: '1970-01-01T00:00:00Z' },
    { input: 500, expected: '1970-01-01T00:00:00.5Z' },
    { input: 1_700_000_000_120, expected: '2023-11-14T22:13:20.12Z' },
  ];
  for (const { input, expected } of cases) assert.equal(goTime(input), expected);
});

test('resultJson() writes each kind of result', () => {
  const times = Float64Array.of(1000, 2500);
  const cases: readonly { readonly input: ResultValue; readonly expected: string }[] = [
    { input: { kind: 'scalar', timeMs: 1000, value: 1e-7 }, expected: '[1,"0.0000001"]' },
    { input: { kind: 'string', timeMs: 1500, value: '<' }, expected: '[1.5,"\\u003c"]' },
    { input: { kind: 'vector', samples: [] }, expected: '[]' },
    {
      input: { kind: 'vector', samples: [{ labels: ['a', 'b'], timeMs: 1000, value: Number.NaN }] },
      expected: '[{"metric":{"a":"b"},"value":[1,"NaN"]}]',
    },
    {
      input: {
        kind: 'matrix',
        series: [
          { labels: [], timestampsMs: times, values: Float64Array.of(1e-7, 1e21) },
          { labels: ['a', 'b'], timestampsMs: times, values: Float64Array.of(-0, Number.POSITIVE_INFINITY) },
        ],
      },
      expected:
        '[{"metric":{},"values":[[1,"1e-07"],[2.500,"1e+21"]]},{"metric":{"a":"b"},"values":[[1,"-0"],[2.500,"+Inf"]]}]',
    },
    {
      input: { kind: 'matrix', series: [{ labels: [], timestampsMs: new Float64Array(), values: new Float64Array() }] },
      expected: '[{"metric":{}}]',
    },
  ];
  for (const { input, expected } of cases) assert.equal(resultJson(input).text, expected);
});
