import { LRUCache } from 'lru-cache';
import type { Compression } from '#shared/ports/compression.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { decodeLayout, EMPTY_LAYOUT, type Layout } from './layout.ts';

/** Layouts by id: immutable objects, so what was read once is kept while memory lasts. */
export interface LayoutStore {
  /** Stores a layout unless it is there. Durable when it resolves. @param body From `createLayout`. */
  put(layout: Layout, body: Uint8Array): Promise<void>;
  /** @throws {Error} When there is no such layout: whatever refers to it is damaged. */
  get(id: string): Promise<Layout>;
}

/** 64 MB of layouts, which is about a million series. */
const MAX_CACHED_BYTES = 64 * 1024 * 1024;
const BYTES_PER_STRING = 12;
const MAX_BODY_BYTES = 128 * 1024 * 1024;

export function createLayoutStore(objects: ObjectStore, compression: Compression): LayoutStore {
  const cache = new LRUCache<string, Layout>({ maxSize: MAX_CACHED_BYTES, sizeCalculation: sizeOf });
  cache.set(EMPTY_LAYOUT.id, EMPTY_LAYOUT);
  return {
    async put(layout, body) {
      if (cache.has(layout.id)) return;
      await objects.put(objectKey(layout.id), compression.compress(body), { ifAbsent: true });
      cache.set(layout.id, layout);
    },
    async get(id) {
      if (id === EMPTY_LAYOUT.id) return EMPTY_LAYOUT;
      const cached = cache.get(id);
      if (cached !== undefined) return cached;
      const object = await objects.get(objectKey(id));
      if (object === undefined) throw new Error(`Cannot read layout ${id}: object "${objectKey(id)}" is missing`);
      const layout = decodeLayout(id, compression.decompress(object.body, MAX_BODY_BYTES));
      cache.set(id, layout);
      return layout;
    },
  };
}

function objectKey(id: string): string {
  return `layouts/${id}`;
}

function sizeOf(layout: Layout): number {
  return layout.series.reduce((sum, labels) => sum + labels.length * BYTES_PER_STRING, 256);
}
