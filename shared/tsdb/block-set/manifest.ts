import type { Clock } from '#shared/ports/clock.ts';
import { type DocumentPorts, prepareDocument, readDocument, type VersionedDocument } from '#shared/ports/document.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';

/** A block that readers read. */
export interface BlockEntry {
  readonly ulid: string;
  /** Inclusive, Unix milliseconds. */
  readonly minTime: number;
  /** Exclusive, Unix milliseconds. */
  readonly maxTime: number;
  readonly level: number;
  /** Of all its files. */
  readonly sizeBytes: number;
  /** The folder of its files in the object store: ends with the ULID and `/`. */
  readonly prefix: string;
}

/** A block that is not read any more, and whose files are to be deleted once no query can be reading them. */
export interface DroppedBlock {
  readonly ulid: string;
  readonly prefix: string;
  /** Unix milliseconds. */
  readonly droppedAtMs: number;
}

/** Which blocks there are: one document, replaced by compare-and-set. What is not in it does not exist for readers. */
export interface BlockManifest {
  /** The blocks in the order in which their samples win: by time, then by ULID. May be as old as `MAX_AGE_MS`. */
  blocks(): Promise<readonly BlockEntry[]>;
  /** As it is now. */
  read(): Promise<ManifestContent>;
  /** Replaces the content by what `change` makes of it, which is called again when another writer was first.
   *  @param change Gives `undefined` to leave it as it is.
   *  @returns Whether it was replaced. @throws {Error} When others were first too often. */
  update(change: (content: ManifestContent) => ManifestContent | undefined): Promise<boolean>;
}

export interface ManifestContent {
  readonly blocks: readonly BlockEntry[];
  readonly dropped: readonly DroppedBlock[];
}

/** What the manifest is read from and written to. */
export interface ManifestPorts extends DocumentPorts {
  readonly records: RecordStore;
  readonly clock: Clock;
}

/** Objects of blocks are below it. */
export const BLOCKS_FOLDER = 'blocks/';

const PARTITION = 'blocks';
const SORT = 'manifest';
/** How long a new block may go unnoticed by a reader that has read the manifest before: a read of it costs as much as a query. */
const MAX_AGE_MS = 20_000;
const MAX_TRIES = 10;

export function createBlockManifest(ports: ManifestPorts): BlockManifest {
  return new StoredManifest(ports);
}

class StoredManifest implements BlockManifest {
  readonly #ports: ManifestPorts;
  #known: { readonly blocks: Promise<readonly BlockEntry[]>; readonly atMs: number } | undefined;

  constructor(ports: ManifestPorts) {
    this.#ports = ports;
  }

  blocks(): Promise<readonly BlockEntry[]> {
    const nowMs = this.#ports.clock.nowMs();
    const known = this.#known;
    if (known !== undefined && Math.abs(nowMs - known.atMs) < MAX_AGE_MS) return known.blocks;
    const blocks = this.read().then((content) => content.blocks);
    const reading = { blocks, atMs: nowMs };
    this.#known = reading;
    blocks.catch(() => {
      if (this.#known === reading) this.#known = undefined;
    });
    return blocks;
  }

  async read(): Promise<ManifestContent> {
    return (await this.#document())?.value ?? { blocks: [], dropped: [] };
  }

  async update(change: (content: ManifestContent) => ManifestContent | undefined): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const document = await this.#document();
      const changed = change(document?.value ?? { blocks: [], dropped: [] });
      if (changed === undefined) return false;
      const value = { ...changed, blocks: changed.blocks.toSorted(byTime) };
      const key = { partition: PARTITION, sort: SORT };
      const write = await prepareDocument(this.#ports, key, { value, version: document?.version });
      if (!(await this.#ports.records.write(write)).ok) continue;
      this.#known = undefined;
      return true;
    }
    throw new Error(`Cannot update manifest of blocks: another writer was first ${MAX_TRIES} times`);
  }

  #document(): Promise<VersionedDocument<ManifestContent> | undefined> {
    return readDocument<ManifestContent>(this.#ports, { partition: PARTITION, sort: SORT });
  }
}

function byTime(a: BlockEntry, b: BlockEntry): number {
  if (a.minTime !== b.minTime) return a.minTime - b.minTime;
  return a.ulid < b.ulid ? -1 : Number(a.ulid > b.ulid);
}
