import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage } from '#shared/exposition/parse.ts';
import { formatLabels, labelsFromRecord } from '#shared/model/labels.ts';
import { parseMetric } from '#shared/promql/syntax/parser.ts';
import { createRelabelConfig, type RelabelConfigInput } from '#shared/relabel/validate.ts';
import { reportLabels, sampleLabels } from '#shared/scrape/sample-labels.ts';

interface Case {
  readonly page: string;
  readonly target: Readonly<Record<string, string>>;
  readonly honor?: boolean;
  readonly relabel?: readonly RelabelConfigInput[];
  readonly expected: string | undefined;
}

const CASES: readonly Case[] = [
  { page: 'm', target: {}, expected: 'm' },
  { page: 'm{a="1"}', target: { job: 'j' }, expected: 'm{a="1", job="j"}' },
  { page: 'm{job="page"}', target: { job: 'j' }, expected: 'm{exported_job="page", job="j"}' },
  {
    page: 'm{job="page",exported_job="2"}',
    target: { job: 'j' },
    expected: 'm{exported_exported_job="page", exported_job="2", job="j"}',
  },
  // The shorter name is renamed first.
  {
    page: 'm{a="1",exported_a="2"}',
    target: { a: 't', exported_a: 'u' },
    expected: 'm{a="t", exported_a="u", exported_exported_a="1", exported_exported_exported_a="2"}',
  },
  {
    page: 'm{a="1",exported_exported_a="3"}',
    target: { a: 't', exported_a: 'u' },
    expected: 'm{a="t", exported_a="u", exported_exported_a="3", exported_exported_exported_a="1"}',
  },
  { page: 'm{job="page"}', target: { job: 'j', i: 'x' }, honor: true, expected: 'm{i="x", job="page"}' },
  {
    page: 'm{job="page",drop="1"}',
    target: { job: 'j' },
    relabel: [{ regex: 'drop|exported_.*', action: 'labeldrop' }],
    expected: 'm{job="j"}',
  },
  {
    page: 'm',
    target: { job: 'j' },
    relabel: [{ source_labels: ['job'], regex: 'j', action: 'drop' }],
    expected: undefined,
  },
  { page: 'm', target: {}, relabel: [{ target_label: '__name__', replacement: '' }], expected: undefined },
  { page: 'm', target: { a: '1' }, relabel: [{ target_label: '__name__', replacement: 'n' }], expected: 'n{a="1"}' },
];

test('sampleLabels() adds the labels of the target', () => {
  for (const { page, target, honor = false, relabel = [], expected } of CASES) {
    const labels = sampleLabels(parseMetric(page), {
      targetLabels: labelsFromRecord(target),
      honorLabels: honor,
      metricRelabelConfigs: relabel.map((step) => createRelabelConfig(step)),
    });
    assert.equal(labels && formatLabels(labels), expected, page);
  }
});

test('sampleLabels() takes an empty label of the page for the wish to have none', () => {
  const page = new TextEncoder().encode('m{instance="",x="1"} 1\n');
  const [scraped] = parsePage(page, 'PrometheusText0.0.4').labels;
  const rules = { targetLabels: labelsFromRecord({ instance: 'i', job: 'j' }), metricRelabelConfigs: [] };
  const cases = [
    { honorLabels: true, expected: 'm{job="j", x="1"}' },
    { honorLabels: false, expected: 'm{instance="i", job="j", x="1"}' },
  ];
  for (const { honorLabels, expected } of cases) {
    assert.equal(formatLabels(sampleLabels(scraped, { ...rules, honorLabels })!), expected);
  }
});

test('reportLabels() are never relabelled', () => {
  assert.equal(
    formatLabels(reportLabels('up', labelsFromRecord({ job: 'j', instance: 'i' }))),
    'up{instance="i", job="j"}',
  );
});
