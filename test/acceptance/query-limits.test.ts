import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { labelsFromRecord } from '#shared/model/labels.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { BenchStream } from '#test/bench/data.ts';
import { writeBatches, writeEmptyConfig } from '#test/bench/store.ts';
import { freePort, type LocalProcess, startLocal, temporaryFolder } from '#test/support/local-process.ts';

/** Machines that run tests do other things too: what is promised is a third of each bound in milliseconds. */
const SLACK = 3;
const MIB = 1024 * 1024;
const MEMORY_BYTES = 128 * MIB;
const HOURS = 6;
const INTERVAL_MS = 15_000;
const LONG_TEXTS = ['a'.repeat(100_000), 'ab'.repeat(50_000), 'x/'.repeat(50_000)];
const TOO_MANY = 'query processing would load too many samples into memory in query execution';

const END_MS = Date.now() - (Date.now() % 60_000);
const END = END_MS / 1000;

/** 1,000 counters of 10 targets, and three series with a label of 100,000 characters. */
function streams(): BenchStream[] {
  const timesMs = Float64Array.from(
    { length: (HOURS * 3_600_000) / INTERVAL_MS + 1 },
    (_, i) => END_MS - HOURS * 3_600_000 + i * INTERVAL_MS,
  );
  const counter = (labels: Record<string, string>, perSample: number): SeriesSamples => {
    const values = timesMs.map((_, i) => i * perSample);
    return { labels: labelsFromRecord(labels), timestampsMs: timesMs, values };
  };
  const targets = Array.from({ length: 10 }, (_, t) => {
    const common = { job: 'heavy', instance: `10.0.0.${t}:80` };
    const series = Array.from({ length: 100 }, (_, h) =>
      counter({ __name__: 'x', ...common, handler: `/h${h}` }, h + t + 0.5),
    );
    return { name: `heavy/${t}`, series: [...series, counter({ __name__: 'up', ...common }, 0)] };
  });
  const long = LONG_TEXTS.map((text, n) => {
    const labels = labelsFromRecord({ __name__: 'long', n: String(n), text });
    return { labels, timestampsMs: Float64Array.of(END_MS), values: Float64Array.of(n) };
  });
  return [
    { name: 'heavy', intervalMs: INTERVAL_MS, targets },
    { name: 'long', intervalMs: INTERVAL_MS, targets: [{ name: 'long/0', series: long }] },
  ];
}

interface Answer {
  readonly status: number;
  readonly ms: number;
  readonly body: string;
}

const INSTANT = '/api/v1/query';
const RANGE = '/api/v1/query_range';

type Parameters = Readonly<Record<string, string>>;

function at(query: string, more: Parameters = {}): Parameters {
  return { query, time: String(END), ...more };
}

function steps(query: string, count: number, { step = 1.9, ...more }: { step?: number } & Parameters = {}): Parameters {
  return { query, start: String(END - count * step), end: String(END), step: String(step), ...more };
}

/** Memory in bytes and processor time in milliseconds of a process, where the system tells them. */
const HAS_PROC = existsSync('/proc/self/clear_refs');

function memoryOf(pid: number): { readonly rss: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [rss, peak] = ['VmRSS:', 'VmHWM:'].map((name) => Number.parseInt(status.split(name)[1], 10) * 1024);
  return { rss, peak };
}

function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

const MS_PER_TICK = 10;

function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** What queries may cost, of the process as it is started by users. About half a minute. */
describe('queries that are too much', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let local: LocalProcess;

  before(async () => {
    folder = await temporaryFolder();
    writeEmptyConfig(folder.path);
    await writeBatches(join(folder.path, 'data'), streams());
    await start();
  });
  after(async () => {
    await local?.kill('SIGKILL');
    await folder?.remove();
  });

  async function start(...more: readonly string[]): Promise<void> {
    await local?.kill('SIGTERM');
    const paths = [
      `--config.file=${join(folder.path, 'prometheus.yml')}`,
      `--storage.path=${join(folder.path, 'data')}`,
    ];
    local = await startLocal([...paths, '--log.level=warn', ...more], await freePort());
  }

  async function ask(path: string, parameters: Parameters): Promise<Answer> {
    const startMs = performance.now();
    const response = await fetch(local.url + path, { method: 'POST', body: new URLSearchParams(parameters) });
    const body = await response.text();
    return { status: response.status, ms: performance.now() - startMs, body };
  }

  /** Asks, goes away after a while, and sees what the process still does. */
  async function cancel(path: string, parameters: Parameters, afterMs: number): Promise<number> {
    const asked = request(local.url + path, { method: 'POST' }, (response) => response.on('error', () => {}).resume());
    asked.on('error', () => {});
    asked.setHeader('content-type', 'application/x-www-form-urlencoded');
    asked.end(new URLSearchParams(parameters).toString());
    await wait(afterMs);
    asked.destroy();
    const before = processorMs(local.child.pid!);
    await wait(1000);
    return processorMs(local.child.pid!) - before;
  }

  function expectCanceled(t: TestContext, what: string, ms: number): void {
    t.diagnostic(`${what}: ${ms} ms of processor time after the client was gone, limit 100 ms`);
    assert.ok(ms <= 100 * SLACK, `${what} went on for ${ms} ms`);
  }

  it('stop while they read what was not read before', { skip: !HAS_PROC && 'needs /proc' }, async (t) => {
    expectCanceled(t, 'first read', await cancel(INSTANT, at('sum(count_over_time(x[6h]))'), 30));
    const { body } = await ask(INSTANT, at('sum(count_over_time(x[6h]))'));
    assert.match(body, /"1440000"/);
  });

  it('are refused at once, with the words of Prometheus', async (t) => {
    const cases: readonly { path: string; parameters: Parameters; error: string | RegExp; status?: number }[] = [
      { path: INSTANT, parameters: at('count_over_time(up[100d:1ms])'), error: TOO_MANY },
      { path: INSTANT, parameters: at('sum_over_time(vector(1)[1000000000s:1s])'), error: TOO_MANY },
      { path: INSTANT, parameters: at('max_over_time(rate(x[5m])[30d:100ms])'), error: TOO_MANY },
      { path: INSTANT, parameters: at('max_over_time(max_over_time(x[5m:1s])[6h:100ms])'), error: TOO_MANY },
      { path: INSTANT, parameters: at('x[290y:1ms]'), error: TOO_MANY },
      { path: INSTANT, parameters: at('sum(count_over_time(x[100y:1s]))'), error: TOO_MANY },
      {
        path: INSTANT,
        parameters: at('x * on() group_left x'),
        error: /^found duplicate series for the match group \{\} on the right hand-side of the operation: /,
      },
      {
        path: INSTANT,
        parameters: at(`label_replace(long, "foo", "${'$1'.repeat(10_000)}", "text", "(.*)")`),
        error: /^(label value would be longer than|query would take) /,
      },
      {
        path: RANGE,
        parameters: steps('x', 11_001),
        error:
          'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
        status: 400,
      },
    ];
    for (const { path, parameters, error, status = 422 } of cases) {
      const pid = local.child.pid!;
      const before = HAS_PROC ? memoryOf(pid).rss : 0;
      if (HAS_PROC) forgetPeak(pid);
      const answer = await ask(path, parameters);
      const grown = HAS_PROC ? memoryOf(pid).peak - before : 0;
      const what = parameters.query.slice(0, 60);
      t.diagnostic(`${what}: ${answer.ms.toFixed(0)} ms of 1000, ${(grown / MIB).toFixed(0)} MiB of 200`);
      assert.equal(answer.status, status, answer.body.slice(0, 300));
      const { error: text, errorType } = JSON.parse(answer.body);
      assert.equal(errorType, status === 400 ? 'bad_data' : 'execution');
      if (typeof error === 'string') assert.equal(text, error, what);
      else assert.match(text, error, what);
      assert.ok(answer.ms < 1000 * SLACK, `${what} took ${answer.ms} ms`);
      assert.ok(grown < 200 * MIB, `${what} took ${grown} bytes`);
    }
  });

  it('are not made by patterns', async (t) => {
    const patterns = ['(a+)+b', '(a|aa)+$', '(.*a){25}', '^(([a-z])+.)+[A-Z]([a-z])+$', '(a*)*b', '(?:a?){500}a{500}'];
    let worstMs = 0;
    for (const pattern of [...patterns, '(?i)(A+)+B', '[\\p{L}\\p{N}]+!', '(?:(?:(?:a?)+)+)+b', '(/x|x/)*y']) {
      const text = JSON.stringify(pattern);
      for (const query of [`count(long{text=~${text}})`, `count(long{text!~${text}})`]) {
        const answer = await ask(INSTANT, at(query));
        assert.equal(answer.status, 200, answer.body);
        worstMs = Math.max(worstMs, answer.ms);
      }
      const replaced = await ask(INSTANT, at(`count(label_replace(long, "z", "$1", "text", ${text}))`));
      assert.equal(replaced.status, 200, replaced.body);
      assert.ok(replaced.ms < 1000 * SLACK, `${pattern} in label_replace() took ${replaced.ms} ms`);
    }
    t.diagnostic(`matchers against 100,000 characters: at most ${worstMs.toFixed(0)} ms`);
    assert.ok(worstMs < 200 * SLACK, `a matcher took ${worstMs} ms`);
  });

  it('stop when their client is gone', { skip: !HAS_PROC && 'needs /proc' }, async (t) => {
    const heavy = [
      { what: 'sum_over_time', parameters: steps('sum(sum_over_time(x[6h]))', 11_000), afterMs: 300 },
      { what: 'quantile_over_time', parameters: steps('sum(quantile_over_time(0.9, x[6h]))', 11_000), afterMs: 300 },
      { what: 'streaming', parameters: steps('x', 10_000), afterMs: 900 },
    ];
    for (const { what, parameters, afterMs } of heavy) {
      expectCanceled(t, what, await cancel(RANGE, parameters, afterMs));
    }
  });

  it('side by side take no more memory than they may, and others get their answers', async (t) => {
    await start(`--query.max-memory-bytes=${MEMORY_BYTES}`);
    const pid = local.child.pid!;
    await ask(RANGE, steps('x', 1000));
    const before = HAS_PROC ? memoryOf(pid).rss : 0;
    if (HAS_PROC) forgetPeak(pid);
    let slowestMs = 0;
    let isOver = false;
    const others = (async () => {
      while (!isOver) {
        const startMs = performance.now();
        await local.get('/-/healthy');
        slowestMs = Math.max(slowestMs, performance.now() - startMs);
        await wait(10);
      }
    })();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(RANGE, steps('x', 1500)))).finally(() => {
      isOver = true;
    });
    await others;
    const grown = HAS_PROC ? memoryOf(pid).peak - before : 0;
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { status, body } of refused) {
      assert.equal(status, 422);
      assert.match(body, /"query would take \d+ bytes of memory while other queries have \d+ bytes, at most \d+ bytes/);
    }
    assert.ok(refused.length < 20, 'some are answered');
    t.diagnostic(
      `${refused.length} of 20 refused; ${(grown / MIB).toFixed(0)} MiB more, bound ${MEMORY_BYTES / MIB} MiB`,
    );
    t.diagnostic(`slowest /-/healthy ${slowestMs.toFixed(0)} ms, limit 100 ms`);
    assert.ok(grown < 2 * MEMORY_BYTES + 64 * MIB, `${grown} bytes more`);
    assert.ok(slowestMs < 300 * SLACK, `/-/healthy took ${slowestMs} ms`);
  });

  it('end when their time is over', async (t) => {
    await ask(INSTANT, at('sum(count_over_time(x[12h]))'));
    const parameters = steps('sum(quantile_over_time(0.9, x[6h]))', 11_000, { timeout: '50ms' });
    const { status, body, ms } = await ask(RANGE, parameters);
    t.diagnostic(`a query with 50 ms ended after ${ms.toFixed(0)} ms`);
    assert.equal(status, 503);
    const expected = { status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' };
    assert.deepEqual(JSON.parse(body), expected);
    assert.ok(ms < 150 * SLACK, `took ${ms} ms`);
  });

  it('are bounded by the parameters of the request', async () => {
    const limited = JSON.parse((await ask(INSTANT, at('x', { limit: '3' }))).body);
    assert.equal(limited.data.result.length, 3);
    assert.deepEqual(limited.warnings, ['results truncated due to limit']);
    const later = { time: String(END + 20), lookback_delta: '10s' };
    assert.deepEqual(JSON.parse((await ask(INSTANT, at('up', later))).body).data.result, []);
    const { stats } = JSON.parse((await ask(INSTANT, at('sum(x)', { stats: 'all' }))).body).data;
    assert.deepEqual(stats.samples, { totalQueryableSamples: 1000, peakSamples: 1000 });
    const timings = ['evalTotalTime', 'execQueueTime', 'execTotalTime', 'innerEvalTime'];
    assert.deepEqual(Object.keys(stats.timings).sort(), [...timings, 'queryPreparationTime', 'resultSortTime']);
  });
});
