import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MetricFamily } from '#shared/exposition/metric-family.ts';
import { ExpositionError, type ExpositionFormat } from '#shared/exposition/page.ts';
import { parsePage } from '#shared/exposition/parse.ts';
import { SeriesCache } from '#shared/exposition/series-cache.ts';
import { writeOpenMetrics, writeText } from '#shared/exposition/writer.ts';
import { labelsFromPairs } from '#shared/model/labels.ts';
import type { MetricType } from '#shared/model/storage.ts';
import { bytesOf, pageLines } from './page-lines.ts';

const RUNS = { seed: 20260101, numRuns: 2000 };

const FORMATS = ['PrometheusText0.0.4', 'OpenMetricsText1.0.0'] as const satisfies readonly ExpositionFormat[];

/** What pages are made of, so that random sequences get past the first token. */
const PIECES = [
  ...[
    'a',
    'b_total',
    'le',
    'quantile',
    '1',
    '0.5',
    '1e3',
    'NaN',
    '-Inf',
    '_',
    ':',
    'é',
    '😀',
    '\0',
    '\\',
    '\\n',
    '\\"',
  ],
  ...[' ', '  ', '\t', '\n', '\r', '"', '{', '}', '=', ',', '#', '="', '",', '"} ', '{"', ' # {', '\uf7ff', '\uf7c3'],
  ...[
    '# HELP a ',
    '# TYPE a ',
    '# UNIT a_s s',
    'counter',
    'histogram',
    'summary',
    '# EOF\n',
    'a{le="1"} 1\n',
    'a 1 2\n',
  ],
];

const anyPage = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => bytesOf(pieces.join(''))),
);

test('parsePage() throws nothing but ExpositionError, with and without a cache', () => {
  const caches = { 'PrometheusText0.0.4': new SeriesCache(), 'OpenMetricsText1.0.0': new SeriesCache() };
  const outcome = (body: Uint8Array, format: ExpositionFormat, known?: SeriesCache) => {
    try {
      return { lines: pageLines(parsePage(body, format, known)) };
    } catch (error) {
      assert.ok(error instanceof ExpositionError, String(error));
      return { lines: pageLines(error.partial), reason: error.reason };
    }
  };
  fc.assert(
    fc.property(anyPage, fc.constantFrom(...FORMATS), (body, format) => {
      const expected = outcome(body, format);
      assert.deepEqual(outcome(body, format, caches[format]), expected);
      // Now the series are known, and in this order.
      assert.deepEqual(outcome(body, format, caches[format]), expected);
    }),
    RUNS,
  );
});

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const metricName = fc.oneof(
  fc.constantFrom('up', 'a:b', 'http_requests'),
  text.filter((name) => name !== ''),
);
const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1e6, 1e21, Number.NaN));
const labels = fc
  .array(
    fc.tuple(
      text.filter((name) => name !== '' && name !== '__name__'),
      text,
    ),
    { maxLength: 4 },
  )
  .map(labelsFromPairs);

/** Milliseconds that both formats can say: the text format has no negative ones. */
const timestampMs = fc.option(fc.integer({ min: 0, max: 4_000_000_000_000 }), { nil: undefined });

const family: fc.Arbitrary<MetricFamily> = fc
  .record({
    name: metricName,
    type: fc.constantFrom<MetricType>('gauge', 'unknown', 'stateset'),
    help: text,
    samples: fc.array(fc.record({ labels, value, timestampMs }), { maxLength: 4 }),
  })
  .map(({ samples, ...head }) => ({ ...head, samples: samples.map((sample) => ({ name: head.name, ...sample })) }));

test('parsePage() reads back what the writers write', () => {
  fc.assert(
    fc.property(fc.array(family, { maxLength: 3 }), (families) => {
      const samples = families.flatMap((each) => each.samples);
      for (const format of FORMATS) {
        const written = format === 'PrometheusText0.0.4' ? writeText(families) : writeOpenMetrics(families);
        const page = parsePage(new TextEncoder().encode(written), format);
        assert.deepEqual(
          [...page.values],
          samples.map((sample) => sample.value),
        );
        assert.deepEqual(
          [...page.timestampsMs],
          samples.map((sample) => sample.timestampMs ?? Number.NaN),
        );
        assert.deepEqual(
          page.labels,
          samples.map(({ name, labels }) => labelsFromPairs([['__name__', name], ...pairsOf(labels)])),
        );
      }
    }),
    { ...RUNS, numRuns: 500 },
  );
});

function* pairsOf(flat: readonly string[]): Generator<readonly [string, string]> {
  for (let i = 0; i < flat.length; i += 2) yield [flat[i], flat[i + 1]];
}
