import { LRUCache } from 'lru-cache';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { frameSlotMs } from './batch.ts';
import { slotKey } from './slot-key.ts';

/** A frame's place in its window object. */
export interface FramePlace {
  readonly object: string;
  readonly offset: number;
  readonly length: number;
}

export interface WindowWriter {
  /** Adds a frame to the window object of its stream and slot, unless one of that slot is there already.
   *  @returns The place of the slot's frame: the given one or the earlier one. */
  append(stream: string, slotMs: number, frame: Uint8Array): Promise<FramePlace>;
}

const WINDOW_MS = 600_000;
const LENGTH_BYTES = 4;
/** Two writers of one window meet only when a slot is delivered twice; each try is one put. */
const MAX_TRIES = 8;
/** The newest bodies of warm streams, so that an append needs no read. */
const MAX_CACHED_BYTES = 64 * 1024 * 1024;

interface WindowBody {
  readonly body: Uint8Array;
  readonly etag: string | undefined;
}

export function createWindowWriter(objects: ObjectStore): WindowWriter {
  const cache = new LRUCache<string, WindowBody>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ body }) => body.length + 64,
  });

  async function read(key: string): Promise<WindowBody> {
    const object = await objects.get(key);
    return object === undefined
      ? { body: new Uint8Array(), etag: undefined }
      : { body: object.body, etag: object.etag };
  }

  return {
    async append(stream, slotMs, frame) {
      const key = `windows/${stream}/${slotKey(slotMs - (slotMs % WINDOW_MS))}`;
      let window = cache.get(key) ?? (await read(key));
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const earlier = findFrame(window.body, slotMs);
        if (earlier !== undefined && window.etag !== undefined) return { object: key, ...earlier };
        const body = withFrame(window.body, frame);
        const condition = window.etag === undefined ? ({ ifAbsent: true } as const) : { ifMatch: window.etag };
        const result = await objects.put(key, body, condition);
        if (result.ok) {
          cache.set(key, { body, etag: result.etag });
          return { object: key, offset: window.body.length + LENGTH_BYTES, length: frame.length };
        }
        window = await read(key);
      }
      throw new Error(`Cannot append to window object "${key}": it changed ${MAX_TRIES} times while writing`);
    },
  };
}

function withFrame(body: Uint8Array, frame: Uint8Array): Uint8Array {
  const grown = new Uint8Array(body.length + LENGTH_BYTES + frame.length);
  grown.set(body);
  new DataView(grown.buffer).setUint32(body.length, frame.length, true);
  grown.set(frame, body.length + LENGTH_BYTES);
  return grown;
}

function findFrame(body: Uint8Array, slotMs: number): { offset: number; length: number } | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  while (at + LENGTH_BYTES <= body.length) {
    const length = view.getUint32(at, true);
    const offset = at + LENGTH_BYTES;
    if (frameSlotMs(body.subarray(offset, offset + length)) === slotMs) return { offset, length };
    at = offset + length;
  }
  return undefined;
}
