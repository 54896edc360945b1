import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, startLocal } from '#test/support/local-process.ts';
import { benchStreams } from './data.ts';
import { serveBlocks, writeBlocks } from './prometheus.ts';
import { BENCH_QUERIES, type BenchQuery, SCALING, STEP_SECONDS } from './queries.ts';
import { sameAnswer } from './same-answer.ts';
import { writeBatches, writeEmptyConfig } from './store.ts';

const HOUR_MS = 3_600_000;
const DATA_HOURS = 25.5;
const MAX_GEOMETRIC_MEAN = 0.5;
const MAX_RATIO = 1.5;
/** Quick queries are asked more often: their times vary more, and code of ours that was never run is slow. */
const QUICK_BUDGET_MS = 800;
const MAX_ROUNDS = 300;

interface Place {
  readonly folder: string;
  readonly endMs: number;
}

interface Row {
  readonly query: BenchQuery;
  readonly ourMs: number;
  readonly theirMs: number;
  readonly equal: boolean;
}

/** Asks the local process and the real Prometheus the same queries over HTTP, in turn, over the same data.
 *  @returns Whether all targets are met. */
export async function benchPromql(args: readonly string[]): Promise<boolean> {
  const { values: flags } = parseArgs({
    args: [...args],
    options: {
      /** A folder whose data is used again; made if need be. */
      data: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      /** A part of the queries to ask. */
      filter: { type: 'string', default: '' },
      'wide-interval': { type: 'string', default: '60' },
      /** Flags for Node of the local process, such as `--cpu-prof`. */
      node: { type: 'string', default: '' },
    },
  });
  const wideIntervalMs = Number(flags['wide-interval']) * 1000;
  const folder = flags.data ?? mkdtempSync(join(tmpdir(), 'emberwatch-bench-'));
  try {
    const place = await openData(folder, wideIntervalMs);
    console.log(
      `2,310 series at 15 s, 10,000 at ${wideIntervalMs / 1000} s, 100 native histograms at 60 s, ${DATA_HOURS} h; 6 h at a step of 60 s, ` +
        '24 h at 300 s; Accept-Encoding: identity on one kept connection each; the least of the rounds',
    );
    return await compare(place, { rounds: Number(flags.rounds), filter: flags.filter, node: flags.node });
  } finally {
    if (flags.data === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function openData(folder: string, wideIntervalMs: number): Promise<Place> {
  const note = join(folder, 'bench.json');
  if (existsSync(note)) return { folder, endMs: JSON.parse(readFileSync(note, 'utf8')).endMs };
  const startedMs = Date.now();
  const endMs = startedMs - (startedMs % 60_000);
  const streams = benchStreams({ startMs: endMs - DATA_HOURS * HOUR_MS, endMs }, { wideIntervalMs });
  mkdirSync(folder, { recursive: true });
  await Promise.all([writeBatches(join(folder, 'ours'), streams), writeBlocks(join(folder, 'theirs'), streams)]);
  writeFileSync(note, JSON.stringify({ endMs }));
  console.log(`Data written in ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
  return { folder, endMs };
}

async function compare(
  place: Place,
  options: { readonly rounds: number; readonly filter: string; readonly node: string },
): Promise<boolean> {
  const { folder } = place;
  if (options.node !== '') process.env.NODE_OPTIONS = options.node;
  const config = writeEmptyConfig(folder);
  const ours = await startLocal(
    [`--config.file=${config}`, `--storage.path=${join(folder, 'ours')}`, '--log.level=warn'],
    await freePort(),
  );
  delete process.env.NODE_OPTIONS;
  try {
    const theirs = await serveBlocks(join(folder, 'theirs'), folder);
    try {
      return await askAll(new Asker(place, { ours: ours.url, theirs: theirs.url }), options);
    } finally {
      await theirs.stop();
    }
  } finally {
    await ours.kill('SIGTERM');
  }
}

async function askAll(
  asker: Asker,
  { filter, rounds }: { readonly filter: string; readonly rounds: number },
): Promise<boolean> {
  const queries = BENCH_QUERIES.filter(({ query }) => query.includes(filter));
  // All of them once before any is timed: both servers have read the data then, and have run for a while.
  const equal: boolean[] = [];
  for (const query of queries) equal.push(await asker.same(query));
  const rows: Row[] = [];
  console.log('when   ours ms  Prometheus     ratio  answers    query');
  for (const [i, query] of queries.entries()) {
    rows.push({ query, ...(await asker.measure(query, rounds)), equal: equal[i] });
    console.log(rowText(rows[i]));
  }
  return report(rows);
}

class Asker {
  readonly #place: Place;
  readonly #urls: { readonly ours: string; readonly theirs: string };
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(place: Place, urls: { readonly ours: string; readonly theirs: string }) {
    this.#place = place;
    this.#urls = urls;
  }

  /** Whether both give the same answer. */
  async same(query: BenchQuery): Promise<boolean> {
    const our = await this.#ask(this.#urls.ours, query);
    const their = await this.#ask(this.#urls.theirs, query);
    return sameAnswer(our.body, their.body);
  }

  /** @param rounds At least so many. */
  async measure(query: BenchQuery, rounds: number): Promise<{ readonly ourMs: number; readonly theirMs: number }> {
    const our = await this.#ask(this.#urls.ours, query);
    const their = await this.#ask(this.#urls.theirs, query);
    let [ourMs, theirMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const affordable = Math.floor(QUICK_BUDGET_MS / (our.ms + their.ms));
    const wanted = Math.max(rounds, Math.min(affordable, MAX_ROUNDS));
    for (let round = 0; round < wanted; round++) {
      ourMs = Math.min(ourMs, (await this.#ask(this.#urls.ours, query)).ms);
      theirMs = Math.min(theirMs, (await this.#ask(this.#urls.theirs, query)).ms);
    }
    return { ourMs, theirMs };
  }

  #ask(url: string, query: BenchQuery): Promise<{ readonly ms: number; readonly body: Buffer }> {
    return new Promise((resolve, reject) => {
      const startMs = performance.now();
      const options = { agent: this.#agent, headers: { 'accept-encoding': 'identity' } };
      const asked = request(`${url}${pathOf(query, this.#place.endMs)}`, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ ms: performance.now() - startMs, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end();
    });
  }
}

function pathOf({ query, hours }: BenchQuery, endMs: number): string {
  const endSeconds = String(endMs / 1000);
  if (hours === undefined) return `/api/v1/query?${new URLSearchParams({ query, time: endSeconds })}`;
  const start = String(endMs / 1000 - hours * 3600);
  const step = String(STEP_SECONDS[hours]);
  return `/api/v1/query_range?${new URLSearchParams({ query, start, end: endSeconds, step })}`;
}

function rowText({ query: { query, hours }, ourMs, theirMs, equal }: Row): string {
  const when = hours === undefined ? 'now' : `${hours} h`;
  const numbers = [ourMs.toFixed(2), theirMs.toFixed(2), (ourMs / theirMs).toFixed(3)].map((text) => text.padStart(9));
  return `${when.padStart(4)} ${numbers.join(' ')}  ${equal ? 'equal    ' : 'DIFFERENT'}  ${query}`;
}

function report(rows: readonly Row[]): boolean {
  const ratios = rows.map(({ ourMs, theirMs }) => ourMs / theirMs);
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  const worst = Math.max(...ratios);
  const equal = rows.filter((row) => row.equal).length;
  const checks = [
    {
      text: `geometric mean of ${rows.length} ratios: ${mean.toFixed(3)}, at most ${MAX_GEOMETRIC_MEAN}`,
      ok: mean <= MAX_GEOMETRIC_MEAN,
    },
    { text: `largest ratio: ${worst.toFixed(3)}, at most ${MAX_RATIO}`, ok: worst <= MAX_RATIO },
    { text: `equal answers: ${equal} of ${rows.length}`, ok: equal === rows.length },
    ...scalingChecks(rows),
  ];
  for (const { text, ok } of checks) console.log(`${ok ? 'ok  ' : 'FAIL'} ${text}`);
  return checks.every(({ ok }) => ok);
}

function scalingChecks(rows: readonly Row[]): { readonly text: string; readonly ok: boolean }[] {
  const timeOf = (wanted: BenchQuery) =>
    rows.find(({ query }) => query.query === wanted.query && query.hours === wanted.hours)?.ourMs;
  return SCALING.flatMap(({ what, of, to, atMost }) => {
    const [ofMs, toMs] = [timeOf(of), timeOf(to)];
    if (ofMs === undefined || toMs === undefined) return [];
    return [
      { text: `${what}: ${(ofMs / toMs).toFixed(2)} times as long, at most ${atMost}`, ok: ofMs / toMs <= atMost },
    ];
  });
}
