import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricFamily } from '#shared/exposition/metric-family.ts';
import { writeOpenMetrics, writeText } from '#shared/exposition/writer.ts';

const sample = (name: string, value: number, labels: readonly string[] = [], timestampMs?: number) => ({
  name,
  labels,
  value,
  timestampMs,
});

const ROWS: readonly { input: MetricFamily; text: string; openMetrics: string }[] = [
  {
    input: {
      name: 'http_requests_total',
      type: 'counter',
      help: 'Say "hi",\nC:\\',
      samples: [sample('http_requests_total', 1e6, ['code', '200'], 1001)],
    },
    text: '# HELP http_requests_total Say "hi",\\nC:\\\\\n# TYPE http_requests_total counter\nhttp_requests_total{code="200"} 1e+06 1001\n',
    openMetrics:
      '# TYPE http_requests counter\n# HELP http_requests Say \\"hi\\",\\nC:\\\\\nhttp_requests_total{code="200"} 1000000 1.0010000000000001\n',
  },
  {
    input: { name: 'a', type: 'counter', help: '', samples: [sample('a_total', 1), sample('a_created', 2.5)] },
    text: '# TYPE a_total counter\na_total 1\na_created 2.5\n',
    openMetrics: '# TYPE a counter\na_total 1\na_created 2.5\n',
  },
  {
    input: { name: 'a', type: 'counter', help: '', samples: [sample('a', 1)] },
    text: '# TYPE a counter\na 1\n',
    openMetrics: '# TYPE a unknown\na 1\n',
  },
  {
    input: { name: 'build_info', type: 'info', help: '', samples: [sample('build_info', 1, ['v', '1'])] },
    text: '# TYPE build_info gauge\nbuild_info{v="1"} 1\n',
    openMetrics: '# TYPE build info\nbuild_info{v="1"} 1\n',
  },
  {
    input: {
      name: 'h_seconds',
      type: 'histogram',
      help: '',
      unit: 'seconds',
      samples: [sample('h_seconds_bucket', 1, ['le', '1']), sample('h_seconds_sum', 0.5), sample('h_seconds_count', 1)],
    },
    text: '# TYPE h_seconds histogram\nh_seconds_bucket{le="1"} 1\nh_seconds_sum 0.5\nh_seconds_count 1\n',
    openMetrics:
      '# TYPE h_seconds histogram\n# UNIT h_seconds seconds\nh_seconds_bucket{le="1.0"} 1\nh_seconds_sum 0.5\nh_seconds_count 1\n',
  },
  {
    input: {
      name: 'my.name',
      type: 'unknown',
      help: '',
      samples: [
        sample('my.name', Number.NaN, ['__name__', 'my.name', 'a.b', 'x"y\\z\n']),
        sample('my.name', Number.NEGATIVE_INFINITY),
        sample('my.name', -0, [], -1700000000123),
      ],
    },
    text: '# TYPE "my.name" untyped\n{"my.name","a.b"="x\\"y\\\\z\\n"} NaN\n{"my.name"} -Inf\n{"my.name"} -0 -1700000000123\n',
    openMetrics:
      '# TYPE "my.name" unknown\n{"my.name","a.b"="x\\"y\\\\z\\n"} NaN\n{"my.name"} -Inf\n{"my.name"} -0 -1700000000.123\n',
  },
];

test('writeText() and writeOpenMetrics() write families', () => {
  for (const { input, text, openMetrics } of ROWS) {
    assert.equal(writeText([input]), text);
    assert.equal(writeOpenMetrics([input]), `${openMetrics}# EOF\n`);
  }
  assert.equal(writeOpenMetrics([]), '# EOF\n');
  assert.equal(writeText([]), '');
});

test('writeOpenMetrics() refuses a unit that the name does not end in', () => {
  const family: MetricFamily = { name: 'a', type: 'gauge', help: '', unit: 'seconds', samples: [] };
  assert.throws(() => writeOpenMetrics([family]), {
    name: 'RangeError',
    message: 'Cannot write metric "a" as OpenMetrics: its name must end in its unit "seconds"',
  });
});
