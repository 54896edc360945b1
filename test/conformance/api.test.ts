import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type ApiWorld, openApiWorld } from '#test/support/api-world.ts';
import { serveApi } from '#test/support/http-bridge.ts';
import { type OracleServer, runOracle, skipWithoutOracle, startOracle } from '#test/support/oracle.ts';
import { END, openMetricsText, START, writeSamples } from './api-samples.ts';

const DAY_MS = 86_400_000;

/** Requests that the real Prometheus and ours answer alike, to the byte but for the order of what has none. */
const AT = `time=${END}`;
const RANGE = `start=${START}&end=${END}&step=60`;
const REQUESTS: readonly string[] = [
  ...[
    'up',
    'up == 0',
    'sum by (job) (up)',
    'sum(rate(http_requests_total[5m])) by (method)',
    'http_requests_total{code=~"4..|5.."} > 100',
    'odd',
    'texts',
    '{"my.metric"}',
    'temperature',
    'temperature{room="cellar"} offset 12m',
    'temperature[1m]',
    'histogram_quantile(0.9, rate(latency_seconds_bucket[5m]))',
    'topk(2, http_requests_total)',
    'sort_desc(http_requests_total)',
    'count_values("v", up)',
    'label_replace(up, "host", "<$1>", "instance", "(.*)")',
    'absent(nothing)',
    'nothing',
    '1',
    '1e-9',
    'NaN',
    '-0',
    '1/0',
    '"a <b> & \\"c\\""',
    'time()',
    'vector(1)',
    'scalar(up)',
    'up + on(instance) group_left up',
    'rate(temperature[5m])',
    'quantile(2, up)',
    'http_requests_total / 0',
    'max_over_time(temperature[10m:1m])',
    'up @ 1700000400',
    'deriv(temperature[5m]) > bool 0',
    // Not PromQL, or not to be evaluated:
    '',
    'up{',
    'sum(',
    'foo(up)',
    'rate(up)',
    'up + on(job) up',
    'up{a=~"("}',
    '{}',
    'up[5m] + 1',
    'label_replace(up, "instance", "x", "", "")',
    '1 and 2',
  ].map((query) => `/api/v1/query?query=${encodeURIComponent(query)}&${AT}`),
  ...['up', 'rate(http_requests_total[2m])', 'odd', '1', 'temperature', 'sum(up) by (job)', 'sort(up)', 'nothing'].map(
    (query) => `/api/v1/query_range?query=${encodeURIComponent(query)}&${RANGE}`,
  ),
  `/api/v1/query?query=up&${AT}&limit=2`,
  `/api/v1/query?query=up&time=2023-11-14T22:45:00.5Z`,
  `/api/v1/query?query=up&time=2023-11-14T23:45:00%2B01:00`,
  `/api/v1/query?query=up&${AT}.7891&lookback_delta=1m`,
  `/api/v1/query?query=1&${AT}.5`,
  `/api/v1/query?query="x"&${AT}.25`,
  `/api/v1/query?query=up&${AT}&lookback_delta=x`,
  `/api/v1/query?query=up&${AT}&timeout=x`,
  `/api/v1/query?query=up&${AT}&timeout=0`,
  `/api/v1/query?query=up&${AT}&timeout=-1.5`,
  `/api/v1/query?query=up&${AT}&limit=x`,
  `/api/v1/query?query=up&${AT}&limit=-1`,
  `/api/v1/query?query=up&${AT}&limit=99999999999999999999`,
  '/api/v1/query?query=up&time=x',
  '/api/v1/query?query=up&time=2023-13-01T00:00:00Z',
  `/api/v1/query_range?query=up[5m]&${RANGE}`,
  '/api/v1/query_range?query=up&start=x&end=1&step=1',
  '/api/v1/query_range?query=up&start=1&end=&step=1',
  '/api/v1/query_range?query=up&start=2&end=1&step=1',
  '/api/v1/query_range?query=up&start=1&end=2&step=0',
  '/api/v1/query_range?query=up&start=1&end=2&step=-5m',
  '/api/v1/query_range?query=up&start=1&end=2&step=x',
  '/api/v1/query_range?query=up&start=1&end=2&step=1e300',
  '/api/v1/query_range?query=up&start=0&end=11001&step=1',
  `/api/v1/query_range?query=up&start=${START}.5&end=${START + 60}.0004&step=0x1p4`,
  `/api/v1/query_range?query=http_requests_total&${RANGE}&limit=3`,
  '/api/v1/labels',
  '/api/v1/labels?limit=2',
  '/api/v1/labels?match[]=up',
  '/api/v1/labels?match[]=up&match[]=temperature',
  '/api/v1/labels?match[]=up{',
  '/api/v1/labels?match[]={}',
  '/api/v1/labels?start=x',
  `/api/v1/labels?start=${START - 86400 * 30}&end=${START - 86400 * 20}`,
  '/api/v1/label/job/values',
  '/api/v1/label/value/values',
  '/api/v1/label/kind/values?limit=2',
  '/api/v1/label/instance/values?match[]=up{job="web"}',
  '/api/v1/label/__name__/values',
  '/api/v1/label/U__a_2e_label/values',
  '/api/v1/label/a.label/values',
  '/api/v1/label/nothing/values',
  '/api/v1/label/job/values?match[]={job=""}',
  '/api/v1/series',
  '/api/v1/series?match[]=up',
  '/api/v1/series?match[]=up&match[]={job="web"}',
  '/api/v1/series?match[]=texts',
  '/api/v1/series?match[]={',
  '/api/v1/series?match[]={}',
  `/api/v1/series?match[]=up&start=${START}&end=x`,
  '/api/v1/format_query?query=sum(rate(up[5m]))by(job)<1',
  '/api/v1/format_query?query=sum(',
  '/api/v1/parse_query?query=sum(rate(up{job="<a>"}[5m]))by(job)<1',
  '/api/v1/parse_query?query=',
  '/api/v1/targets',
  '/api/v1/targets?state=active',
  '/api/v1/targets?state=dropped',
  '/api/v1/targets/metadata?limit=x',
  '/api/v1/targets/metadata?match_target={',
  '/api/v1/metadata?limit=x',
  '/api/v1/metadata?limit_per_metric=x',
  '/api/v1/rules',
  '/api/v1/rules?type=x',
  '/api/v1/rules?exclude_alerts=x',
  '/api/v1/rules?group_limit=x',
  '/api/v1/rules?group_limit=0',
  '/api/v1/rules?group_next_token=x',
  '/api/v1/rules?group_limit=1&group_next_token=x',
  '/api/v1/rules?match[]={',
  '/api/v1/alerts',
  '/api/v1/status/tsdb?limit=0',
  '/api/v1/status/tsdb?limit=10001',
  '/api/v1/scrape_pools',
];

suite('the Prometheus API', { skip: skipWithoutOracle('prometheus', 'promtool') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  let prometheus: OracleServer;
  let world: ApiWorld;
  let ours: string;
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    writeFileSync(join(folder, 'samples.txt'), openMetricsText());
    writeFileSync(join(folder, 'prometheus.yml'), '');
    const made = await runOracle('promtool', [
      ...['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'samples.txt'), join(folder, 'data')],
    ]);
    assert.equal(made.code, 0, made.stderr);
    prometheus = await startOracle('prometheus', (address) => [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=${address}`,
    ]);
    closers.push(prometheus.stop);
    world = await openApiWorld({ nowMs: END * 1000 + 60_000, prometheus: '{}', retentionMs: 2 * DAY_MS });
    await writeSamples(world);
    const server = await serveApi(world.api);
    closers.push(server.stop);
    ours = server.url;
  });

  after(async () => {
    await Promise.all(closers.map((close) => close()));
    rmSync(folder, { recursive: true, force: true });
  });

  test('answers as the real one does', async (t) => {
    for (const path of REQUESTS) {
      await t.test(decodeURIComponent(path), async () => {
        const [expected, actual] = await Promise.all([fetch(prometheus.url + path), fetch(ours + path)]);
        const texts = [await expected.text(), await actual.text()];
        assert.deepEqual(comparable(path, actual.status, texts[1]), comparable(path, expected.status, texts[0]));
      });
    }
  });

  test('promtool gets the same from both', async (t) => {
    const times = [`--start=${START}`, `--end=${END}`];
    const commands: readonly (readonly string[])[] = [
      ['instant', `--time=${END}`, 'SERVER', 'up'],
      ['instant', `--time=${END}`, '-o', 'json', 'SERVER', 'odd'],
      ['instant', `--time=${END}`, 'SERVER', 'up{'],
      ['range', ...times, '--step=5m', 'SERVER', 'rate(http_requests_total[5m])'],
      ['series', ...times, '--match=up', '--match=texts', 'SERVER'],
      ['labels', ...times, 'SERVER', 'job'],
      ['labels', 'SERVER', 'method'],
    ];
    for (const command of commands) {
      await t.test(command.join(' '), async () => {
        const run = async (url: string) => {
          const { code, stdout, stderr } = await runOracle('promtool', [
            'query',
            ...command.map((word) => (word === 'SERVER' ? url : word)),
          ]);
          return { code, stdout: sortedCharacters(stdout), stderr: stderr.replaceAll(url, 'SERVER') };
        };
        assert.deepEqual(await run(ours), await run(prometheus.url));
      });
    }
  });

  test('promtool finds the server healthy and ready', async () => {
    for (const what of ['healthy', 'ready']) {
      assert.equal((await runOracle('promtool', ['check', what, `--url=${ours}`])).code, 0);
    }
  });
});

/** An answer so that two are equal when they are to the byte; but for order where upstream leaves that open. */
function comparable(path: string, status: number, text: string) {
  const isOrdered = !/^\/api\/v1\/(?:query|series)\?/.test(path) || /=(?:sort|topk)/.test(path);
  if (isOrdered) return { status, text };
  return { status, json: withSortedLists(JSON.parse(text)), characters: sortedCharacters(text) };
}

function withSortedLists(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withSortedLists);
    const isPoint = items.length === 2 && typeof items[0] === 'number';
    return isPoint ? items : items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withSortedLists(member)]));
}

function sortedCharacters(text: string): string {
  return [...text].sort().join('');
}
