import { createHash } from 'node:crypto';
import { compareStrings } from '#shared/model/labels.ts';
import type {
  ByteRange,
  ObjectPage,
  ObjectStore,
  PutCondition,
  PutResult,
  StoredObject,
} from '#shared/ports/object-store.ts';
import { checkByteRange, checkObjectKey, listLimit } from '#shared/ports/object-store-rules.ts';

/** An object store in memory. It shares no bytes with its callers. */
export function createMemoryObjectStore(): ObjectStore {
  return new MemoryObjectStore();
}

interface Entry {
  readonly body: Uint8Array;
  readonly etag: string;
}

class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, Entry>();
  /** In byte order; made when a listing needs it. */
  #keys: readonly string[] | undefined;

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    checkObjectKey(key);
    if (range !== undefined) checkByteRange(range);
    const entry = this.#objects.get(key);
    if (entry === undefined) return undefined;
    const { offset, length } = range ?? { offset: 0, length: entry.body.length };
    return { body: entry.body.slice(offset, offset + length), etag: entry.etag, sizeBytes: entry.body.length };
  }

  async put(key: string, body: Uint8Array, condition?: PutCondition): Promise<PutResult> {
    checkObjectKey(key);
    const current = this.#objects.get(key);
    if (condition !== undefined) {
      if ('ifMatch' in condition) {
        if (current?.etag !== condition.ifMatch) return { ok: false, reason: 'changed' };
      } else if (current !== undefined) return { ok: false, reason: 'exists' };
    }
    // Not slice(): a Buffer's shares its memory.
    const copy = new Uint8Array(body);
    const etag = createHash('sha256').update(copy).digest('hex');
    if (current === undefined) this.#keys = undefined;
    this.#objects.set(key, { body: copy, etag });
    return { ok: true, etag };
  }

  async list(prefix: string, options: { readonly after?: string; readonly limit?: number } = {}): Promise<ObjectPage> {
    const limit = listLimit(options.limit);
    const { after } = options;
    const start =
      after !== undefined && compareStrings(after, prefix) >= 0 ? this.#position(after, true) : this.#position(prefix);
    const keys: string[] = [];
    for (let i = start; i < this.#ordered().length && keys.length <= limit; i++) {
      const key = this.#ordered()[i];
      if (!key.startsWith(prefix)) break;
      keys.push(key);
    }
    const page = keys.slice(0, limit);
    return { objects: page.map((key) => this.#describe(key)), ...(keys.length > limit && { next: page.at(-1) }) };
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    if (this.#objects.delete(key)) this.#keys = undefined;
  }

  #describe(key: string) {
    const { body, etag } = this.#objects.get(key)!;
    return { key, sizeBytes: body.length, etag };
  }

  #ordered(): readonly string[] {
    this.#keys ??= [...this.#objects.keys()].sort(compareStrings);
    return this.#keys;
  }

  /** The index of the first key that is ≥ `key`, or > `key` when `exclusive`. */
  #position(key: string, exclusive = false): number {
    const keys = this.#ordered();
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareStrings(keys[middle], key);
      if (order < 0 || (exclusive && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
