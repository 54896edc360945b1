import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTargetSettings } from '#shared/registry/registered-target.ts';

const DEFAULTS = { scrapeIntervalMs: 15_000, scrapeTimeoutMs: 10_000 };
const ADDRESS = 'localhost:9100';

const parse = (body: unknown) => parseTargetSettings(body, DEFAULTS);

/** `field: problem` each. */
function problems(body: unknown): string[] {
  const parsed = parse(body);
  return parsed.ok ? [] : parsed.problems.map(({ field, problem }) => `${field}: ${problem}`);
}

test('parseTargetSettings() fills in what is not given', () => {
  assert.deepEqual(parse({ address: ADDRESS }), {
    ok: true,
    settings: {
      address: ADDRESS,
      job: 'registered',
      scheme: 'http',
      metricsPath: '/metrics',
      params: {},
      labels: {},
      scrapeIntervalMs: 15_000,
      scrapeTimeoutMs: 10_000,
    },
  });
});

test('parseTargetSettings() takes all fields', () => {
  const body = {
    address: '[2001:db8::1]:443',
    job: 'web',
    scheme: 'https',
    metricsPath: '/probe',
    params: { module: ['a', 'b'], target: 'x' },
    labels: { env: 'prod', __proto__x: undefined },
    scrapeInterval: '1m',
    scrapeTimeout: '1m',
    ttl: '10s',
  };
  delete (body.labels as Record<string, unknown>).__proto__x;
  const parsed = parse(body);
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.settings, {
    address: '[2001:db8::1]:443',
    job: 'web',
    scheme: 'https',
    metricsPath: '/probe',
    params: { module: ['a', 'b'], target: ['x'] },
    labels: { env: 'prod' },
    scrapeIntervalMs: 60_000,
    scrapeTimeoutMs: 60_000,
    ttlMs: 10_000,
  });
});

test('a short interval shortens the default timeout', () => {
  const parsed = parse({ address: ADDRESS, scrapeInterval: '5s' });
  assert.ok(parsed.ok && parsed.settings.scrapeTimeoutMs === 5_000);
});

test('parseTargetSettings() finds all problems', () => {
  const cases: readonly { readonly body: unknown; readonly expected: readonly string[] }[] = [
    { body: null, expected: [': expected an object, got null'] },
    { body: [], expected: [': expected an object, got a list'] },
    { body: 'x', expected: [': expected an object, got string "x"'] },
    { body: {}, expected: ['address: is required, such as "localhost:9100"'] },
    {
      body: { address: 'localhost', scheme: 'ftp', metricsPath: 'metrics', typo: 1 },
      expected: [
        'typo: unknown field, expected one of address, job, scheme, metricsPath, params, labels, scrapeInterval, scrapeTimeout, ttl',
        'address: expected host:port such as "localhost:9100", got "localhost"',
        'scheme: expected http or https, got "ftp"',
        'metricsPath: expected a path that starts with "/", got "metrics"',
      ],
    },
    { body: { address: 7 }, expected: ['address: expected a string, got number 7'] },
    { body: { address: ADDRESS, job: '\ud800' }, expected: ['job: expected valid Unicode'] },
    {
      body: { address: ADDRESS, job: 'x'.repeat(1025) },
      expected: ['job: expected at most 1024 characters, got 1025'],
    },
    {
      body: { address: ADDRESS, labels: { 'a-b': 'x', __address__: 'y', n: 1 } },
      expected: [
        'labels.a-b: expected a label name of letters, digits and "_"',
        'labels.__address__: names that start with "__" are reserved',
        'labels.n: expected a string, got number 1',
      ],
    },
    { body: { address: ADDRESS, labels: ['x'] }, expected: ['labels: expected an object, got a list'] },
    { body: { address: ADDRESS, params: { a: [1] } }, expected: ['params.a: expected a string, got number 1'] },
    {
      body: { address: ADDRESS, scrapeInterval: '500ms', scrapeTimeout: '1s', ttl: '9s' },
      expected: [
        'scrapeInterval: expected whole seconds, at least 1s',
        'scrapeTimeout: expected at most the scrape interval',
        'ttl: expected at least 10s',
      ],
    },
    {
      body: { address: ADDRESS, scrapeInterval: 'soon', scrapeTimeout: '0s' },
      expected: ['scrapeInterval: not a valid duration string: "soon"', 'scrapeTimeout: expected more than 0s'],
    },
    {
      body: { address: ADDRESS, labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, 'x'])) },
      expected: ['labels: expected at most 64 labels, got 65'],
    },
  ];
  for (const { body, expected } of cases) assert.deepEqual(problems(body), expected, JSON.stringify(body));
});

test('addresses', () => {
  const good = ['a:1', 'a.b-c_d:65535', '10.0.0.1:80', '[::1]:80'];
  const bad = ['a', 'a:0', 'a:65536', ':80', 'a b:80', 'http://a:80', 'a:80/x', '::1:80', 'a:80\n', 'a@b:80'];
  for (const address of good) assert.ok(parse({ address }).ok, address);
  for (const address of bad) assert.ok(!parse({ address }).ok, address);
});

test('parseTargetSettings() never throws', () => {
  const fields = [
    'address',
    'job',
    'scheme',
    'metricsPath',
    'params',
    'labels',
    'scrapeInterval',
    'scrapeTimeout',
    'ttl',
  ];
  const body = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue());
  const property = fc.property(fc.oneof(body, fc.jsonValue()), (value) => {
    parse(value);
  });
  fc.assert(property, { seed: 3, numRuns: 500 });
});
