import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage } from '#shared/exposition/parse.ts';
import { Registry } from '#shared/exposition/registry.ts';
import { writeOpenMetrics, writeText } from '#shared/exposition/writer.ts';
import { bytesOf, pageLines } from './page-lines.ts';

function exampleRegistry(): Registry {
  const registry = new Registry();
  const scrapes = registry.counter({ name: 'scrapes_total', help: 'Scrapes.', labelNames: ['job', 'code'] });
  scrapes.add(1, { job: 'b', code: '200' });
  scrapes.add(2.5, { code: '200', job: 'a' });
  scrapes.add(1, { job: 'b', code: '200' });
  registry.counter({ name: 'errors_total', help: 'Errors.' });
  const targets = registry.gauge({ name: 'targets', help: 'Targets.' });
  targets.set(5);
  targets.add(-2);
  const duration = registry.histogram({ name: 'duration_seconds', help: 'Duration.', buckets: [0.1, 1] });
  for (const value of [0.05, 0.1, 0.5, 1, 7]) duration.observe(value);
  return registry;
}

const EXPECTED = `# HELP duration_seconds Duration.
# TYPE duration_seconds histogram
duration_seconds_bucket{le="0.1"} 2
duration_seconds_bucket{le="1"} 4
duration_seconds_bucket{le="+Inf"} 5
duration_seconds_sum 8.65
duration_seconds_count 5
# HELP errors_total Errors.
# TYPE errors_total counter
errors_total 0
# HELP scrapes_total Scrapes.
# TYPE scrapes_total counter
scrapes_total{code="200",job="a"} 2.5
scrapes_total{code="200",job="b"} 2
# HELP targets Targets.
# TYPE targets gauge
targets 3
`;

test('families() has every metric, ordered by name and labels', () => {
  assert.equal(writeText(exampleRegistry().families()), EXPECTED);
});

test('what a registry writes is the same page in both formats', () => {
  const families = exampleRegistry().families();
  const text = parsePage(bytesOf(writeText(families)), 'PrometheusText0.0.4');
  const openMetrics = parsePage(bytesOf(writeOpenMetrics(families)), 'OpenMetricsText1.0.0');
  assert.deepEqual(pageLines(openMetrics), pageLines(text));
});

test('a registry refuses wrong names, labels, values and bounds', () => {
  const registry = new Registry();
  const counter = registry.counter({ name: 'a_total', help: '', labelNames: ['b'] });
  const rows: readonly { act: () => void; expected: RegExp }[] = [
    { act: () => counter.add(-1, { b: '1' }), expected: /^RangeError: Cannot add -1 to counter "a_total"/ },
    { act: () => counter.add(Number.NaN, { b: '1' }), expected: /^RangeError: Cannot add NaN/ },
    { act: () => counter.add(1), expected: /^TypeError: Cannot use metric "a_total": labels are "", expected "b"/ },
    { act: () => counter.add(1, { c: '1' }), expected: /^TypeError: .*labels are "c", expected "b"/ },
    { act: () => counter.add(1, { b: '1', c: '1' }), expected: /^TypeError: .*labels are "b,c", expected "b"/ },
    { act: () => registry.gauge({ name: 'a_total', help: '' }), expected: /^TypeError: .*it is registered already/ },
    { act: () => registry.gauge({ name: 'a.b', help: '' }), expected: /^TypeError: .*its name is not valid/ },
    {
      act: () => registry.gauge({ name: 'c', help: '', labelNames: ['d.e'] }),
      expected: /^TypeError: .*label name "d.e" is not valid/,
    },
    {
      act: () => registry.histogram({ name: 'd', help: '', buckets: [1, 1] }),
      expected: /^RangeError: Cannot register histogram "d": bucket 1 after 1, expected rising bounds/,
    },
  ];
  for (const { act, expected } of rows) assert.throws(act, expected);
});

test('a histogram counts NaN in its last bucket only', () => {
  const registry = new Registry();
  registry.histogram({ name: 'h', help: '', buckets: [1, Number.POSITIVE_INFINITY] }).observe(Number.NaN);
  assert.deepEqual(
    registry.families()[0].samples.map(({ value }) => value),
    [0, 1, Number.NaN, 1],
  );
});
