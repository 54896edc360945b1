import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readContext } from '../../infra/context.ts';

const read = (flags: Readonly<Record<string, unknown>>) => readContext((name) => flags[name]);

test('readContext() has defaults for all flags', () => {
  assert.deepEqual(read({}), {
    stage: 'Emberwatch',
    configurationFolder: 'infra/configuration',
    alertEmails: [],
    operatorEmails: [],
    retention: '15d',
    features: '',
    externalUrl: undefined,
    logLevel: 'info',
    emulator: { disposable: false, withoutSite: false, loopbackTargets: false },
  });
});

test('readContext() reads flags as the command line and cdk.json give them', () => {
  const cases: readonly { input: Record<string, unknown>; expected: Partial<ReturnType<typeof read>> }[] = [
    {
      input: { alertEmails: 'a@b.c, d@e.f' },
      expected: { alertEmails: ['a@b.c', 'd@e.f'], operatorEmails: ['a@b.c', 'd@e.f'] },
    },
    {
      input: { alertEmails: ['a@b.c'], operatorEmails: 'o@p.q' },
      expected: { alertEmails: ['a@b.c'], operatorEmails: ['o@p.q'] },
    },
    {
      input: { emulator: 'true' },
      expected: { emulator: { disposable: true, withoutSite: true, loopbackTargets: true } },
    },
    {
      input: { emulator: false },
      expected: { emulator: { disposable: false, withoutSite: false, loopbackTargets: false } },
    },
    { input: { externalUrl: 'https://watch.example.com/' }, expected: { externalUrl: 'https://watch.example.com' } },
    { input: { features: 'use-start-timestamps' }, expected: { features: 'use-start-timestamps' } },
    { input: { logLevel: 'debug' }, expected: { logLevel: 'debug' } },
    { input: { retention: '30d', stage: 'Test' }, expected: { retention: '30d', stage: 'Test' } },
  ];
  for (const { input, expected } of cases) assert.deepEqual({ ...read(input), ...expected }, read(input));
});

test('readContext() names the flag that it cannot read', () => {
  const cases: readonly { input: Record<string, unknown>; expected: RegExp }[] = [
    { input: { emulator: 'yes' }, expected: /"emulator": got "yes", expected true or false/ },
    { input: { alertEmails: 'somebody' }, expected: /"alertEmails": got "somebody", expected e-mail addresses/ },
    { input: { retention: '5m' }, expected: /"retention": got "5m", expected a duration of at least 1d/ },
    { input: { retention: 'x' }, expected: /"retention": got "x"/ },
    { input: { stage: '1' }, expected: /"stage": got "1"/ },
    { input: { externalUrl: 'here' }, expected: /"externalUrl": got "here"/ },
    { input: { features: 'promql-typo' }, expected: /"features".*which "promql-typo" has not/ },
    { input: { logLevel: 'loud' }, expected: /"logLevel": got "loud"/ },
    { input: { config: 5 }, expected: /"config": got 5/ },
  ];
  for (const { input, expected } of cases) assert.throws(() => read(input), expected);
});
