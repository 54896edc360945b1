import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFloatGeneral, formatFloatJson, formatFloatPlain, formatFloatScientific } from '#shared/model/float.ts';

test('floats print as in Go', () => {
  const table: { input: number; plain: string; json: string; general: string; scientific: string }[] = [
    { input: 0, plain: '0', json: '0', general: '0', scientific: '0e+00' },
    { input: -0, plain: '-0', json: '-0', general: '-0', scientific: '-0e+00' },
    { input: 1, plain: '1', json: '1', general: '1', scientific: '1e+00' },
    { input: -1.5, plain: '-1.5', json: '-1.5', general: '-1.5', scientific: '-1.5e+00' },
    { input: 999_999, plain: '999999', json: '999999', general: '999999', scientific: '9.99999e+05' },
    { input: 1e6, plain: '1000000', json: '1000000', general: '1e+06', scientific: '1e+06' },
    {
      input: 123_456_789,
      plain: '123456789',
      json: '123456789',
      general: '1.23456789e+08',
      scientific: '1.23456789e+08',
    },
    { input: 0.0001, plain: '0.0001', json: '0.0001', general: '0.0001', scientific: '1e-04' },
    { input: 0.00001, plain: '0.00001', json: '0.00001', general: '1e-05', scientific: '1e-05' },
    { input: 1.5e-7, plain: '0.00000015', json: '1.5e-07', general: '1.5e-07', scientific: '1.5e-07' },
    { input: 1e-6, plain: '0.000001', json: '0.000001', general: '1e-06', scientific: '1e-06' },
    { input: 1e20, plain: `1${'0'.repeat(20)}`, json: `1${'0'.repeat(20)}`, general: '1e+20', scientific: '1e+20' },
    { input: 1e21, plain: `1${'0'.repeat(21)}`, json: '1e+21', general: '1e+21', scientific: '1e+21' },
    { input: 1.5e300, plain: `15${'0'.repeat(299)}`, json: '1.5e+300', general: '1.5e+300', scientific: '1.5e+300' },
    { input: 5e-324, plain: `0.${'0'.repeat(323)}5`, json: '5e-324', general: '5e-324', scientific: '5e-324' },
    {
      input: 0.1 + 0.2,
      plain: '0.30000000000000004',
      json: '0.30000000000000004',
      general: '0.30000000000000004',
      scientific: '3.0000000000000004e-01',
    },
    { input: Number.NaN, plain: 'NaN', json: 'NaN', general: 'NaN', scientific: 'NaN' },
    { input: Number.POSITIVE_INFINITY, plain: '+Inf', json: '+Inf', general: '+Inf', scientific: '+Inf' },
    { input: Number.NEGATIVE_INFINITY, plain: '-Inf', json: '-Inf', general: '-Inf', scientific: '-Inf' },
  ];
  for (const { input, plain, json, general, scientific } of table) {
    assert.equal(formatFloatPlain(input), plain);
    assert.equal(formatFloatJson(input), json);
    assert.equal(formatFloatGeneral(input), general);
    assert.equal(formatFloatScientific(input), scientific);
  }
});

test('every form reads back as the same float', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const format of [formatFloatPlain, formatFloatJson, formatFloatGeneral, formatFloatScientific]) {
        assert.ok(Object.is(Number(format(value)), value), `${value} as ${format(value)}`);
      }
      assert.doesNotMatch(formatFloatPlain(value), /e/);
    }),
    { seed: 1, numRuns: 1000 },
  );
});
