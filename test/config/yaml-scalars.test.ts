import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBytes, parseGoDuration, resolvePlainScalar } from '#shared/config/yaml-scalars.ts';

test('resolvePlainScalar() sees what go-yaml sees', () => {
  const table = [
    { input: '', expected: { kind: 'null' } },
    { input: '~', expected: { kind: 'null' } },
    { input: 'yes', expected: { kind: 'bool', value: true } },
    { input: 'On', expected: { kind: 'bool', value: true } },
    { input: 'n', expected: { kind: 'bool', value: false } },
    { input: 'OFF', expected: { kind: 'bool', value: false } },
    { input: 'yEs', expected: { kind: 'str', value: 'yEs' } },
    { input: '12', expected: { kind: 'int', value: 12 } },
    { input: '-1_000', expected: { kind: 'int', value: -1000 } },
    { input: '0x1F', expected: { kind: 'int', value: 31 } },
    { input: '0b101', expected: { kind: 'int', value: 5 } },
    { input: '017', expected: { kind: 'int', value: 15 } },
    { input: '1.5e3', expected: { kind: 'float', value: 1500 } },
    { input: '.inf', expected: { kind: 'float', value: Infinity } },
    { input: '-.Inf', expected: { kind: 'float', value: -Infinity } },
    { input: '1.2.3', expected: { kind: 'str', value: '1.2.3' } },
    { input: '15s', expected: { kind: 'str', value: '15s' } },
    { input: '-', expected: { kind: 'str', value: '-' } },
  ];
  for (const { input, expected } of table) assert.deepEqual(resolvePlainScalar(input), expected, input);
});

test('parseGoDuration() reads durations of Go, not of Prometheus', () => {
  const table = [
    { input: '10s', expected: 10_000 },
    { input: '1.5h', expected: 5_400_000 },
    { input: '-300ms', expected: -300 },
    { input: '1h2m3s', expected: 3_723_000 },
    { input: '1µs', expected: 0.001 },
    { input: '0', expected: 0 },
    { input: '1d', expected: undefined },
    { input: '10', expected: undefined },
    { input: '', expected: undefined },
    { input: '.s', expected: undefined },
  ];
  for (const { input, expected } of table) assert.equal(parseGoDuration(input), expected, input);
});

test('parseBytes() reads sizes in powers of 1024', () => {
  const table = [
    { input: '0', expected: 0 },
    { input: '15MB', expected: 15 * 1024 ** 2 },
    { input: '1GiB', expected: 1024 ** 3 },
    { input: '1.5KB', expected: 1536 },
    { input: '1MB512KB', expected: 1024 ** 2 + 512 * 1024 },
    { input: '-1B', expected: -1 },
  ];
  for (const { input, expected } of table) assert.equal(parseBytes(input), expected, input);
});

test('parseBytes() refuses with the words of Prometheus', () => {
  const table = [
    { input: '100', expected: 'units: unknown unit  in 100' },
    { input: '5kB', expected: 'units: unknown unit kB in 5kB' },
    { input: '', expected: 'units: invalid ' },
    { input: 'MB', expected: 'units: invalid MB' },
  ];
  for (const { input, expected } of table) assert.throws(() => parseBytes(input), { message: expected });
});
