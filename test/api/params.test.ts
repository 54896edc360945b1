import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createParams, parseBoolean, parseDurationParam, parseInteger, parseTimestamp } from '#shared/api/params.ts';

test('parseTimestamp() reads seconds and RFC 3339', () => {
  const cases = [
    { input: '0', expected: 0 },
    { input: '1700000000.1234', expected: 1_700_000_000_123 },
    { input: '1700000000.9999', expected: 1_700_000_001_000 },
    { input: '-1.5', expected: -1500 },
    { input: '-0.0005', expected: -1 },
    { input: '1e3', expected: 1_000_000 },
    { input: '0x1p4', expected: 16_000 },
    { input: '2023-11-14T22:13:20Z', expected: 1_700_000_000_000 },
    { input: '2023-11-14T22:13:20.5Z', expected: 1_700_000_000_500 },
    { input: '2023-11-14T22:13:20.000999999Z', expected: 1_700_000_000_000 },
    { input: '2023-11-15T00:13:20+02:00', expected: 1_700_000_000_000 },
    { input: '-292273086-05-16T16:47:06Z', expected: -9_223_309_901_257_974 * 1000 },
    { input: '292277025-08-18T07:12:54.999999999Z', expected: 9_223_309_901_257_974 * 1000 },
  ];
  for (const { input, expected } of cases) assert.equal(parseTimestamp(input), expected, input);
});

test('parseTimestamp() refuses other texts in Prometheus’s words', () => {
  const inputs = [
    '',
    'x',
    'now',
    '1h',
    'NaN',
    'Inf',
    '1e400',
    '1e30',
    '2023-11-14',
    '2023-13-14T22:13:20Z',
    '2023-11-14T22:13:20',
  ];
  for (const input of inputs) {
    assert.throws(() => parseTimestamp(input), {
      name: 'SyntaxError',
      message: `cannot parse ${JSON.stringify(input)} to a valid timestamp`,
    });
  }
});

test('parseDurationParam() reads seconds and durations', () => {
  const cases = [
    { input: '15', expected: 15_000 },
    { input: '0.5', expected: 500 },
    { input: '-1', expected: -1000 },
    { input: '1e-9', expected: 0.000001 },
    { input: '5m', expected: 300_000 },
    { input: '1h30m', expected: 5_400_000 },
    { input: '0', expected: 0 },
  ];
  for (const { input, expected } of cases) assert.equal(parseDurationParam(input), expected, input);
});

test('parseDurationParam() refuses other texts in Prometheus’s words', () => {
  const cases = [
    { input: '', expected: 'cannot parse "" to a valid duration' },
    { input: '1x', expected: 'cannot parse "1x" to a valid duration' },
    { input: '-5m', expected: 'cannot parse "-5m" to a valid duration' },
    { input: '1e300', expected: 'cannot parse "1e300" to a valid duration. It overflows int64' },
    { input: 'NaN', expected: 'cannot parse "NaN" to a valid duration. It overflows int64' },
  ];
  for (const { input, expected } of cases) {
    assert.throws(() => parseDurationParam(input), { name: 'SyntaxError', message: expected });
  }
});

test('parsers throw nothing but their errors', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.-+eETZ:xnaifhms_') }));
  fc.assert(
    fc.property(text, (input) => {
      for (const parse of [parseTimestamp, parseDurationParam, parseInteger, parseBoolean]) {
        try {
          parse(input);
        } catch (error) {
          assert.ok(error instanceof SyntaxError || error instanceof RangeError, String(error));
        }
      }
    }),
    { seed: 7, numRuns: 2000 },
  );
});

test('parameters of the body come before those of the URL', () => {
  const params = createParams(new URLSearchParams('a=1&b=2'), new URLSearchParams('a=3&c=4'));
  assert.equal(params.get('a'), '1');
  assert.deepEqual(params.all('a'), ['1', '3']);
  assert.equal(params.get('c'), '4');
  assert.equal(params.get('d'), '');
});
