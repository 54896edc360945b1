import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HttpRequestError } from '#shared/ports/http-client.ts';
import { type Answer, EPOCH_MS, INTERVAL_MS, openScrapeWorld, STREAM } from './scrape-world.ts';

const DOWN: Answer = () => {
  throw new HttpRequestError('refused', 'Get "http://a:80/metrics": dial tcp: connect: connection refused');
};
const HTTP_500: Answer = { status: 500, statusText: 'Internal Server Error' };
const EMPTY: Answer = { headers: { 'content-type': 'text/plain' }, body: '' };

/** Time of slot `slot`, plus some milliseconds, as a page writes it. */
const time = (slot: number, offsetMs = 0) => String(EPOCH_MS + slot * INTERVAL_MS + offsetMs);

interface Story {
  readonly title: string;
  readonly config?: readonly string[];
  /** What the target answers at slots 0, 1, 2, … */
  readonly pages: readonly Answer[];
  readonly stored?: readonly string[];
  /** Report series → its values. */
  readonly reports?: Readonly<Record<string, string>>;
}

const STORIES: readonly Story[] = [
  {
    title: 'series come, go and return',
    pages: ['x 1; y 1', 'x 2', 'x 3; y 3'],
    stored: ['x 1@0 2@10 3@20', 'y 1@0 stale@10 3@20'],
    reports: { up: '1 1 1', scrape_series_added: '2 0 1', scrape_samples_scraped: '2 1 2' },
  },
  {
    title: 'success, failure, failure, recovery: nothing is new',
    pages: ['x 1; y 1', DOWN, HTTP_500, 'x 4; y 4; z 4'],
    stored: ['x 1@0 stale@10 4@30', 'y 1@0 stale@10 4@30', 'z 4@30'],
    reports: {
      up: '1 0 0 1',
      scrape_series_added: '2 0 0 1',
      scrape_samples_scraped: '2 0 0 3',
      scrape_samples_post_metric_relabeling: '2 0 0 3',
    },
  },
  {
    title: 'a page that does not parse in its middle: what stands before the error is pending',
    pages: ['x 1; y 1', 'x 2; n 2; broken', 'x 3; n 3'],
    stored: ['n 3@20', 'x 1@0 3@20', 'y 1@0 stale@10'],
    reports: { up: '1 0 1', scrape_series_added: '2 1 0', scrape_samples_scraped: '2 2 2' },
  },
  {
    title: 'a pending series that does not return is stale one scrape later, also one that never had a sample',
    pages: ['x 1', 'x 2; n 2; broken', 'y 3'],
    stored: ['n stale@20', 'x 1@0 stale@20', 'y 3@20'],
  },
  {
    title: 'a first scrape that fails half way',
    pages: ['x 1; broken', 'x 2; y 2'],
    stored: ['x 2@10', 'y 2@10'],
    reports: { up: '0 1', scrape_series_added: '1 1' },
  },
  {
    title: 'pending series of explicit times are not stale, but known',
    pages: [`x 1 ${time(0)}; broken`, `y 1; x 2 ${time(0, 5000)}`],
    stored: ['x 2@5', 'y 1@10'],
    reports: { scrape_series_added: '1 1' },
  },
  {
    title: 'an empty body is a success that forgets nothing',
    pages: ['x 1', EMPTY, EMPTY, 'x 4; y 4'],
    stored: ['x 1@0 stale@10 4@30', 'y 4@30'],
    reports: { up: '1 1 1 1', scrape_series_added: '1 0 0 1' },
  },
  {
    title: 'a page of comments is a success that forgets',
    pages: ['x 1', '# nothing', 'x 3'],
    stored: ['x 1@0 stale@10 3@20'],
    reports: { up: '1 1 1', scrape_series_added: '1 0 1' },
  },
  {
    title: 'above the sample limit the page fails, and the series within it are pending',
    config: ['sample_limit: 2'],
    pages: ['x 1; y 1', 'x 2; n 2; y 2', 'x 3; y 3'],
    stored: ['n stale@20', 'x 1@0 3@20', 'y 1@0 stale@10 3@20'],
    reports: { up: '1 0 1', scrape_series_added: '2 1 0', scrape_samples_post_metric_relabeling: '2 3 2' },
  },
  {
    title: 'extra metrics',
    config: ['extra_scrape_metrics: true', 'sample_limit: 5', 'body_size_limit: 10B'],
    pages: ['x 1', 'x 1234567', DOWN],
    reports: {
      up: '1 0 0',
      scrape_timeout_seconds: '5 5 5',
      scrape_sample_limit: '5 5 5',
      scrape_body_size_bytes: '4 -1 0',
    },
  },
  {
    title: 'explicit times: kept, never stale, late ones dropped',
    pages: [`x 1 ${time(0, -3000)}`, `x 2 ${time(0, -4000)}`, `x 3 ${time(2, -1)}`, 'y 1'],
    stored: ['x 1@-3 3@19.999', 'y 1@30'],
  },
  {
    title: 'explicit times: stale when tracked',
    config: ['track_timestamps_staleness: true'],
    pages: [`x 1 ${time(0, -3000)}`, `x 1 ${time(0, -3000)}`, `x 9 ${time(0, -3000)}`, `x 4 ${time(3, -1)}`],
    stored: ['x 1@-3 stale@20 4@29.999'],
  },
  {
    title: 'a series that gets explicit times is stale as one without',
    pages: ['x 1', `x 2 ${time(1, -2000)}`, `x 3 ${time(2, -2000)}`],
    stored: ['x 1@0 2@8 stale@10 3@18'],
  },
  {
    title: 'samples older than one ahead of its time are dropped',
    pages: [`x 1 ${time(2, 5000)}`, 'x 2', 'x 3', 'x 4'],
    stored: ['x 1@25 4@30'],
  },
];

describe('scrapes are stored as upstream stores them', () => {
  for (const { title, config, pages, stored, reports = {} } of STORIES) {
    for (const warm of [true, false]) {
      test(`${title} (${warm ? 'one worker' : 'a new worker each time'})`, async () => {
        const world = openScrapeWorld(config);
        await world.plan(['a']);
        for (const [slot, a] of pages.entries()) {
          const result = await world.scrape(slot, { a }, warm ? undefined : world.newScraper());
          assert.equal(result.kind, 'written');
        }
        if (stored !== undefined) assert.deepEqual(await world.stored(), stored);
        for (const [name, values] of Object.entries(reports)) assert.equal(await world.report(name), values, name);
      });
    }
  }
});

test('errors are noted for the targets page, in upstream words', async () => {
  const cases: readonly { readonly answer: Answer; readonly config?: readonly string[]; readonly expected: string }[] =
    [
      { answer: DOWN, expected: 'Get "http://a:80/metrics": dial tcp: connect: connection refused' },
      { answer: HTTP_500, expected: 'server returned HTTP status 500 Internal Server Error' },
      { answer: 'x 1; y 1', config: ['sample_limit: 1'], expected: 'sample limit exceeded' },
      {
        answer: 'x 1; y 1; broken',
        config: ['sample_limit: 1'],
        expected: 'expected value after metric, got "\\n" ("INVALID") while parsing: "broken\\n" (line 3)',
      },
      {
        answer: 'x{a="1"} 1; broken',
        config: ['label_limit: 2'],
        expected: 'label_limit exceeded (metric: x, number of labels: 4, limit: 2)',
      },
      { answer: 'x 1', config: ['body_size_limit: 4B'], expected: 'body size limit exceeded' },
      {
        answer: { body: 'x 1\n' },
        expected:
          'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target',
      },
    ];
  for (const { answer, config, expected } of cases) {
    const world = openScrapeWorld(config);
    await world.plan(['a']);
    await world.scrape(0, { a: answer });
    const stored = await world.batches.last(STREAM, { minSlotMs: 0, maxSlotMs: EPOCH_MS });
    assert.deepEqual(Object.values(stored!.notes.errors as object), [expected]);
  }
});

test('a target that must fail is not asked', async () => {
  const world = openScrapeWorld();
  await world.plan(['a']);
  await world.scrape(0, { a: 'x 1' });
  await world.plan(['a'], { forcedError: 'target_limit exceeded (number of targets: 2, limit: 1)' });
  await world.scrape(1, { a: 'x 2' });
  assert.deepEqual(await world.stored(), ['x 1@0 stale@10']);
  assert.equal(await world.report('up'), '1 0');
  assert.equal(world.ports.http.requests.length, 1);
});

test('our own failure stores nothing of the target and makes nothing stale', async () => {
  const world = openScrapeWorld();
  await world.plan(['a', 'b']);
  const broken: Answer = () => {
    throw new Error('out of sockets');
  };
  await world.scrape(0, { a: 'x 1', b: 'x 1' });
  await world.scrape(1, { a: broken, b: 'x 2' });
  await world.scrape(2, { a: 'x 3', b: 'x 3' });
  const [a, b] = await world.stored();
  assert.equal(a, 'x 1@0 3@20');
  assert.match(b, / 1@0 2@10 3@20$/);
  assert.equal(await world.report('up'), '1 1');
  const [entry] = world.ports.logger.entries.filter(({ level }) => level === 'error');
  assert.equal(entry.message, 'Cannot scrape target because of a failure of our own');
});

describe('a slot', () => {
  test('is done once, however often it is delivered', async () => {
    const world = openScrapeWorld();
    await world.plan(['a']);
    assert.equal((await world.scrape(0, { a: 'x 1' })).kind, 'written');
    assert.equal((await world.scrape(0, { a: 'x 2' })).kind, 'duplicate');
    assert.equal(world.ports.http.requests.length, 1);
    assert.deepEqual(await world.stored(), ['x 1@0']);
  });

  test('is done once by two workers at the same time', async () => {
    const world = openScrapeWorld();
    await world.plan(['a']);
    await world.clock.advanceTo(EPOCH_MS);
    const both = await Promise.all([world.scrape(0, { a: 'x 1' }), world.scrape(0, { a: 'x 1' }, world.newScraper())]);
    assert.deepEqual(both.map(({ kind }) => kind).sort(), ['duplicate', 'written']);
    assert.deepEqual(await world.stored(), ['x 1@0']);
  });

  test('waits for its time', async () => {
    const world = openScrapeWorld();
    await world.plan(['a']);
    world.ports.http.routes.set('http://a:80/metrics', () => ({
      headers: { 'content-type': 'text/plain' },
      body: 'x 1\n',
    }));
    const scraped = world.newScraper().scrape({ stream: STREAM, slotMs: EPOCH_MS });
    await world.clock.advanceTo(EPOCH_MS - 1);
    assert.equal(world.ports.http.requests.length, 0);
    await world.clock.advanceTo(EPOCH_MS);
    assert.deepEqual(await scraped, {
      kind: 'written',
      targets: 1,
      failed: 0,
      samples: 6,
      latenessMs: 0,
      durationMs: 0,
    });
  });

  const lateness: readonly { readonly lateMs: number; readonly expected: string | readonly string[] }[] = [
    { lateMs: 250, expected: ['x 1@0'] },
    { lateMs: 251, expected: ['x 1@0.251'] },
    { lateMs: 9_999, expected: ['x 1@9.999'] },
    { lateMs: 10_000, expected: 'missed' },
  ];
  for (const { lateMs, expected } of lateness) {
    test(`that is ${lateMs} ms late`, async () => {
      const world = openScrapeWorld();
      await world.plan(['a']);
      await world.clock.advanceTo(EPOCH_MS + lateMs);
      const result = await world.scrape(0, { a: 'x 1' });
      if (typeof expected === 'string') assert.deepEqual(result, { kind: expected, latenessMs: lateMs });
      else assert.deepEqual(await world.stored(), expected);
    });
  }

  test('of a stream without a plan is idle', async () => {
    assert.deepEqual(await openScrapeWorld().scrape(0, {}), { kind: 'idle' });
  });

  test('with an empty plan ends the series of the targets that are gone, once', async () => {
    const world = openScrapeWorld();
    await world.plan(['a']);
    await world.scrape(0, { a: 'x 1' });
    await world.plan([]);
    assert.equal((await world.scrape(1, {})).kind, 'written');
    assert.equal((await world.scrape(2, {})).kind, 'idle');
    assert.deepEqual(await world.stored(), ['x 1@0 stale@10']);
    assert.equal(await world.report('up'), '1 stale');
  });

  test('whose target is new or gone touches no other', async () => {
    const world = openScrapeWorld();
    await world.plan(['a']);
    await world.scrape(0, { a: 'x 1' });
    await world.plan(['a', 'b']);
    await world.scrape(1, { a: 'x 2', b: 'x 2' });
    await world.plan(['b']);
    await world.scrape(2, { b: 'x 3' });
    const [a, b] = await world.stored();
    assert.equal(a, 'x 1@0 2@10 stale@20');
    assert.match(b, /2@10 3@20$/);
  });

  test('that was lost makes nothing stale', async () => {
    const world = openScrapeWorld();
    await world.plan(['a']);
    await world.scrape(0, { a: 'x 1; y 1' });
    await world.scrape(3, { a: 'x 2' });
    assert.deepEqual(await world.stored(), ['x 1@0 2@30', 'y 1@0 stale@30']);
    assert.equal(await world.report('scrape_series_added'), '2 0');
  });
});

test('a slow target has its own timeout and delays no slot', async () => {
  const world = openScrapeWorld();
  await world.plan(['a', 'b']);
  const slow: Answer = async () => {
    await world.clock.sleep(60_000);
    return { body: '' };
  };
  await world.clock.advanceTo(EPOCH_MS);
  const scraped = world.scrape(0, { a: slow, b: 'x 1' });
  await world.clock.advanceTo(EPOCH_MS + 5_000);
  assert.equal((await scraped).kind, 'written');
  assert.equal(await world.report('up'), '0');
  assert.equal(await world.report('scrape_duration_seconds'), '5');
});

test('the request is that of upstream', async () => {
  const world = openScrapeWorld(['scrape_timeout: 2500ms', 'authorization: { credentials: secret }']);
  await world.plan(['a']);
  await world.scrape(0, { a: 'x 1' });
  const [{ method, url, headers, timeoutMs, maxBodyBytes }] = world.ports.http.requests;
  assert.deepEqual(
    { method, url, timeoutMs, maxBodyBytes },
    {
      method: 'GET',
      url: 'http://a:80/metrics',
      timeoutMs: 2500,
      maxBodyBytes: 256 * 1024 * 1024,
    },
  );
  assert.equal(headers!['X-Prometheus-Scrape-Timeout-Seconds'], '2.5');
  assert.equal(headers!['Accept-Encoding'], 'gzip');
  assert.equal(headers!.Authorization, 'Bearer secret');
  assert.match(headers!['User-Agent'], /^Emberwatch\//);
});
