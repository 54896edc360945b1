import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenSource } from '#functions/aws/token.ts';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryLogger } from '#shared/adapters/memory/logger.ts';

function world(secret: () => string) {
  const clock = createVirtualClock(0);
  const logger = createMemoryLogger();
  let reads = 0;
  const get = async (reference: string) => {
    assert.equal(reference, 'secretsmanager:arn');
    reads++;
    return secret();
  };
  const token = createTokenSource({ clock, logger, secrets: { get } }, 'secretsmanager:arn');
  return { clock, logger, token, reads: () => reads };
}

test('the token is read once in five minutes, and a new one is taken', async () => {
  let secret = 'old';
  const { clock, token, reads } = world(() => secret);
  assert.deepEqual(token.auth, { token: undefined, loopbackOpen: false });
  await token.refresh();
  await token.refresh();
  assert.deepEqual([token.auth.token, reads()], ['old', 1]);
  secret = 'new';
  await clock.advanceTo(300_000);
  await token.refresh();
  assert.deepEqual([token.auth.token, reads()], ['new', 2]);
});

test('a token that is known outlasts a failure to read it again', async () => {
  let fails = false;
  const { clock, token, logger } = world(() => {
    if (fails) throw new Error('throttled');
    return 'known';
  });
  await token.refresh();
  fails = true;
  await clock.advanceTo(300_000);
  await token.refresh();
  assert.equal(token.auth.token, 'known');
  assert.equal(logger.entries.length, 1);
});

test('without a token nobody is let in', async () => {
  const { token } = world(() => {
    throw new Error('denied');
  });
  await assert.rejects(token.refresh(), /denied/);
  assert.equal(token.auth.token, undefined);
  const ports = { clock: createVirtualClock(0), logger: createMemoryLogger(), secrets: { get: async () => '' } };
  assert.throws(() => createTokenSource(ports, undefined), /API_TOKEN_SECRET is not set/);
});
