import { compareLabels, formatLabels, labelsKey } from '#shared/model/labels.ts';
import type { QueryResult } from '#shared/promql/engine/engine.ts';
import type { MatrixResult, VectorResult } from '#shared/promql/engine/result.ts';
import type { EvalCommand } from './promql-script.ts';
import type { ScriptValue } from './promql-script-series.ts';

/** Relative error that scripts allow. */
const EPSILON = 1e-6;
const MIN_NORMAL = 2 ** -1022;

/** Whether two values are the same to the tolerance of scripts; NaN equals NaN.
 *  @see prometheus/util/almost/almost.go */
export function almostEqual(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const diff = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return diff < EPSILON * MIN_NORMAL;
  return diff / Math.min(sum, Number.MAX_VALUE) < EPSILON;
}

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

/** What is wrong with a result's value; `undefined` when nothing is. */
export function valueProblem(command: EvalCommand, { value }: QueryResult): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.value === (command.text ?? '') ? undefined : `expected "${command.text}", got "${value.value}"`;
    case 'scalar':
      if (command.scalar === undefined) return `expected series, got scalar ${value.value}`;
      return almostEqual(command.scalar, value.value)
        ? undefined
        : `expected scalar ${command.scalar}, got ${value.value}`;
    case 'vector':
      return vectorProblem(command, value);
    case 'matrix':
      return matrixProblem(command, value);
  }
}

function vectorProblem(command: EvalCommand, { samples }: VectorResult): string | undefined {
  if (command.scalar !== undefined) return 'expected a scalar, got a vector';
  const ordered = command.expectations.some(({ kind }) => kind === 'ordered');
  const expected = new Map(command.series.map((one, position) => [labelsKey(one.labels), { ...one, position }]));
  for (const [position, { labels, value }] of samples.entries()) {
    const one = expected.get(labelsKey(labels));
    if (one === undefined) return `unexpected ${formatLabels(labels)} ${value}`;
    if (ordered && one.position !== position)
      return `expected ${formatLabels(labels)} at ${one.position}, is at ${position}`;
    const problem = sampleProblem(one.values[0], value);
    if (problem !== undefined) return `${formatLabels(labels)}: ${problem}`;
    if (!expected.delete(labelsKey(labels))) return `${formatLabels(labels)} is there twice`;
  }
  for (const { labels } of expected.values()) return `expected ${formatLabels(labels)}, which is not there`;
  return undefined;
}

function sampleProblem(expected: ScriptValue | undefined, value: number): string | undefined {
  if (expected?.kind !== 'float') return `expected ${expected?.kind ?? 'nothing'}, got ${value}`;
  return almostEqual(expected.value, value) ? undefined : `expected ${expected.value}, got ${value}`;
}

function matrixProblem(command: EvalCommand, { series }: MatrixResult): string | undefined {
  for (let i = 1; i < series.length; i++) {
    if (compareLabels(series[i - 1].labels, series[i].labels) >= 0) return 'series are not ordered by labels';
  }
  const expected = new Map(command.series.map((one) => [labelsKey(one.labels), one]));
  const { startMs, stepMs } = command.rangeVector ?? command;
  for (const { labels, timestampsMs, values } of series) {
    const one = expected.get(labelsKey(labels));
    if (one === undefined) return `unexpected ${formatLabels(labels)} ${values}`;
    const points = one.values
      .map((value, k) => ({ timeMs: startMs + k * stepMs, value }))
      .filter(({ value }) => value.kind !== 'omitted');
    const same =
      points.length === values.length &&
      points.every(({ timeMs, value }, i) => {
        return timeMs === timestampsMs[i] && sampleProblem(value, values[i]) === undefined;
      });
    if (!same) return `${formatLabels(labels)}: expected ${showPoints(points)}, got ${values} at ${timestampsMs}`;
    expected.delete(labelsKey(labels));
  }
  for (const { labels } of expected.values()) return `expected ${formatLabels(labels)}, which is not there`;
  return undefined;
}

function showPoints(points: readonly { timeMs: number; value: ScriptValue }[]): string {
  return points.map(({ timeMs, value }) => `${value.kind === 'float' ? value.value : value.kind}@${timeMs}`).join(' ');
}
