import { LRUCache } from 'lru-cache';
import type { ByteRange } from '#shared/ports/object-store.ts';
import { joinBytes } from '../block/block-part.ts';
import type { BlockSource } from '../block/block-source.ts';

/** As large as the gaps that readers read along. */
const PAGE_BYTES = 64 * 1024;

/** A page of a file that never changes, and how long the file is. */
interface Page {
  /** Shorter than a page only at the end of the file. */
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
}

/** Keeps what was read of blocks, page by page, while its bytes last. The files of a block never change. */
export class PagedReads {
  readonly #pages: LRUCache<string, Page>;
  readonly #maxRangeBytes: number;

  /** @param maxBytes 0 keeps nothing. */
  constructor(maxBytes: number) {
    this.#pages = new LRUCache({ maxSize: Math.max(1, maxBytes), sizeCalculation: ({ bytes }) => bytes.length + 128 });
    // A longer read would only push out what is of use.
    this.#maxRangeBytes = maxBytes / 4;
  }

  /** The block, read through the pages. Missing files are not remembered. */
  over(source: BlockSource): BlockSource {
    return {
      id: source.id,
      read: (path, range) => {
        if (range === undefined || range.length > this.#maxRangeBytes) return source.read(path, range);
        return this.#read(source, path, range);
      },
    };
  }

  async #read(source: BlockSource, path: string, { offset, length }: ByteRange) {
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + length - 1) / PAGE_BYTES);
    const key = (page: number) => `${source.id} ${path} ${page}`;
    const pages = new Map<number, Page>();
    let from = last + 1;
    let to = first - 1;
    for (let page = first; page <= last; page++) {
      const known = this.#pages.get(key(page));
      if (known !== undefined) pages.set(page, known);
      else {
        from = Math.min(from, page);
        to = page;
      }
      // No page is behind the end.
      if (known !== undefined && (page + 1) * PAGE_BYTES >= known.sizeBytes) break;
    }
    if (from <= to) {
      const read = await source.read(path, { offset: from * PAGE_BYTES, length: (to - from + 1) * PAGE_BYTES });
      if (read === undefined) return undefined;
      const { body, sizeBytes } = read;
      for (let page = from; page <= to; page++) {
        const start = (page - from) * PAGE_BYTES;
        // Copied, as slice() of a Buffer does not: a part would keep all that was read at once.
        const kept = { bytes: new Uint8Array(body.subarray(start, start + PAGE_BYTES)), sizeBytes };
        pages.set(page, kept);
        if (kept.bytes.length > 0) this.#pages.set(key(page), kept);
      }
    }
    const parts = Array.from({ length: last - first + 1 }, (_, i) => pages.get(first + i)?.bytes ?? new Uint8Array());
    const start = offset - first * PAGE_BYTES;
    return {
      body: joinBytes(parts).subarray(start, start + length),
      sizeBytes: pages.values().next().value!.sizeBytes,
    };
  }
}
