import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { main } from '#functions/cli/main.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { freePort, type LocalProcess, startLocal } from '#test/support/local-process.ts';
import { type OracleServer, runPromtool, skipWithoutOracle } from '#test/support/oracle.ts';
import { startPrometheusServer } from '#test/support/prometheus-server.ts';
import { remoteWrite } from '#test/support/remote-write.ts';

/** Blocks that promtool and the real Prometheus made are imported, and a local process that has nothing else answers as the
 *  real Prometheus does over the same blocks: some overlap, parts of a series are deleted, some series are histograms. */

const skip = skipWithoutOracle('prometheus', 'promtool');
const STEP_MS = 15_000;
const START_MS = Date.UTC(2026, 0, 1, 10);
/** Where promtool's blocks end and the real server's begin. */
const MIDDLE_MS = Date.UTC(2026, 0, 1, 14);
const END_MS = MIDDLE_MS + 90 * 60_000;

const QUERIES = [
  'gauge',
  '{__name__=~".+"}',
  'gauge{instance="a"}[20m]',
  'count_over_time(gauge[5h])',
  'count_over_time({__name__=~"gauge|ended"}[30m])',
  'last_over_time(gauge[1h])',
  'rate(requests_total[5m])',
  'irate(requests_total[2m])',
  'increase(requests_total[3h])',
  'resets(requests_total[6h])',
  'changes(gauge[4h])',
  'sum by (code) (rate(requests_total[10m]))',
  'avg without (instance) (gauge)',
  'topk(1, gauge)',
  'quantile_over_time(0.9, gauge[1h])',
  'gauge offset 2h',
  'gauge @ 1767268800',
  'max_over_time(rate(requests_total[5m])[1h:5m])',
  'absent(gauge{instance="a"})',
  'present_over_time(ended[1h])',
  'ended',
  'requests_total{code!~"5.."}',
  'requests_total{missing=""}',
  'latency',
  'latency[10m]',
  'rate(latency[10m])',
  'increase(latency[1h])',
  'histogram_quantile(0.9, sum(rate(latency[5m])))',
  'histogram_count(latency) + histogram_sum(latency)',
  'histogram_fraction(0, 2, latency)',
  'sum(latency)',
  'resets(latency[1h])',
  'mixed',
  'count_over_time(mixed[1h])',
];

let folder: string;
let real: OracleServer | undefined;
let local: LocalProcess | undefined;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'tsdb-import-'));
  const database = join(folder, 'database');
  await createBlocks(database, { startMs: START_MS, shiftMs: 0 });
  await createBlocks(database, { startMs: START_MS + 3_600_000, shiftMs: 7000 });
  const flags = ['--web.enable-admin-api'];
  real = await startPrometheusServer({ dataFolder: database, flags });
  await remoteWrite(`${real.url}/api/v1/write`, liveSeries());
  await removeSome(real.url);
  const snapshot = await post(`${real.url}/api/v1/admin/tsdb/snapshot`, {});
  const { name } = (snapshot as { readonly data: { readonly name: string } }).data;
  const blocks = join(database, 'snapshots', name);
  const data = join(folder, 'data');
  const imported = readdirSync(blocks).map((ulid) => join(blocks, ulid));
  assert.ok(imported.length >= 4, `${imported.length} blocks`);
  assert.match(await importInto(data, imported), /^(\w+: imported: .*\n)+$/);
  assert.match(await importInto(data, imported), /^(\w+: was there already: .*\n)+$/);
  const config = join(folder, 'empty.yml');
  writeFileSync(config, 'global: {}\n');
  const localFlags = [`--config.file=${config}`, `--storage.path=${data}`, '--storage.retention.time=100y'];
  local = await startLocal(localFlags, await freePort());
});

after(async () => {
  await local?.kill('SIGTERM');
  await real?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function importInto(data: string, blocks: readonly string[]): Promise<string> {
  let out = '';
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => assert.fail(text) },
  };
  assert.equal(await main(['tsdb', 'import', `--storage.tsdb.path=${data}`, ...blocks], io), 0);
  return out;
}

/** Two hours and a half of floats from `startMs` on, in the blocks of promtool. */
async function createBlocks(database: string, { startMs, shiftMs }: { startMs: number; shiftMs: number }) {
  const lines: string[] = [];
  const times: number[] = [];
  for (let time = startMs + shiftMs; time < startMs + 9_000_000; time += STEP_MS) times.push(time);
  lines.push('# TYPE gauge gauge');
  for (const instance of ['a', 'b']) {
    times.forEach((time, i) => {
      lines.push(`gauge{instance="${instance}"} ${Math.sin(i / 10) * 100} ${time / 1000}`);
    });
  }
  lines.push('# TYPE requests counter');
  for (const code of ['200', '500']) {
    times.forEach((time, i) => {
      lines.push(`requests_total{code="${code}",instance="a"} ${(i % 300) * Number(code)} ${time / 1000}`);
    });
  }
  const file = join(folder, `samples-${shiftMs}.om`);
  writeFileSync(file, `${lines.join('\n')}\n# EOF\n`);
  await runPromtool('tsdb', 'create-blocks-from', 'openmetrics', file, database);
}

function liveSeries(): readonly SeriesSamples[] {
  const times: number[] = [];
  for (let time = MIDDLE_MS; time <= END_MS; time += STEP_MS) times.push(time);
  const timestampsMs = Float64Array.from(times);
  const floats = (labels: Readonly<Record<string, string>>, valueAt: (i: number) => number) => {
    return { labels: labelsFromRecord(labels), timestampsMs, values: timestampsMs.map((_, i) => valueAt(i)) };
  };
  const ended = floats({ __name__: 'ended' }, (i) => i);
  for (let i = 200; i < times.length; i++) setStaleAt(wordsOf(ended.values), i);
  const histograms = times.map((_, i) => histogramAt(i % 150));
  const mixed = times.map((_, i) => (i % 100 < 50 ? histogramAt(i) : undefined));
  return [
    floats({ __name__: 'gauge', instance: 'a' }, (i) => i / 3),
    floats({ __name__: 'gauge', instance: 'c' }, (i) => -i / 7),
    floats({ __name__: 'requests_total', code: '200', instance: 'a' }, (i) => i * 17),
    ended,
    { ...floats({ __name__: 'latency', instance: 'a' }, () => 0), histograms },
    { ...floats({ __name__: 'latency', instance: 'b' }, () => 0), histograms },
    { ...floats({ __name__: 'mixed' }, (i) => i), histograms: mixed },
  ];
}

function histogramAt(i: number): Histogram {
  const counts = Float64Array.of(i, 2 * i, Math.floor(i / 2));
  const positive = { indexes: Int32Array.of(-1, 1, 2 + Math.floor(i / 60)), counts };
  const negative = { indexes: Int32Array.of(0), counts: Float64Array.of(i) };
  const count = counts.reduce((sum, more) => sum + more, 0) + i + 3;
  const zero = { zeroThreshold: 0.001, zeroCount: 3 };
  return { counterReset: 'unknown', schema: 1, ...zero, count, sum: i * 1.5, positive, negative };
}

/** Of gauges only: where parts of `requests_total` are deleted, the real server answers queries for it with "index out of range". */
async function removeSome(url: string): Promise<void> {
  const removals = [
    ['gauge{instance="b"}', START_MS + 600_000, START_MS + 1_800_000],
    ['gauge{instance="b"}', START_MS + 4_000_000, START_MS + 4_100_000],
  ] as const;
  for (const [match, startMs, endMs] of removals) {
    const parameters = { 'match[]': match, start: String(startMs / 1000), end: String(endMs / 1000) };
    await post(`${url}/api/v1/admin/tsdb/delete_series`, parameters);
  }
}

async function post(url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(parameters) });
  const text = await response.text();
  assert.ok(response.ok, `${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

interface Answer {
  readonly data: { readonly resultType: string; readonly result: readonly { readonly metric: object }[] };
}

async function ask(url: string, path: string, parameters: Readonly<Record<string, string>>) {
  const { data } = (await post(`${url}/api/v1/${path}`, parameters)) as Answer;
  // The order of an instant vector is not part of its meaning.
  return data.resultType === 'vector' ? data.result.toSorted(byMetric) : data;
}

function byMetric(a: { readonly metric: object }, b: { readonly metric: object }): number {
  return JSON.stringify(a.metric) < JSON.stringify(b.metric) ? -1 : 1;
}

for (const query of QUERIES) {
  test(`answers of blocks as Prometheus: ${query}`, { skip }, async () => {
    const times = [START_MS + 1_500_000, START_MS + 5_400_000, MIDDLE_MS + 120_000, END_MS];
    for (const timeMs of times) {
      const parameters = { query, time: String(timeMs / 1000) };
      assert.deepEqual(await ask(local!.url, 'query', parameters), await ask(real!.url, 'query', parameters));
    }
    if (query.endsWith(']')) return;
    const range = { start: String(START_MS / 1000), end: String(END_MS / 1000), step: '61' };
    const parameters = { query, ...range };
    assert.deepEqual(await ask(local!.url, 'query_range', parameters), await ask(real!.url, 'query_range', parameters));
  });
}

test('series and labels of blocks are those of Prometheus', { skip }, async () => {
  const range = { start: String(START_MS / 1000), end: String(END_MS / 1000) };
  for (const path of ['labels', 'label/__name__/values', 'label/instance/values', 'series?match[]=gauge']) {
    const get = async (url: string) => {
      const joint = path.includes('?') ? '&' : '?';
      const answer = await fetch(`${url}/api/v1/${path}${joint}${new URLSearchParams(range)}`);
      return ((await answer.json()) as { readonly data: unknown }).data;
    };
    assert.deepEqual(await get(local!.url), await get(real!.url), path);
  }
});
