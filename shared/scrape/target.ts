import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Labels, labelPairs, labelsKey, withoutLabels } from '#shared/model/labels.ts';

/** An endpoint to scrape, after relabelling. Plain JSON: shard plans hold it.
 *  @see prometheus/scrape/target.go */
export interface Target {
  /** 32 hex digits of pool, labels and URL: a changed target is another target. */
  readonly id: string;
  /** The job whose scrape configuration applies. */
  readonly pool: string;
  /** All labels after relabelling, with the internal `__…` ones; without `__meta_…`. */
  readonly labels: Labels;
  /** The labels before relabelling. */
  readonly discoveredLabels: Labels;
  readonly scrapeUrl: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** The labels that samples of the target get: those that do not begin with `__`. */
export function publicLabels(target: Pick<Target, 'labels'>): Labels {
  return withoutLabels(target.labels, (name) => name.startsWith('__'));
}

export function createTarget(parts: Omit<Target, 'id' | 'scrapeUrl'>, params: Params): Target {
  const scrapeUrl = scrapeUrlOf(parts.labels, params);
  const identity = `${parts.pool}\n${labelsKey(parts.labels)}\n${scrapeUrl}`.replaceAll('\ud800', '\u0000');
  const id = bytesToHex(sha256(utf8ToBytes(identity))).slice(0, 32);
  return { id, ...parts, scrapeUrl };
}

export type Params = Readonly<Record<string, readonly string[]>>;

const PARAM_PREFIX = '__param_';

function scrapeUrlOf(labels: Labels, configured: Params): string {
  const params = new Map(Object.entries(configured).map(([name, values]) => [name, [...values]]));
  const parts = new Map(labelPairs(labels));
  for (const [name, value] of parts) {
    if (!name.startsWith(PARAM_PREFIX)) continue;
    const key = name.slice(PARAM_PREFIX.length);
    params.set(key, [value, ...(params.get(key) ?? []).slice(1)]);
  }
  const path = parts.get('__metrics_path__') ?? '';
  const query = new URLSearchParams();
  for (const key of [...params.keys()].sort()) for (const value of params.get(key)!) query.append(key, value);
  const slash = path === '' || path.startsWith('/') ? '' : '/';
  const base = `${parts.get('__scheme__')}://${parts.get('__address__')}${slash}${escapePath(path)}`;
  return query.size === 0 ? base : `${base}?${encodeQuery(query)}`;
}

/** As Go's `URL.EscapedPath`. */
function escapePath(path: string): string {
  return encodeURI(path).replaceAll(/[?#!'()*]/g, percentEncoded);
}

/** As Go's `Values.Encode`. */
function encodeQuery(query: URLSearchParams): string {
  return String(query).replaceAll('%7E', '~').replaceAll('*', percentEncoded);
}

function percentEncoded(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
}
