import { crc32c } from '../encoding/crc32c.ts';
import { isUlid } from './ulid.ts';

/** What `meta.json` says of a block.
 *  @see prometheus/tsdb/block.go BlockMeta */
export interface BlockMeta {
  readonly ulid: string;
  /** Inclusive, Unix milliseconds. */
  readonly minTime: number;
  /** Exclusive, Unix milliseconds. */
  readonly maxTime: number;
  readonly stats: BlockStats;
  readonly compaction: BlockCompaction;
}

/** What a block holds. */
export interface BlockStats {
  readonly numSamples: number;
  readonly numFloatSamples: number;
  readonly numHistogramSamples: number;
  readonly numSeries: number;
  readonly numChunks: number;
  readonly numTombstones: number;
}

/** Which compactions a block came from. */
export interface BlockCompaction {
  /** The most compactions that a sample in it went through; 1 for a block made of new samples. */
  readonly level: number;
  /** The ids of the level-1 blocks that went into it, ordered. */
  readonly sources: readonly string[];
  /** The blocks that it was made of. */
  readonly parents: readonly BlockDescription[];
  /** As `from-out-of-order`, ordered. */
  readonly hints: readonly string[];
  /** It has no samples: whoever sees it may delete it. */
  readonly deletable: boolean;
  /** Compacting it failed: it is not tried again. */
  readonly failed: boolean;
}

/** A block by id and time. */
export interface BlockDescription {
  readonly ulid: string;
  readonly minTime: number;
  readonly maxTime: number;
}

/** The file of a block that `formatBlockMeta` makes. */
export const META_FILE = 'meta.json';

const VERSION = 1;
const STATS = [
  'numSamples',
  'numFloatSamples',
  'numHistogramSamples',
  'numSeries',
  'numChunks',
  'numTombstones',
] as const;

/** The text of `meta.json`, byte for byte as Prometheus writes it. */
export function formatBlockMeta(meta: BlockMeta): string {
  const { ulid, minTime, maxTime, stats, compaction } = meta;
  const { level, sources, deletable, parents, failed, hints } = compaction;
  return JSON.stringify(
    {
      ulid,
      minTime,
      maxTime,
      stats: Object.fromEntries(STATS.flatMap((name) => (stats[name] === 0 ? [] : [[name, stats[name]]]))),
      compaction: {
        level,
        ...(sources.length > 0 && { sources }),
        ...(deletable && { deletable }),
        ...(parents.length > 0 && { parents: parents.map(describe) }),
        ...(failed && { failed }),
        ...(hints.length > 0 && { hints }),
      },
      version: VERSION,
    },
    undefined,
    '\t',
  );
}

function describe({ ulid, minTime, maxTime }: BlockDescription): BlockDescription {
  return { ulid, minTime, maxTime };
}

/** A checksum of what does not change while a block exists: not of how much of it was deleted since, nor of what became of
 *  compacting it. */
export function blockMetaChecksum(meta: BlockMeta): number {
  const compaction = { ...meta.compaction, deletable: false, failed: false };
  const fixed = { ...meta, stats: { ...meta.stats, numTombstones: 0 }, compaction };
  return crc32c(new TextEncoder().encode(formatBlockMeta(fixed)));
}

/** Reads `meta.json`. Fields that are not ours (as Thanos's) are passed over.
 *  @throws {SyntaxError} When it is no JSON. @throws {TypeError} When a field is wrong. */
export function parseBlockMeta(text: string): BlockMeta {
  const meta = object(JSON.parse(text), 'the file');
  if (meta.version !== VERSION) throw new TypeError(`unexpected meta file version ${JSON.stringify(meta.version)}`);
  const stats = object(meta.stats ?? {}, 'stats');
  const compaction = object(meta.compaction, 'compaction');
  return {
    ...description(meta, 'the file'),
    stats: Object.fromEntries(STATS.map((name) => [name, count(stats[name] ?? 0, name)])) as unknown as BlockStats,
    compaction: {
      level: count(compaction.level, 'level'),
      sources: list(compaction.sources, 'sources').map((source) => ulidOf(source, 'sources')),
      parents: list(compaction.parents, 'parents').map((parent) => description(object(parent, 'parents'), 'parents')),
      hints: list(compaction.hints, 'hints').map(String),
      deletable: compaction.deletable === true,
      failed: compaction.failed === true,
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

function description(fields: Fields, where: string): BlockDescription {
  const { ulid, minTime, maxTime } = fields;
  return { ulid: ulidOf(ulid, where), minTime: whole(minTime, 'minTime'), maxTime: whole(maxTime, 'maxTime') };
}

function ulidOf(value: unknown, where: string): string {
  if (typeof value === 'string' && isUlid(value)) return value;
  return raise(`a ULID in ${where}`, value);
}

function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return raise(`an object as ${where}`, value);
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : raise(`a list as ${where}`, value);
}

function count(value: unknown, where: string): number {
  return whole(value, where) >= 0 ? (value as number) : raise(`a count as ${where}`, value);
}

function whole(value: unknown, where: string): number {
  return Number.isSafeInteger(value) ? (value as number) : raise(`a whole number as ${where}`, value);
}

function raise(expected: string, value: unknown): never {
  throw new TypeError(`Cannot read block meta: expected ${expected}, got ${JSON.stringify(value)}`);
}
