import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEgress, readSettings } from '#functions/aws/lambda-settings.ts';

test('readSettings() reads the environment', () => {
  const settings = readSettings({ EXTERNAL_URL: 'https://watch.example.com/', RETENTION: '30d', A: 'b' });
  assert.equal(settings.externalUrl, 'https://watch.example.com');
  assert.equal(settings.retentionMs, 30 * 86_400_000);
  assert.equal(settings.env('A'), 'b');
  assert.equal(readSettings({ EXTERNAL_URL: 'https://a' }).retentionMs, 15 * 86_400_000);
  const featured = readSettings({ EXTERNAL_URL: 'https://a', ENABLE_FEATURE: 'promql-experimental-functions' });
  assert.equal(featured.features.parser.experimentalFunctions, true);
  assert.equal(settings.features.parser.experimentalFunctions, false);
});

test('readSettings() names what it cannot read', () => {
  const cases: readonly { input: Record<string, string>; expected: RegExp }[] = [
    { input: {}, expected: /EXTERNAL_URL is "", expected a URL/ },
    { input: { EXTERNAL_URL: 'here' }, expected: /EXTERNAL_URL is "here"/ },
    { input: { EXTERNAL_URL: 'https://a', RETENTION: 'long' }, expected: /RETENTION is "long", expected a duration/ },
  ];
  for (const { input, expected } of cases) assert.throws(() => readSettings(input), expected);
});

test('the loopback is closed unless the environment opens it', () => {
  assert.deepEqual(readEgress({}), { allowLoopback: false });
  assert.deepEqual(readEgress({ ALLOW_LOOPBACK: 'true' }), { allowLoopback: true });
});
