import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationText } from '#shared/template/duration-text.ts';
import { formatTime } from '#shared/template/time-layout.ts';
import { parseTime } from '#shared/template/time-parse.ts';
import { inZone, makeTime, timeFromMs, zeroTime } from '#shared/template/time-value.ts';
import { methodText } from '#shared/template/value.ts';
import { fixedZone, loadZone, UTC } from '#shared/template/zone.ts';

const TIME = timeFromMs(Date.UTC(2024, 1, 9, 13, 4, 5, 120));

const LAYOUTS = [
  { layout: '2006-01-02T15:04:05Z07:00', expected: '2024-02-09T13:04:05Z' },
  { layout: 'Mon Jan _2 15:04:05 MST 2006', expected: 'Fri Feb  9 13:04:05 UTC 2024' },
  { layout: 'Monday, 02-January-06 3:4:5 PM pm', expected: 'Friday, 09-February-24 1:4:5 PM pm' },
  { layout: '1/2/06 03h', expected: '2/9/24 01h' },
  { layout: '.000 .999 ,000000 .0000000000', expected: '.120 .12 ,120000 .120000000' },
  { layout: '002 __2 _2006 Janet Month', expected: '040  40 _2024 Janet Month' },
  { layout: '-0700 -07:00 -07 Z0700 -07:00:00 Z07', expected: '+0000 +00:00 +00 Z +00:00:00 Z' },
];

test('formatTime() understands the elements of Go layouts', () => {
  for (const { layout, expected } of LAYOUTS) assert.equal(formatTime(TIME, layout), expected, layout);
});

const ZONES = [
  { name: 'Europe/Paris', expected: '2024-02-09 14:04:05.12 +0100 CET' },
  { name: 'America/New_York', expected: '2024-02-09 08:04:05.12 -0500 EST' },
  { name: 'Asia/Kolkata', expected: '2024-02-09 18:34:05.12 +0530 IST' },
  { name: 'America/Sao_Paulo', expected: '2024-02-09 10:04:05.12 -0300 -03' },
  { name: 'Pacific/Chatham', expected: '2024-02-10 02:49:05.12 +1345 +1345' },
  { name: '', expected: '2024-02-09 13:04:05.12 +0000 UTC' },
];

test('times print in their zone with its abbreviation', () => {
  for (const { name, expected } of ZONES)
    assert.equal(methodText(inZone(TIME, loadZone(name)), 'String'), expected, name);
  const summer = timeFromMs(Date.UTC(2024, 6, 1));
  assert.equal(formatTime(inZone(summer, loadZone('Europe/Paris')), 'MST -07'), 'CEST +02');
  assert.equal(
    formatTime(inZone(zeroTime(), loadZone('Europe/Paris')), '2006-01-02 15:04:05 MST'),
    '0001-01-01 00:09:21 LMT',
  );
});

test('loadZone() refuses names that are no zone', () => {
  for (const name of ['Nope/Zone', '+01:00', 'x y']) {
    assert.throws(() => loadZone(name), { name: 'FunctionError', message: `unknown time zone ${name}` });
  }
  for (const name of ['../etc', '/etc', '\\x'])
    assert.throws(() => loadZone(name), { message: 'time: invalid location name' });
});

const PARSES = [
  { layout: '2006-01-02', value: '2024-02-29', expected: '2024-02-29 00:00:00 +0000 UTC' },
  {
    layout: '2006-01-02T15:04:05Z07:00',
    value: '2024-02-29T10:11:12.5+02:00',
    expected: '2024-02-29 10:11:12.5 +0200 +0200',
  },
  { layout: '2006-01-02 15:04:05 MST', value: '2024-02-29 10:11:12 CET', expected: '2024-02-29 10:11:12 +0000 CET' },
  { layout: 'Jan _2 2006 3:04PM', value: 'Feb  9 2024 1:05PM', expected: '2024-02-09 13:05:00 +0000 UTC' },
  { layout: '2006-002', value: '2024-060', expected: '2024-02-29 00:00:00 +0000 UTC' },
  { layout: '06', value: '69', expected: '1969-01-01 00:00:00 +0000 UTC' },
];

test('parseTime() reads what the layout says', () => {
  for (const { layout, value, expected } of PARSES) {
    const { seconds, nanos, zone } = parseTime(layout, value);
    assert.equal(methodText(makeTime(seconds, nanos, zone), 'String'), expected, value);
  }
});

const FAILURES = [
  { layout: '2006-01-02', value: 'abc', message: 'parsing time "abc" as "2006-01-02": cannot parse "abc" as "2006"' },
  { layout: '2006-01-02', value: '2024-13-01', message: 'parsing time "2024-13-01": month out of range' },
  { layout: '2006-01-02', value: '2024-02-30', message: 'parsing time "2024-02-30": day out of range' },
  {
    layout: '2006-01-02',
    value: '2024/01/02',
    message: 'parsing time "2024/01/02" as "2006-01-02": cannot parse "/01/02" as "-"',
  },
  { layout: '2006', value: '2024x', message: 'parsing time "2024x": extra text: "x"' },
  { layout: '15h', value: '24h', message: 'parsing time "24h": hour out of range' },
  {
    layout: '2006 é',
    value: 'é',
    message: 'parsing time "\\xc3\\xa9" as "2006 \\xc3\\xa9": cannot parse "\\xc3\\xa9" as "2006"',
  },
];

test('parseTime() says what it cannot read with the words of Go', () => {
  for (const { layout, value, message } of FAILURES)
    assert.throws(() => parseTime(layout, value), { name: 'SyntaxError', message });
});

test('parseTime() reads what formatTime() writes', () => {
  const layout = '2006-01-02T15:04:05.000000000Z07:00';
  const seconds = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 });
  const offset = fc.integer({ min: -24 * 60, max: 24 * 60 }).map((minutes) => minutes * 60);
  const property = fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), offset, (at, nanos, east) => {
    fc.pre(at + east >= -62_167_219_200 && at + east <= 253_402_300_799);
    const time = makeTime(at, nanos, east === 0 ? UTC : fixedZone('', east));
    const { seconds: readSeconds, nanos: readNanos } = parseTime(layout, formatTime(time, layout));
    assert.deepEqual([readSeconds, readNanos], [at, nanos]);
  });
  fc.assert(property, { seed: 7, numRuns: 500 });
});

const DURATIONS = [
  { nanos: 0n, expected: '0s' },
  { nanos: 1n, expected: '1ns' },
  { nanos: 1500n, expected: '1.5µs' },
  { nanos: -2_000_000n, expected: '-2ms' },
  { nanos: 90_500_000_000n, expected: '1m30.5s' },
  { nanos: 3_600_000_000_000n, expected: '1h0m0s' },
  { nanos: -0x8000000000000000n, expected: '-2562047h47m16.854775808s' },
];

test('durationText() writes durations as Go does', () => {
  for (const { nanos, expected } of DURATIONS) assert.equal(durationText(nanos), expected);
});
