import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bill, managedPrometheusUsd, totalUsd, usesOfRequests } from '#shared/cost/bill.ts';
import { parsePriceList } from '#shared/cost/price-list.ts';
import { extrapolate, Usage } from '#shared/cost/usage.ts';

const TEXT = readFileSync(new URL('../../docs/prices.json', import.meta.url), 'utf8');
const PRICES = parsePriceList(TEXT);

test('docs/prices.json can be read, and says of each price where it is from', () => {
  assert.equal(PRICES.region, 'us-east-1');
  for (const [name, { source }] of PRICES.prices) assert.match(source, /^https:\/\/aws\.amazon\.com\//, name);
});

test('parsePriceList() says what is wrong', () => {
  const list = JSON.parse(TEXT);
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ ...list, region: '' }, /region is "", expected a text/],
    [{ ...list, prices: { a: { usd: -1 } } }, /a is -1, expected a number that is not negative/],
    [{ ...list, prices: undefined }, /prices is undefined, expected an object/],
    [{ ...list, managedPrometheus: { ingestion: 1 } }, /ingestion is 1, expected a list/],
  ];
  for (const [value, expected] of cases) assert.throws(() => parsePriceList(JSON.stringify(value)), expected);
});

test('bill() multiplies, the dearest first', () => {
  const requests = [
    { by: 'api', service: 'S3', operation: 'GetObject', about: 'windows', requests: 1e6, units: 1e6, bytes: 0 },
    { by: 'api', service: 'S3', operation: 'DeleteObject', about: 'windows', requests: 1e6, units: 1e6, bytes: 0 },
    { by: 'scrape', service: 'DynamoDB', operation: 'PutItem', about: 'batch', requests: 1, units: 2e6, bytes: 0 },
  ] as const;
  const items = bill(usesOfRequests(requests), PRICES);
  const rounded = items.map(({ by, what, usd }) => [by, what, Number(usd.toFixed(6))]);
  assert.deepEqual(rounded, [
    ['scrape', 'PutItem batch', 1.25],
    ['api', 'GetObject windows', 0.4],
  ]);
  assert.equal(totalUsd(items).toFixed(2), '1.65');
});

test('what has no price is refused', () => {
  const unknown = {
    by: 'a',
    service: 'S3',
    operation: 'CopyObject',
    about: 'a',
    requests: 1,
    units: 1,
    bytes: 0,
  } as const;
  assert.throws(() => usesOfRequests([unknown]), /Cannot price S3\.CopyObject/);
  assert.throws(() => bill([{ by: 'a', price: 'b', what: 'c', quantity: 1 }], PRICES), /no "b"/);
});

test('managedPrometheusUsd() goes through the tiers', () => {
  const cases: readonly (readonly [samples: number, expected: number])[] = [
    [0.88e9, 79.2],
    [17.52e9, 180 + 543.2],
    [1752e9, 180 + 8750 + 24_000],
  ];
  for (const [samples, expected] of cases) {
    const { ingestion } = managedPrometheusUsd({ samples, monthsKept: 0, queriedSamples: 0 }, PRICES.managedPrometheus);
    assert.equal(ingestion.toFixed(2), expected.toFixed(2));
  }
  const all = managedPrometheusUsd({ samples: 2 ** 30, monthsKept: 2, queriedSamples: 1e9 }, PRICES.managedPrometheus);
  assert.deepEqual([all.storage.toFixed(2), all.queries.toFixed(2)], ['0.12', '0.10']);
});

test('extrapolate() keeps what is there once and adds what each shard adds', () => {
  const uses = (fixed: number, each: number) => {
    const usage = new Usage();
    usage.add({ by: 'a', price: 'p', what: 'fixed', quantity: fixed });
    usage.add({ by: 'a', price: 'p', what: 'each', quantity: each });
    return usage.get();
  };
  assert.deepEqual(extrapolate(uses(7, 10), uses(7, 21), 5), uses(7, 54));
});
