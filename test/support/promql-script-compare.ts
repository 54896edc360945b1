import { formatFloatGeneral } from '#shared/model/float.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { compareLabels, formatLabels, type Labels, labelsKey } from '#shared/model/labels.ts';
import type { QueryResult } from '#shared/promql/engine/engine.ts';
import type { MatrixResult, VectorResult } from '#shared/promql/engine/result.ts';
import type { EvalCommand, Expectation } from './promql-script.ts';
import { almostEqual, sameHistogram, showHistogram } from './promql-script-histogram.ts';
import type { ScriptSeries, ScriptValue } from './promql-script-series.ts';

/** What is wrong with the annotations of a result; `undefined` when nothing is. */
export function annotationProblem(command: EvalCommand, { warnings, infos }: QueryResult): string | undefined {
  return (
    severityProblem(command, warnings, { some: 'warn', none: 'no_warn' }) ??
    severityProblem(command, infos, { some: 'info', none: 'no_info' })
  );
}

function severityProblem(
  { expectations }: EvalCommand,
  actual: readonly string[],
  { some, none }: { some: 'warn' | 'info'; none: 'no_warn' | 'no_info' },
): string | undefined {
  if (expectations.some(({ kind }) => kind === none) && actual.length > 0) return `unexpected ${some}: ${actual}`;
  const expected = expectations.filter(({ kind }) => kind === some).map(({ text }) => text);
  if (expected.length === 0) return undefined;
  if (actual.length === 0) return `expected ${some} ${expected[0].shown}, got none`;
  const missing = expected.find(({ matches }) => !actual.some(matches));
  if (missing !== undefined) return `expected ${some} ${missing.shown}, got ${actual}`;
  const extra = actual.find((text) => !expected.some(({ matches }) => matches(text)));
  return extra === undefined ? undefined : `unexpected ${some}: ${extra}`;
}

/** Whether the command says that a result is in order, or that there is an error, and so on. */
export function expects({ expectations }: EvalCommand, kind: Expectation): boolean {
  return expectations.some((expected) => expected.kind === kind);
}

/** What is wrong with a result's value; `undefined` when nothing is. */
export function valueProblem(command: EvalCommand, { value }: QueryResult): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value === (command.text ?? '') ? undefined : `expected "${command.text}", got "${value.value}"`;
    case 'scalar':
      return scalarProblem(command, value.value);
    case 'vector':
      return vectorProblem(command, value.samples);
    case 'matrix':
      return matrixProblem(command, value);
  }
}

/** What is wrong with a scalar; `undefined` when nothing is. */
export function scalarProblem({ scalar }: EvalCommand, value: number): string | undefined {
  if (scalar === undefined) return `expected a vector or matrix, got the scalar ${formatFloatGeneral(value)}`;
  if (almostEqual(scalar, value)) return undefined;
  return `expected the scalar ${formatFloatGeneral(scalar)}, got ${formatFloatGeneral(value)}`;
}

type Samples = readonly Pick<VectorResult['samples'][number], 'labels' | 'value' | 'histogram'>[];

/** What is wrong with an instant vector; `undefined` when nothing is. */
export function vectorProblem(command: EvalCommand, samples: Samples): string | undefined {
  if (command.scalar !== undefined) return `expected the scalar ${command.scalar}, got a vector`;
  const expected = new Map(command.series.map((one, position) => [labelsKey(one.labels), { ...one, position }]));
  for (const [position, { labels, value, histogram }] of samples.entries()) {
    const one = expected.get(labelsKey(labels));
    if (one === undefined) return `unexpected ${formatLabels(labels)} ${showSample(value, histogram)}`;
    if (expects(command, 'ordered') && one.position !== position) {
      return `expected ${formatLabels(labels)} at position ${one.position}, got it at ${position}`;
    }
    if (!sameSample(one.values[0], value, histogram)) return mismatch(labels, [one.values[0]], [{ value, histogram }]);
    expected.delete(labelsKey(labels));
  }
  return missingSeries(expected.values());
}

function missingSeries(expected: Iterable<ScriptSeries>): string | undefined {
  for (const { labels, values } of expected) return `expected ${formatLabels(labels)} ${showValues(values)}, got none`;
  return undefined;
}

function sameSample(expected: ScriptValue | undefined, value: number, histogram: Histogram | undefined): boolean {
  if (expected?.kind === 'histogram') return histogram !== undefined && sameHistogram(expected, histogram);
  return expected?.kind === 'float' && histogram === undefined && almostEqual(expected.value, value);
}

function matrixProblem(command: EvalCommand, { series }: MatrixResult): string | undefined {
  if (command.scalar !== undefined) return `expected the scalar ${command.scalar}, got a matrix`;
  if (expects(command, 'ordered')) return 'expected a result in order, got a matrix';
  const problem = orderProblem(series);
  if (problem !== undefined) return problem;
  const expected = new Map(command.series.map((one) => [labelsKey(one.labels), one]));
  for (const one of series) {
    const wanted = expected.get(labelsKey(one.labels));
    if (wanted === undefined) return `unexpected ${formatLabels(one.labels)} ${showSamples(samplesOf(one))}`;
    if (!sameSeries(command, wanted, one)) return mismatch(one.labels, wanted.values, samplesOf(one));
    expected.delete(labelsKey(one.labels));
  }
  return missingSeries(expected.values());
}

/** What is wrong with the order of series by labels; `undefined` when nothing is. */
export function orderProblem(series: MatrixResult['series']): string | undefined {
  for (let i = 1; i < series.length; i++) {
    if (compareLabels(series[i - 1].labels, series[i].labels) >= 0) return 'series are not ordered by labels';
  }
  return undefined;
}

function sameSeries(command: EvalCommand, { values }: ScriptSeries, actual: MatrixResult['series'][number]): boolean {
  const { startMs, endMs, stepMs } = command.rangeVector ?? command;
  const points = values
    .map((value, k) => ({ timeMs: startMs + k * stepMs, value }))
    .filter(({ value }) => value.kind !== 'omitted');
  if (values.length > 0 && startMs + (values.length - 1) * stepMs > endMs) return false;
  const samples = samplesOf(actual);
  return (
    points.length === samples.length &&
    points.every(({ timeMs, value }, i) => {
      return timeMs === samples[i].timeMs && sameSample(value, samples[i].value, samples[i].histogram);
    })
  );
}

interface Sample {
  readonly timeMs?: number;
  readonly value: number;
  readonly histogram?: Histogram;
}

type TimedSample = Sample & { readonly timeMs: number };

/** Floats and histograms of a series, in the order of time. */
export function samplesOf({ timestampsMs, values, histograms }: MatrixResult['series'][number]): TimedSample[] {
  const samples: TimedSample[] = Array.from(timestampsMs, (timeMs, i) => ({ timeMs, value: values[i] }));
  if (histograms === undefined) return samples;
  for (const [i, histogram] of histograms.values.entries()) {
    samples.push({ timeMs: histograms.timestampsMs[i], value: 0, histogram });
  }
  return samples.sort((a, b) => a.timeMs - b.timeMs);
}

function mismatch(labels: Labels, expected: readonly (ScriptValue | undefined)[], actual: readonly Sample[]): string {
  return `${formatLabels(labels)}: expected ${showValues(expected)}, got ${showSamples(actual)}`;
}

function showValues(values: readonly (ScriptValue | undefined)[]): string {
  return values.map(showValue).join(' ');
}

function showValue(value: ScriptValue | undefined): string {
  switch (value?.kind) {
    case undefined:
      return 'nothing';
    case 'float':
      return formatFloatGeneral(value.value);
    case 'histogram':
      return showHistogram(value.histogram);
    case 'omitted':
      return '_';
    case 'stale':
      return 'stale';
  }
}

function showSamples(samples: readonly Sample[]): string {
  return samples
    .map(({ timeMs, value, histogram }) => {
      return `${showSample(value, histogram)}${timeMs === undefined ? '' : `@${timeMs / 1000}s`}`;
    })
    .join(' ');
}

function showSample(value: number, histogram: Histogram | undefined): string {
  return histogram === undefined ? formatFloatGeneral(value) : showHistogram(histogram);
}
