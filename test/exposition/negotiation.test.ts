import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptHeader, type FormatChoice, formatOf } from '#shared/exposition/negotiation.ts';
import type { ExpositionFormat } from '#shared/exposition/page.ts';

test('acceptHeader() offers the protocols as upstream does', () => {
  assert.equal(
    acceptHeader(['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4']),
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,' +
      'application/openmetrics-text;version=0.0.1;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,' +
      'text/plain;version=0.0.4;q=0.4,*/*;q=0.3',
  );
  assert.equal(acceptHeader(['PrometheusText0.0.4']), 'text/plain;version=0.0.4;q=0.7,*/*;q=0.6');
});

const FALLBACK = 'PrometheusText0.0.4';

const CHOICES: readonly { input: string | undefined; fallback?: ExpositionFormat; expected: FormatChoice }[] = [
  { input: 'text/plain', expected: { format: 'PrometheusText0.0.4' } },
  { input: 'text/plain; version=0.0.4; charset=utf-8', expected: { format: 'PrometheusText0.0.4' } },
  { input: 'Text/Plain; VERSION="1.0.0"; escaping=values', expected: { format: 'PrometheusText1.0.0' } },
  { input: 'text/plain;', expected: { format: 'PrometheusText0.0.4' } },
  { input: 'application/openmetrics-text', expected: { format: 'OpenMetricsText0.0.1' } },
  { input: 'application/openmetrics-text;version=1.0.0', expected: { format: 'OpenMetricsText1.0.0' } },
  { input: 'text/plain', fallback: 'OpenMetricsText1.0.0', expected: { format: 'PrometheusText0.0.4' } },
  {
    input: undefined,
    expected: {
      error:
        'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target',
    },
  },
  {
    input: '',
    fallback: FALLBACK,
    expected: {
      format: FALLBACK,
      warning: 'non-compliant scrape target sending blank Content-Type, using fallback_scrape_protocol "text/plain"',
    },
  },
  {
    input: 'text/html',
    expected: {
      error: 'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target',
    },
  },
  {
    input: 'text/html',
    fallback: 'OpenMetricsText1.0.0',
    expected: {
      format: 'OpenMetricsText1.0.0',
      warning:
        'received unsupported Content-Type "text/html", using fallback_scrape_protocol "application/openmetrics-text"',
    },
  },
  {
    input: 'application/openmetrics-text; version=2.0.0',
    expected: {
      error:
        'received OpenMetrics 2.0 Content-Type "application/openmetrics-text; version=2.0.0", but the openmetrics2 feature flag is not enabled and no fallback_scrape_protocol specified for target',
    },
  },
  {
    input: 'application/openmetrics-text; version=2.0.0',
    fallback: FALLBACK,
    expected: {
      format: FALLBACK,
      warning:
        'received OpenMetrics 2.0 Content-Type "application/openmetrics-text; version=2.0.0", but the openmetrics2 feature flag is not enabled, using fallback_scrape_protocol "text/plain"',
    },
  },
  {
    input: 'application/vnd.google.protobuf; encoding=delimited',
    fallback: FALLBACK,
    expected: {
      error:
        'received Content-Type "application/vnd.google.protobuf; encoding=delimited", but the protocol PrometheusProto is not supported',
    },
  },
  ...[
    { input: 'text/', problem: 'mime: expected token after slash' },
    { input: 'text plain', problem: 'mime: expected slash after first token' },
    { input: 'text/plain x', problem: 'mime: unexpected content after media subtype' },
    { input: ';version=1', problem: 'mime: no media type' },
    { input: 'text/plain; version', problem: 'mime: invalid media parameter' },
    { input: 'text/plain; version="1', problem: 'mime: invalid media parameter' },
    { input: 'text/plain; a=1; a=2', problem: 'mime: duplicate parameter name' },
  ].flatMap(({ input, problem }) => [
    {
      input,
      expected: {
        error: `cannot parse Content-Type ${JSON.stringify(input)} and no fallback_scrape_protocol for target\n${problem}`,
      },
    },
    {
      input,
      fallback: FALLBACK as ExpositionFormat,
      expected: {
        format: FALLBACK as ExpositionFormat,
        warning: `could not parse received Content-Type ${JSON.stringify(input)}, using fallback_scrape_protocol "text/plain"\n${problem}`,
      },
    },
  ]),
];

test('formatOf() chooses the parser as upstream does', () => {
  for (const { input, fallback, expected } of CHOICES) assert.deepEqual(formatOf(input, fallback), expected);
});
