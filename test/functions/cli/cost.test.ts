import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COST } from '#functions/cli/cost/command.ts';
import { Environments } from '#functions/cli/cost/environments.ts';
import { describeLoad, parseLoad } from '#functions/cli/cost/load.ts';
import { createPage } from '#functions/cli/cost/pages.ts';
import { simulate } from '#functions/cli/cost/simulate.ts';
import { createSimulatedCloud } from '#functions/cli/cost/simulated-cloud.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';

describe('parseLoad()', () => {
  test('fills in what is not said', () => {
    const load = parseLoad('targets=1000, series=500,interval=30s,views=10/day');
    assert.equal(
      describeLoad(load),
      '1,000 targets of 500 series every 30s; 50 rules every 1m; 10 views of a dashboard a day; kept for 15d',
    );
    assert.deepEqual(load, {
      targets: 1000,
      series: 500,
      intervalMs: 30_000,
      rules: 50,
      evaluationMs: 60_000,
      viewsPerDay: 10,
      retentionMs: 15 * 86_400_000,
    });
  });

  test('says what it cannot read', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['', /"targets" is missing, expected targets=N,series=N,\[interval=15s\]/],
      ['targets=1', /"series" is missing/],
      ['targets=0,series=1', /targets is "0": expected a whole number from 1 to 100000/],
      ['targets=1,series=1,interval=1500ms', /interval is "1500ms": expected whole seconds/],
      ['targets=1,series=1,interval=soon', /interval is "soon"/],
      ['targets,series=1', /"targets" has no value/],
      ['hosts=1', /"hosts" is unknown/],
    ];
    for (const [text, expected] of cases)
      assert.throws(() => parseLoad(text), { name: 'SyntaxError', message: expected });
  });
});

test('createPage() makes as many series as it is asked for, with values that move', () => {
  const page = createPage(3, { series: 25, intervalMs: 15_000 });
  const lines = (nowMs: number) =>
    page(nowMs)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(lines(0).length, 25);
  assert.equal(new Set(lines(0).map((line) => line.split(' ')[0])).size, 25);
  assert.notDeepEqual(lines(0), lines(15_000));
  assert.deepEqual(lines(0), lines(14_999));
});

test('Environments starts another one only when all are at work', async () => {
  let made = 0;
  const environments = new Environments(() => ++made, createSeededRandom(1));
  const colds: boolean[] = [];
  const work = (_: number, isCold: boolean) => Promise.resolve(colds.push(isCold));
  await environments.run(work);
  await Promise.all([environments.run(work), environments.run(work)]);
  await environments.run(work);
  assert.deepEqual(colds, [true, false, true, false]);
  assert.equal(environments.started, 2);
});

describe('the simulated pipeline', () => {
  /** What an invocation asks, as test/cloud/requests.test.ts measures it on an emulator. */
  for (const { series, expected } of [
    { series: 20, expected: { 'DynamoDB.GetItem': 1, 'DynamoDB.Query': 1, 'DynamoDB.PutItem': 1 } },
    {
      series: 5000,
      expected: {
        'DynamoDB.GetItem': 1,
        'DynamoDB.PutItem': 1,
        'DynamoDB.Query': 1,
        'S3.GetObject': 1,
        'S3.PutObject': 1,
      },
    },
  ]) {
    test(`asks of AWS what was measured, with ${series} series`, async () => {
      const load = parseLoad(`targets=1,series=${series},interval=15s,rules=2,evaluation=15s,views=0`);
      const startMs = Date.UTC(2026, 0, 1, 13, 0, 0);
      const cloud = createSimulatedCloud(load, { startMs, seed: 1, sampleScale: 1 });
      await cloud.run(startMs + 134_000);
      cloud.resetCounters();
      await cloud.run(startMs + 194_000);
      const perInvocation = (name: string) => {
        const { count } = cloud.invocations().get(name)!;
        const own = cloud.gauges.requests.totals().filter(({ by }) => by === name);
        const byOperation = Object.entries(
          Object.groupBy(own, ({ service, operation }) => `${service}.${operation}`),
        ).map(
          ([operation, all]) => [operation, all!.reduce((sum, { requests }) => sum + requests, 0) / count] as const,
        );
        return Object.fromEntries(byOperation.sort());
      };
      assert.equal(cloud.invocations().get('scrape')!.count, 4);
      assert.deepEqual(perInvocation('scrape'), Object.fromEntries(Object.entries(expected).sort()));
      const sum = (counts: object) => Object.values(counts).reduce((all: number, one: number) => all + one, 0);
      assert.ok(sum(perInvocation('evaluate-rules')) <= 8, JSON.stringify(perInvocation('evaluate-rules')));
      const minute = sum(perInvocation('discover')) + sum(perInvocation('schedule'));
      assert.ok(minute <= 17, `a minute of discovery takes ${minute}`);
    });
  }

  test('uses more of everything that grows when the load grows', async () => {
    const of = (load: string) => simulate(parseLoad(load), { measuredMs: 60_000, maxShardSamples: 5000 });
    const small = await of('targets=5,series=1000,interval=15s,rules=5,views=10');
    const large = await of('targets=450,series=600,interval=15s,rules=5,views=10');
    assert.deepEqual([small.shards, large.shards, large.simulatedShards], [1, 3, 2]);
    assert.deepEqual([small.simulatedSeries, large.simulatedSeries], [1000, 33]);
    const quantity = ({ uses }: typeof small, by: string, price: string) =>
      uses.filter((use) => use.by === by && use.price === price).reduce((sum, use) => sum + use.quantity, 0);
    for (const [by, price] of [
      ['scrape', 'lambda.gbSecond'],
      ['scrape', 's3.put'],
      ['scrape', 'dynamodb.write'],
      ['schedule', 'dynamodb.write'],
      ['deployment', 's3.storage'],
      ['api', 's3.get'],
      ['api', 'lambda.gbSecond'],
    ]) {
      const [less, more] = [quantity(small, by, price), quantity(large, by, price)];
      assert.ok(less > 0 && more > less, `${by} ${price}: ${less} and ${more}`);
    }
    assert.equal(quantity(small, 'scrape', 'lambda.request'), quantity(large, 'scrape', 'lambda.request') / 3);
    assert.equal(quantity(small, 'deployment', 'cloudwatch.alarm'), quantity(large, 'deployment', 'cloudwatch.alarm'));
    assert.deepEqual(small.warnings, []);
  });
});

test('cost prints an itemised bill, or JSON', async () => {
  const run = async (format: string) => {
    let out = '';
    const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: () => true } };
    const simulated = 'targets=2,series=50,interval=15s,rules=2,views=1';
    assert.equal(await COST.run({ flags: { simulate: simulated, format }, positionals: [] }, io), 0);
    return out;
  };
  const text = await run('text');
  for (const expected of [/^scrape +compute/m, /^total +\$/m, /Managed Service for Prometheus, same load: \$/]) {
    assert.match(text, expected);
  }
  const json = JSON.parse(await run('json'));
  const sum = json.items.reduce((all: number, { usd }: { usd: number }) => all + usd, 0);
  assert.ok(Math.abs(sum - json.totalUsd) < 1e-9);
  assert.match(text, new RegExp(`^total +\\$${json.totalUsd.toFixed(2)}$`, 'm'));
  await assert.rejects(run('xml'), /--format is "xml", expected text or json/);
});
