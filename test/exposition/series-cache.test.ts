import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage } from '#shared/exposition/parse.ts';
import { SeriesCache } from '#shared/exposition/series-cache.ts';
import { bytesOf, parseError, parseLines } from './page-lines.ts';

const TEXT = 'PrometheusText0.0.4';

test('parsePage() takes label sets of known series from the cache', () => {
  const cache = new SeriesCache();
  const body = bytesOf('a{b="é"} 1\na 2\n{"a",b="é"} 3\n');
  const first = parsePage(body, TEXT, cache);
  const second = parsePage(body, TEXT, cache);
  assert.equal(cache.size, 3);
  assert.deepEqual(second.labels, first.labels);
  second.labels.forEach((labels, i) => {
    assert.equal(labels, first.labels[i]);
  });
});

test('parsePage() gives the same page with and without a cache', () => {
  const cache = new SeriesCache();
  const pages = [
    '# TYPE a histogram\na{le="1"} 1\n# TYPE a gauge\na{le="1"} 2\n# TYPE a summary\na{le="1",quantile="1"} 3\n',
    '# TYPE a gauge\na{le="1"} 1\n# TYPE a summary\na{le="1"} 2\na{le="1",quantile="1"} 3\n',
    'a{le="1"} 1\n a{le="1"} 1\na 1\na{} 1\n',
    'a 1\nb 2\nc 3\n',
    'a {x="1"} 1\nbc 2\nb\t4\nc 3\n',
    'c 3\nb 2\nb 2\na 1\n',
  ];
  for (const page of [...pages, ...pages]) assert.deepEqual(parseLines(page, TEXT, cache), parseLines(page, TEXT));
});

test('a series known from a text page does not make an OpenMetrics page right', () => {
  const cache = new SeriesCache();
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(parseLines('a {b="1"} 1\n', TEXT, cache), ['a{b="1"} 1']);
    assert.throws(() => parsePage(bytesOf('a {b="1"} 1\n# EOF\n'), 'OpenMetricsText1.0.0', cache), /invalid syntax/);
  }
});

test('a cache does not keep a series that is refused', () => {
  const cache = new SeriesCache();
  for (let i = 0; i < 2; i++) {
    assert.throws(() => parsePage(bytesOf('a{b="1",b="2"} 1\n'), TEXT, cache), /label name "b" is not unique/);
  }
  assert.equal(cache.size, 0);
});

test('a cache stays bounded when a target’s series change all the time', () => {
  const cache = new SeriesCache();
  for (let page = 0; page < 100; page++) {
    const lines = Array.from({ length: 100 }, (_, i) => `a{page="${page}",i="${i}"} 1\n`);
    parsePage(bytesOf(lines.join('')), TEXT, cache);
    assert.ok(cache.size <= 2 * 100 + 1000, `${cache.size} series after page ${page}`);
  }
});

test('a cache stays bounded when pages do not parse', () => {
  const cache = new SeriesCache();
  for (let page = 0; page < 100; page++) {
    const lines = Array.from({ length: 100 }, (_, i) => `a{page="${page}",i="${i}"} 1\n`);
    assert.throws(() => parsePage(bytesOf(`${lines.join('')}a`), TEXT, cache));
  }
  assert.ok(cache.size <= 2 * 100 + 1000, `${cache.size} series`);
  assert.equal(parseError('a', TEXT).line, 1);
});
