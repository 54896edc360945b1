import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type {
  ByteRange,
  ObjectPage,
  ObjectStore,
  PutCondition,
  PutResult,
  StoredObject,
} from '#shared/ports/object-store.ts';
import { checkByteRange, checkObjectKey, listLimit } from '#shared/ports/object-store-rules.ts';
import { type Backoff, MAX_TRIES, waitBeforeTry } from './backoff.ts';
import { awsErrorName, awsErrorStatus, describeAwsError, isTransient, wasRetried } from './errors.ts';

/** An object store in an S3 bucket. The role needs s3:ListBucket: without it S3 answers 403 for an object that is absent. */
export function createS3ObjectStore(options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly backoff: Backoff;
}): ObjectStore {
  return new S3ObjectStore(options.client, options.bucket, options.backoff);
}

/** How often a body is asked for that breaks off. */
const MAX_READS = 3;

class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #backoff: Backoff;

  constructor(client: S3Client, bucket: string, backoff: Backoff) {
    this.#client = client;
    this.#bucket = bucket;
    this.#backoff = backoff;
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    checkObjectKey(key);
    if (range !== undefined) checkByteRange(range);
    for (let tried = 1; ; tried++) {
      try {
        return await this.#read(key, range);
      } catch (error) {
        if (awsErrorStatus(error) === 416) return this.#readNothing(key);
        if (isAbsent(error)) return undefined;
        // The client tries again until the answer begins; after that it is on us.
        if (tried === MAX_READS || !isTransient(error)) throw failure('read', key, error);
        await waitBeforeTry(tried, this.#backoff);
      }
    }
  }

  async put(key: string, body: Uint8Array, condition?: PutCondition): Promise<PutResult> {
    checkObjectKey(key);
    for (let tried = 1; ; tried++) {
      try {
        const { ETag: etag } = await this.#client.send(
          new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, ...conditionHeaders(condition) }),
        );
        return { ok: true, etag: etag! };
      } catch (error) {
        if (isConditionFailure(error, condition)) return await this.#refusal(key, { body, condition, error });
        // 409: another conditional put or a delete is under way, and S3 will not say who wins.
        if (tried === MAX_TRIES || awsErrorStatus(error) !== 409) throw failure('write', key, error);
        await waitBeforeTry(tried, this.#backoff);
      }
    }
  }

  async list(prefix: string, options: { readonly after?: string; readonly limit?: number } = {}): Promise<ObjectPage> {
    const limit = listLimit(options.limit);
    const { after } = options;
    try {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          MaxKeys: limit,
          ...(after && { StartAfter: after }),
        }),
      );
      const objects = (page.Contents ?? []).map((object) => ({
        key: object.Key!,
        sizeBytes: object.Size!,
        etag: object.ETag!,
      }));
      return { objects, ...(page.IsTruncated && objects.length > 0 && { next: objects.at(-1)!.key }) };
    } catch (error) {
      throw failure('list', prefix, error);
    }
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    } catch (error) {
      if (!isAbsent(error)) throw failure('delete', key, error);
    }
  }

  async #read(key: string, range: ByteRange | undefined): Promise<StoredObject> {
    const answer = await this.#client.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...(range && { Range: rangeHeader(range) }) }),
    );
    const bytes = await answer.Body!.transformToByteArray();
    // The SDK's own may be a Buffer.
    const body = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
    return { body, etag: answer.ETag!, sizeBytes: wholeSize(answer) };
  }

  /** S3 has no answer for a range that begins past the end. */
  async #readNothing(key: string): Promise<StoredObject | undefined> {
    try {
      const head = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return { body: new Uint8Array(0), etag: head.ETag!, sizeBytes: head.ContentLength! };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw failure('read', key, error);
    }
  }

  /** A put whose answer was lost is sent again, and then fails on the object that it had itself written. */
  async #refusal(
    key: string,
    put: { readonly body: Uint8Array; readonly condition: PutCondition | undefined; readonly error: unknown },
  ): Promise<PutResult> {
    if (wasRetried(put.error)) {
      const current = await this.get(key);
      if (current !== undefined && sameBytes(current.body, put.body)) return { ok: true, etag: current.etag };
    }
    return { ok: false, reason: put.condition !== undefined && 'ifMatch' in put.condition ? 'changed' : 'exists' };
  }
}

function conditionHeaders(condition: PutCondition | undefined) {
  if (condition === undefined) return {};
  return 'ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: '*' };
}

function isConditionFailure(error: unknown, condition: PutCondition | undefined): boolean {
  if (condition === undefined) return false;
  return awsErrorStatus(error) === 412 || ('ifMatch' in condition && isAbsent(error));
}

/** A missing bucket is not a missing object. */
function isAbsent(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(awsErrorName(error));
}

function rangeHeader({ offset, length }: ByteRange): string {
  return `bytes=${offset}-${Math.min(offset + length - 1, Number.MAX_SAFE_INTEGER)}`;
}

/** `bytes 3-6/10` → 10. */
function wholeSize({ ContentRange, ContentLength }: GetObjectCommandOutput): number {
  return ContentRange === undefined ? ContentLength! : Number(ContentRange.slice(ContentRange.lastIndexOf('/') + 1));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function failure(verb: string, key: string, error: unknown): Error {
  return new Error(`Cannot ${verb} object "${key}": ${describeAwsError(error)}`, { cause: error });
}
