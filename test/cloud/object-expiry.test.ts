import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { createAwsClients } from '#shared/adapters/aws/clients.ts';
import { createObjectExpiry } from '#shared/adapters/aws/object-expiry.ts';
import { createS3ObjectStore } from '#shared/adapters/aws/object-store.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import { startTestEmulator, whyUnavailable } from '#test/support/emulator.ts';
import { makeBucket } from './resources.ts';

const unavailable = await whyUnavailable();

describe('object expiry', { skip: unavailable && `no emulator: ${unavailable}` }, () => {
  test('an object keeps its bytes until it goes, and its grace begins once', async () => {
    await using cleanup = new AsyncDisposableStack();
    const emulator = await startTestEmulator();
    cleanup.defer(() => emulator.close());
    const clients = createAwsClients(emulator.environment);
    cleanup.defer(() => clients.close());
    const bucket = await makeBucket(clients, 'emberwatch');
    const client = clients.s3();
    const backoff = { clock: createSystemClock(), random: createSystemRandom() };
    const objects = createS3ObjectStore({ client, bucket, backoff });
    const expiry = createObjectExpiry({ client, bucket });
    const tags = async (Key: string) => {
      const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }));
      return TagSet;
    };
    for (const key of ['config/1/a.yml', 'config/1/a=b/c-d.yml']) {
      await objects.put(key, new TextEncoder().encode('text'));
      assert.deepEqual(await tags(key), []);
      assert.deepEqual([await expiry.expire(key), await expiry.expire(key)], [true, false]);
      assert.deepEqual(await tags(key), [{ Key: 'emberwatch', Value: 'expires' }]);
      assert.equal(new TextDecoder().decode((await objects.get(key))?.body), 'text');
      // That a put takes the tag off an object, as S3 says, the emulator does not do.
    }
    assert.equal(await expiry.expire('config/none'), false);
  });
});
