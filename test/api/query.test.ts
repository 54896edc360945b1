import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createApi } from '#shared/api/app.ts';
import { parseFeatures } from '#shared/config/features.ts';
import { type ApiWorld, answerOf, openApiWorld } from '#test/support/api-world.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 480_000 * HOUR_MS;
const NOW = NOW_MS / 1000;

let world: ApiWorld;

before(async () => {
  world = await openApiWorld({ nowMs: NOW_MS });
  for (let k = -20; k <= 0; k++) {
    const samples = [
      [['__name__', 'up', 'job', 'a'], 1],
      [['__name__', 'up', 'job', 'b'], 0],
      [['__name__', 'my.metric', 'a.label', '<x>'], k],
    ] as const;
    await world.write(NOW_MS + k * 15_000, { t: samples });
  }
});

async function data(path: string): Promise<unknown> {
  const { status, json } = await answerOf(world.get(path));
  assert.equal(status, 200, JSON.stringify(json));
  return json.data;
}

test('GET and POST evaluate at one time, now by default', async () => {
  const expected = {
    resultType: 'vector',
    result: [{ metric: { __name__: 'up', job: 'a' }, value: [NOW, '1'] }],
  };
  assert.deepEqual(await data('/api/v1/query?query=up==1'), expected);
  const posted = await answerOf(world.post('/api/v1/query?query=1', { query: 'up == 1', time: String(NOW) }));
  assert.deepEqual(posted.json.data, expected);
  assert.equal(posted.headers.get('content-type'), 'application/json');
});

test('a range gives a matrix', async () => {
  assert.deepEqual(await data(`/api/v1/query_range?query=sum(up)&start=${NOW - 30}&end=${NOW}&step=15`), {
    resultType: 'matrix',
    result: [{ metric: {}, values: [-30, -15, 0].map((age) => [NOW + age, '1']) }],
  });
});

test('a query fails with Prometheus’s type, status and text', async () => {
  const range = 'start=1&end=2&step=1';
  const cases = [
    {
      input: 'query?query=up{',
      expected: [400, 'bad_data', 'invalid parameter "query": 1:4: parse error: unexpected end of input inside braces'],
    },
    {
      input: 'query?query=up&time=x',
      expected: [
        400,
        'bad_data',
        `invalid parameter "time": invalid time value for 'time': cannot parse "x" to a valid timestamp`,
      ],
    },
    {
      input: 'query?query=up&timeout=-1m',
      expected: [400, 'bad_data', 'invalid parameter "timeout": cannot parse "-1m" to a valid duration'],
    },
    {
      input: 'query?query=up&timeout=-60',
      expected: [400, 'bad_data', 'invalid parameter "timeout": timeout must be positive, got -1m0s'],
    },
    {
      input: 'query?query=up %2B on(job) up{job=~"a|b"} %2B on() up',
      status: 422,
    },
    {
      input: `query_range?query=up[5m]&${range}`,
      expected: [
        400,
        'bad_data',
        'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
      ],
    },
    {
      input: 'query_range?query=up&start=1&end=x&step=1',
      expected: [400, 'bad_data', 'invalid parameter "end": cannot parse "x" to a valid timestamp'],
    },
    {
      input: 'query_range?query=up&start=2&end=1&step=1',
      expected: [400, 'bad_data', 'invalid parameter "end": end timestamp must not be before start time'],
    },
    {
      input: 'query_range?query=up&start=1&end=2&step=0.0001',
      expected: [
        400,
        'bad_data',
        'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
      ],
    },
    {
      input: 'query_range?query=up&start=0&end=11001&step=1',
      expected: [
        400,
        'bad_data',
        'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
      ],
    },
  ];
  for (const { input, expected, status: wanted } of cases) {
    const { status, json } = await answerOf(world.get(`/api/v1/${input}`));
    if (expected === undefined) assert.equal(status, wanted, JSON.stringify(json));
    else assert.deepEqual([status, json.errorType, json.error], expected);
    assert.equal(json.status, 'error');
  }
});

test('11,000 points are allowed', async () => {
  await data('/api/v1/query_range?query=up&start=0&end=11000&step=1');
});

test('a canceled request ends the query', async () => {
  const { status, json } = await answerOf(world.ask('/api/v1/query?query=up', { signal: AbortSignal.abort() }));
  assert.deepEqual([status, json.errorType], [499, 'canceled']);
});

test('a storage that fails is our fault: the client gets a number, the log the reason', async () => {
  const failing = await openApiWorld({
    nowMs: NOW_MS,
    deps: {
      querier: () => ({
        select: () => Promise.reject(new Error('secret path')),
        series: () => Promise.reject(new Error('secret path')),
      }),
    },
  });
  const { status, json } = await answerOf(failing.get('/api/v1/series?match[]=up'));
  assert.deepEqual([status, json.errorType], [500, 'internal']);
  const requestId = /^internal error, see the log for request ([0-9a-f-]{36})$/.exec(json.error)?.[1];
  assert.equal(failing.ports.logger.entries[0].fields?.requestId, requestId);
});

test('limit cuts vectors and matrices, and warns', async () => {
  for (const path of ['query?query=up', `query_range?query=up&start=${NOW}&end=${NOW}&step=1`]) {
    const cut = (await answerOf(world.get(`/api/v1/${path}&limit=1`))).json;
    assert.equal(cut.data.result.length, 1);
    assert.deepEqual(cut.warnings, ['results truncated due to limit']);
    const whole = (await answerOf(world.get(`/api/v1/${path}&limit=2`))).json;
    assert.deepEqual([whole.data.result.length, whole.warnings], [2, undefined]);
  }
});

test('stats are given when asked for, per step for "all" where the feature is on', async () => {
  const [none, basic, all, other] = await Promise.all(
    ['', 'true', 'all', 'x'].map(
      async (stats) => (await answerOf(world.get(`/api/v1/query?query=up&stats=${stats}`))).json,
    ),
  );
  assert.equal(none.data.stats, undefined);
  assert.equal(basic.data.stats.samples.totalQueryableSamples, 2);
  assert.equal(basic.data.stats.samples.totalQueryableSamplesPerStep, undefined);
  assert.equal(all.data.stats.samples.totalQueryableSamplesPerStep, undefined);
  const { features } = parseFeatures(['promql-per-step-stats']);
  const perStep = createApi({ ...world.deps, features });
  const request = new Request('http://localhost:9090/api/v1/query?query=up&stats=all');
  const { json } = await answerOf(perStep.fetch(request, { remoteIsLoopback: true }));
  assert.deepEqual(json.data.stats.samples.totalQueryableSamplesPerStep, [[NOW, 2]]);
  assert.deepEqual(other.warnings, [
    'value "x" for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"',
  ]);
});

test('at most ten annotations of a kind are shown', async () => {
  const query = Array.from({ length: 12 }, (_, i) => `quantile(${i + 2}, up)`).join(' or ');
  const { json } = await answerOf(world.post('/api/v1/query', { query }));
  assert.equal(json.warnings.length, 11);
  assert.equal(json.warnings[10], '2 more warning annotations omitted');
});

test('labels, values and series', async () => {
  const cases = [
    { input: 'labels', expected: ['__name__', 'a.label', 'job'] },
    { input: 'labels?match[]=up', expected: ['__name__', 'job'] },
    { input: 'label/job/values', expected: ['a', 'b'] },
    { input: 'label/__name__/values', expected: ['my.metric', 'up'] },
    { input: 'label/U__a_2e_label/values', expected: ['<x>'] },
    { input: 'label/a.label/values', expected: ['<x>'] },
    { input: 'label/a%2Elabel/values', expected: ['<x>'] },
    { input: 'label/a%2Flabel/values', expected: [] },
    { input: 'label/none/values', expected: [] },
    { input: `labels?start=${NOW - 86_400}&end=${NOW - 80_000}`, expected: [] },
    { input: 'series?match[]=up{job="a"}', expected: [{ __name__: 'up', job: 'a' }] },
    {
      input: 'series?match[]=up&match[]={job="a"}',
      expected: [
        { __name__: 'up', job: 'a' },
        { __name__: 'up', job: 'b' },
      ],
    },
  ];
  for (const { input, expected } of cases) assert.deepEqual(await data(`/api/v1/${input}`), expected, input);
});

test('format_query and parse_query', async () => {
  assert.equal(await data('/api/v1/format_query?query=sum(up)by(job)'), 'sum by (job) (up)');
  assert.deepEqual(await data('/api/v1/parse_query?query=1'), { type: 'numberLiteral', val: '1' });
});

test('parse_query answers as Prometheus where JSON has no such number', async () => {
  const { features } = parseFeatures(['promql-binop-fill-modifiers']);
  const api = createApi({ ...world.deps, features, parser: features.parser });
  const url = `http://localhost:9090/api/v1/parse_query?query=${encodeURIComponent('a + fill(-Inf) b')}`;
  const response = await api.fetch(new Request(url), { remoteIsLoopback: true });
  assert.equal(response.status, 500);
  assert.equal(await response.text(), 'v1.Response.Data: unsupported value: -Inf\n');
});

test('a query of 10,000 parentheses is evaluated, but neither formatted nor shown as a tree', async () => {
  const query = `${'('.repeat(10_000)}1${')'.repeat(10_000)}`;
  const answers = await Promise.all(
    ['query', 'format_query', 'parse_query'].map(async (path) => {
      const { status, json } = await answerOf(world.post(`/api/v1/${path}`, { query, time: '0' }));
      return [status, json.error ?? json.data.result];
    }),
  );
  const refused = (verb: string) => {
    return [400, `invalid parameter "query": cannot ${verb} an expression that is nested deeper than 500 levels`];
  };
  assert.deepEqual(answers, [[200, [0, '1']], refused('format'), refused('show the tree of')]);
});

test('storage is never asked for more than it holds', async () => {
  const asked: number[] = [];
  const querier = () => ({
    select: async () => [],
    series: async (_: unknown, { minMs, maxMs }: { minMs: number; maxMs: number }) => {
      asked.push(minMs - NOW_MS, maxMs - NOW_MS);
      return [];
    },
  });
  const bounded = await openApiWorld({ nowMs: NOW_MS, retentionMs: 2 * HOUR_MS, deps: { querier } });
  for (const path of ['labels', 'labels?start=1', 'labels?start=9e9&end=9.1e9', 'labels?end=5']) {
    assert.equal((await bounded.get(`/api/v1/${path}`)).status, 200);
  }
  assert.deepEqual(asked, [-2 * HOUR_MS, HOUR_MS, -2 * HOUR_MS, HOUR_MS]);
});
