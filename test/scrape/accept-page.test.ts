import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage } from '#shared/exposition/parse.ts';
import { SeriesCache } from '#shared/exposition/series-cache.ts';
import { formatLabels } from '#shared/model/labels.ts';
import { createRelabelConfig } from '#shared/relabel/validate.ts';
import { acceptPage, type LabelCache, type PageLimits } from '#shared/scrape/accept-page.ts';

const TIME_MS = 10_000_000;
const NO_LIMITS: PageLimits = {
  honorTimestamps: true,
  sampleLimit: 0,
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
};

interface Options {
  readonly limits?: Partial<PageLimits>;
  readonly drop?: string;
  readonly dropLabel?: string;
}

function accept(text: string, { limits, drop, dropLabel }: Options = {}, cache: LabelCache = new Map()) {
  const metricRelabelConfigs = [
    ...(drop === undefined ? [] : [createRelabelConfig({ source_labels: ['__name__'], regex: drop, action: 'drop' })]),
    ...(dropLabel === undefined ? [] : [createRelabelConfig({ regex: dropLabel, action: 'labeldrop' })]),
  ];
  const page = parsePage(new TextEncoder().encode(text), 'PrometheusText0.0.4', new SeriesCache());
  const rules = { targetLabels: [], honorLabels: false, metricRelabelConfigs };
  return acceptPage(page, rules, { limits: { ...NO_LIMITS, ...limits }, timeMs: TIME_MS, cache });
}

/** `a=1 b=2@9000 | scraped/postRelabel duplicates outOfBounds | problem` */
function show(text: string, options: Options = {}): string {
  const page = accept(text, options);
  const samples = page.labels.map((labels, i) => {
    const own = page.timesMs?.[i] ?? Number.NaN;
    return `${formatLabels(labels)}=${page.values[i]}${Number.isNaN(own) ? '' : `@${own}`}`;
  });
  const counts = `${page.scraped}/${page.postRelabel} ${page.duplicates} ${page.outOfBounds}`;
  const problem = page.error ?? (page.limitExceeded ? 'limit' : 'ok');
  return `${samples.join(' ')} | ${counts} | ${problem}`;
}

const at = (offsetMs: number) => TIME_MS + offsetMs;

test('acceptPage() takes the samples of a page', () => {
  const cases: readonly { readonly page: string; readonly options?: Options; readonly expected: string }[] = [
    { page: 'a 1\nb 2\n', expected: 'a=1 b=2 | 2/2 0 0 | ok' },
    { page: '', expected: ' | 0/0 0 0 | ok' },
    { page: 'a 1\nb 2\n', options: { drop: 'a' }, expected: 'b=2 | 2/1 0 0 | ok' },
    { page: 'a 1\na 2\nb 3\n', expected: 'a=1 b=3 | 3/3 1 0 | ok' },
    { page: `a 1 ${at(-5)}\na 2 ${at(5)}\nb 3\n`, expected: `a=1@${at(-5)} a=2@${at(5)} b=3 | 3/3 0 0 | ok` },
    { page: `a 1 5\na 2\n`, options: { limits: { honorTimestamps: false } }, expected: 'a=1 | 2/2 1 0 | ok' },
    { page: `a 1\na 2 ${at(5)}\n`, expected: `a=1 a=2@${at(5)} | 2/2 0 0 | ok` },
    // Ten minutes ahead and an hour behind, to the millisecond.
    { page: `a 1 ${at(600_000)}\nb 2 ${at(600_001)}\n`, expected: `a=1@${at(600_000)} | 2/2 0 1 | ok` },
    { page: `a 1 ${at(-3_600_000)}\nb 2 ${at(-3_600_001)}\n`, expected: `a=1@${at(-3_600_000)} | 2/2 0 1 | ok` },
    // Series that relabelling makes one are not duplicates: which sample is stored is decided in storage.
    { page: 'a{x="1"} 1\na{x="2"} 2\n', options: { dropLabel: 'x' }, expected: 'a=1 a=2 | 2/2 0 0 | ok' },
  ];
  for (const { page, options, expected } of cases) assert.equal(show(page, options), expected, page);
});

test('acceptPage() holds the sample limit', () => {
  const limit = (sampleLimit: number) => ({ limits: { sampleLimit } });
  const cases: readonly { readonly page: string; readonly options: Options; readonly expected: string }[] = [
    { page: 'a 1\nb 2\n', options: limit(2), expected: 'a=1 b=2 | 2/2 0 0 | ok' },
    { page: 'a 1\nb 2\nc 3\nd 4\n', options: limit(2), expected: 'a=1 b=2 | 4/4 0 0 | limit' },
    // Counted are samples after relabelling, without repeated ones, with those out of bounds.
    { page: 'a 1\nb 2\nc 3\n', options: { ...limit(2), drop: 'a' }, expected: 'b=2 c=3 | 3/2 0 0 | ok' },
    { page: 'a 1\na 1\nb 2\n', options: limit(2), expected: 'a=1 b=2 | 3/3 1 0 | ok' },
    { page: 'a 1\nb 2 5\nc 3\n', options: limit(2), expected: 'a=1 | 3/3 0 1 | limit' },
  ];
  for (const { page, options, expected } of cases) assert.equal(show(page, options), expected, page);
});

test('acceptPage() refuses labels beyond the limits, at the limit and one above', () => {
  const ok = (text: string) => `${text} | 1/1 0 0 | ok`;
  const refused = (problem: string) => ` | 1/0 0 0 | ${problem}`;
  const cases: readonly { readonly page: string; readonly options: Options; readonly expected: string }[] = [
    { page: 'a{b="1"} 1\n', options: { limits: { labelLimit: 2 } }, expected: ok('a{b="1"}=1') },
    {
      page: 'a{b="1",c="2"} 1\n',
      options: { limits: { labelLimit: 2 } },
      expected: refused('label_limit exceeded (metric: a, number of labels: 3, limit: 2)'),
    },
    {
      page: 'a{b2345678="1"} 1\n',
      options: { limits: { labelNameLengthLimit: 8 } },
      expected: ok('a{b2345678="1"}=1'),
    },
    {
      page: 'a{b23456789="1"} 1\n',
      options: { limits: { labelNameLengthLimit: 8 } },
      expected: refused('label_name_length_limit exceeded (metric: a, label name: b23456789, length: 9, limit: 8)'),
    },
    { page: 'a{b="é"} 1\n', options: { limits: { labelValueLengthLimit: 2 } }, expected: ok('a{b="é"}=1') },
    {
      page: 'a{b="é1"} 1\n',
      options: { limits: { labelValueLengthLimit: 2 } },
      expected: refused(
        'label_value_length_limit exceeded (metric: a, label name: b, value: "é1", length: 3, limit: 2)',
      ),
    },
  ];
  for (const { page, options, expected } of cases) assert.equal(show(page, options), expected, page);
});

test('a refused label set refuses the page, with the samples before it', () => {
  const options = { limits: { labelLimit: 1 } };
  const problem = 'label_limit exceeded (metric: b, number of labels: 2, limit: 1)';
  assert.equal(show('a 1\nb{x="1"} 2\nc 3\n', options), `a=1 | 2/1 0 0 | ${problem}`);
  // It is not remembered as good.
  const cache: LabelCache = new Map();
  accept('b{x="1"} 2\n', options, cache);
  assert.equal(cache.size, 0);
});

test('a series without a name refuses the page', () => {
  const options = { dropLabel: '__name__' };
  assert.equal(show('a{x="1"} 1\n', options), ' | 1/0 0 0 | missing metric name (__name__ label)');
  // Without any label it is dropped.
  assert.equal(show('a 1\n', options), ' | 1/0 0 0 | ok');
});
