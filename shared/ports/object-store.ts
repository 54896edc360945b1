/** What S3 promises of a bucket, and no more: strong read-after-write, whole-object atomic puts, conditional puts,
 *  ranged gets, ordered listing. Keys are 1–1024 bytes of `[A-Za-z0-9._/=-]`, without empty, `.` or `..` segments. */
export interface ObjectStore {
  /** Reads an object, or a byte range of it. A range past the end is cut; `undefined` when there is no such object. */
  get(key: string, range?: ByteRange): Promise<StoredObject | undefined>;
  /** Writes an object whole. Durable when it resolves. A failed condition changes nothing. */
  put(key: string, body: Uint8Array, condition?: PutCondition): Promise<PutResult>;
  /** Lists keys that start with `prefix`, in byte order, at most `limit` (≤ 1000, the default) after `after`. */
  list(prefix: string, options?: { readonly after?: string; readonly limit?: number }): Promise<ObjectPage>;
  /** Deletes an object; no error when there is none. */
  delete(key: string): Promise<void>;
}

export interface ByteRange {
  readonly offset: number;
  /** ≥ 1. */
  readonly length: number;
}

export interface StoredObject {
  readonly body: Uint8Array;
  /** Changes with every put that changes the body. Opaque. Of the whole object also for a ranged get. */
  readonly etag: string;
  /** Of the whole object. */
  readonly sizeBytes: number;
}

export type PutCondition = { readonly ifAbsent: true } | { readonly ifMatch: string };

/** `exists`: put-if-absent found an object. `changed`: put-if-match found another etag, or none. */
export type PutResult =
  | { readonly ok: true; readonly etag: string }
  | { readonly ok: false; readonly reason: 'exists' | 'changed' };

export interface ObjectPage {
  readonly objects: readonly { readonly key: string; readonly sizeBytes: number; readonly etag: string }[];
  /** Pass as `after` for the next page; absent on the last one. */
  readonly next?: string;
}
