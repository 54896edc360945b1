import { createClientPool } from '#shared/adapters/aws/client-pool.ts';
import { S3 } from '#shared/adapters/aws/clients.ts';
import { createObjectExpiry, type ObjectExpiry } from '#shared/adapters/aws/object-expiry.ts';
import { createS3ObjectStore } from '#shared/adapters/aws/object-store.ts';
import { ENVIRONMENT } from '#shared/adapters/aws/schema.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';

/** The bucket alone, for a function that may touch nothing else.
 *  @throws {TypeError} When the environment does not name it. */
export function openObjects(): { readonly objects: ObjectStore; readonly expiry: ObjectExpiry } {
  const bucket = process.env[ENVIRONMENT.bucketName];
  if (!bucket) throw new TypeError(`Cannot start: environment variable ${ENVIRONMENT.bucketName} is not set`);
  const backoff = { clock: createSystemClock(), random: createSystemRandom() };
  const client = createClientPool(process.env).of(S3);
  return { objects: createS3ObjectStore({ client, bucket, backoff }), expiry: createObjectExpiry({ client, bucket }) };
}
