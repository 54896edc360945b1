import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels, labelsFromRecord } from '#shared/model/labels.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { engineWith, errorOf, histogramOf, matchingQuerier } from './engine-support.ts';

const MINUTE_MS = 60_000;

/** A sample each minute from 0 on; `undefined` is none. */
function series(labels: Record<string, string>, values: readonly (number | undefined)[]): SeriesSamples {
  const at = values.flatMap((value, i) => (value === undefined ? [] : [i]));
  return {
    labels: labelsFromRecord(labels),
    timestampsMs: Float64Array.from(at, (i) => i * MINUTE_MS),
    values: Float64Array.from(at, (i) => values[i]!),
  };
}

const METRIC = series({ __name__: 'metric', instance: 'a', job: '1', label: 'value' }, [0, 1, 2]);
const ONES = [1, 1, 1];
const TARGET = series({ __name__: 'target_info', instance: 'a', job: '1', data: 'info', another_data: 'other' }, ONES);
const BUILD = series({ __name__: 'build_info', instance: 'a', job: '1', build_data: 'build' }, ONES);
const CHANGED = [
  series({ __name__: 'target_info', instance: 'a', job: '1', data: 'old' }, [1, undefined, undefined]),
  series({ __name__: 'target_info', instance: 'a', job: '1', data: 'new' }, [undefined, 1, 1]),
];

const parser = { experimentalFunctions: true };
const TIMES = { startMs: 0, endMs: 2 * MINUTE_MS, stepMs: MINUTE_MS };

async function ask(query: string, data: readonly SeriesSamples[]): Promise<string[]> {
  const { value } = await engineWith({ parser }).range(query, TIMES, { querier: matchingQuerier(data) });
  assert.ok(value.kind === 'matrix');
  return value.series.map(({ labels, timestampsMs, values }) => {
    const points = Array.from(timestampsMs, (timeMs, i) => `${timeMs / MINUTE_MS}:${values[i]}`);
    return `${formatLabels(labels)} ${points.join(' ')}`;
  });
}

const ALL_POINTS = '0:0 1:1 2:2';
const PLAIN = `metric{instance="a", job="1", label="value"} ${ALL_POINTS}`;

test('info() adds the labels of info metrics', async () => {
  const both = [METRIC, TARGET, BUILD];
  const withTarget = `metric{another_data="other", data="info", instance="a", job="1", label="value"} ${ALL_POINTS}`;
  const withData = `metric{data="info", instance="a", job="1", label="value"} ${ALL_POINTS}`;
  const withBuild = `metric{build_data="build", instance="a", job="1", label="value"} ${ALL_POINTS}`;
  const cases = [
    { query: 'info(metric)', data: both, expected: [withTarget] },
    { query: 'info(metric, {data=~".+"})', data: both, expected: [withData] },
    { query: 'info(metric, {__name__="build_info"})', data: both, expected: [withBuild] },
    { query: 'info(metric, {__name__=~".+_info", build_data=~".+"})', data: both, expected: [withBuild] },
    { query: 'info(metric, {__name__!="target_info"})', data: both, expected: [withBuild] },
    // Without a match the series stays only where the matchers match no label.
    { query: 'info(metric, {missing=~".+"})', data: both, expected: [] },
    { query: 'info(metric, {missing=~".*"})', data: both, expected: [PLAIN] },
    { query: 'info(metric)', data: [METRIC], expected: [PLAIN] },
    // Info series are not enriched themselves.
    {
      query: 'info({__name__=~"metric|target_info"})',
      data: [METRIC, TARGET],
      expected: [withTarget, 'target_info{another_data="other", data="info", instance="a", job="1"} 0:1 1:1 2:1'],
    },
    // Of a job without an instance.
    {
      query: 'info(lone)',
      data: [series({ __name__: 'lone', job: '1' }, ONES), series({ __name__: 'target_info', job: '1', x: 'y' }, ONES)],
      expected: ['lone{job="1", x="y"} 0:1 1:1 2:1'],
    },
    { query: 'info(metric)', data: [series({ __name__: 'metric' }, ONES), TARGET], expected: ['metric 0:1 1:1 2:1'] },
  ];
  for (const { query, data, expected } of cases) assert.deepEqual(await ask(query, data), expected, query);
});

test('info() uses the newest info series at each step, as of where its argument looks', async () => {
  const data = [METRIC, ...CHANGED];
  const labelled = (value: string, points: string) =>
    `metric{data="${value}", instance="a", job="1", label="value"} ${points}`;
  const cases = [
    { query: 'info(metric)', expected: [labelled('new', '1:1 2:2'), labelled('old', '0:0')] },
    { query: 'info(metric @ 60)', expected: [labelled('new', '0:1 1:1 2:1')] },
    { query: 'info(metric @ 60 offset 1m)', expected: [labelled('old', '0:0 1:0 2:0')] },
    { query: 'info(metric offset 1m)', expected: [labelled('new', '2:1'), labelled('old', '1:0')] },
    {
      query: 'info(last_over_time(metric[1m:1m] offset 1m))',
      expected: [labelled('new', '2:1'), labelled('old', '1:0')],
    },
    // Two times are no time: the info series of the step.
    {
      query: 'info(metric @ 0 or metric @ 60)',
      expected: [labelled('new', '1:0 2:0'), labelled('old', '0:0')],
    },
  ];
  for (const { query, expected } of cases) assert.deepEqual(await ask(query, data), expected, query);
});

test('info() refuses what is ambiguous', async () => {
  const twin = series({ __name__: 'target_info', instance: 'a', job: '1', data: 'twin' }, ONES);
  const other = series({ __name__: 'other_info', instance: 'a', job: '1', data: 'differs' }, ONES);
  const histograms = { ...TARGET, histograms: ONES.map(() => histogramOf(1, 1)) };
  const cases = [
    {
      query: 'info(metric)',
      data: [METRIC, TARGET, twin],
      message:
        /^found duplicate series for info metric: existing \{__name__="target_info",.*\} @ 0, new \{.*"twin".*\} @ 0$/,
    },
    {
      query: 'info(metric, {__name__=~".+_info"})',
      data: [METRIC, TARGET, other],
      message: /^conflicting label: data$/,
    },
    {
      query: 'info(metric)',
      data: [METRIC, histograms],
      message: /^this should be an info metric, with float samples: \{__name__="target_info",/,
    },
  ];
  for (const { query, data, message } of cases)
    await assert.rejects(ask(query, data), errorOf('execution', message), query);
});
