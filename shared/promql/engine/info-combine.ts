import { getLabel, type Labels, labelPairs, labelsFromPairs, METRIC_NAME } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { Evaluation } from './evaluation.ts';
import { formatLabelSet } from './go-format.ts';
import { IDENTIFYING_LABELS } from './info-series.ts';
import { executionError } from './query-error.ts';
import type { Scope } from './scope.ts';
import { columnBytes } from './size.ts';
import {
  createColumn,
  type GrowingColumn,
  isMetadataLabel,
  mergeSameLabels,
  type VectorSeries,
  type VectorValue,
} from './value.ts';

/** What `info` puts together. */
export interface InfoParts {
  readonly enriched: readonly VectorSeries[];
  /** Info series themselves. */
  readonly untouched: readonly VectorSeries[];
  /** Their values are the times of their samples, in seconds. */
  readonly info: readonly VectorSeries[];
  /** Which labels are wanted; all when empty. */
  readonly dataMatchers: readonly Matcher[];
}

/** Gives each base series the labels of the info series that are current at each step.
 *  @throws {QueryError} When two current info series are equally new, or differ in a label.
 *  @see prometheus/promql/info.go combineWithInfoSeries */
export async function combineWithInfo(parts: InfoParts, scope: Scope, { limits }: Evaluation): Promise<VectorValue> {
  const { enriched, untouched, info, dataMatchers } = parts;
  const refusals = new FirstRefusal();
  const looked = stepsWithBase([...enriched, ...untouched], scope.steps);
  const winners = currentInfo(info, looked, refusals);
  const names = new Set(info.map(({ labels }) => getLabel(labels, METRIC_NAME)));
  const results: VectorSeries[] = [...untouched];
  for (const base of enriched) {
    if (limits.due()) await limits.pause();
    const candidates: Int32Array[] = [];
    for (const name of names) {
      const current = winners.get(signature(name, base.labels));
      if (current !== undefined) candidates.push(current);
    }
    const pieces = splitByLabels(base, candidates, { info, dataMatchers, refusals });
    limits.memory.take(pieces.length * columnBytes(scope.steps));
    for (const piece of pieces) results.push(piece);
  }
  refusals.throwFirst();
  return { kind: 'vector', series: mergeSameLabels(results) };
}

/** Upstream goes step by step, so of several refusals that of the first step counts. */
class FirstRefusal {
  #step = Number.POSITIVE_INFINITY;
  #error: Error | undefined;

  /** Of refusals at one step the one noted first counts. */
  note(step: number, makeError: () => Error): void {
    if (step >= this.#step) return;
    this.#step = step;
    this.#error = makeError();
  }

  throwFirst(): void {
    if (this.#error !== undefined) throw this.#error;
  }
}

/** A step without a base sample is not looked at. */
function stepsWithBase(base: readonly VectorSeries[], steps: number): Uint8Array {
  const any = new Uint8Array(steps);
  for (const { present } of base) for (let k = 0; k < steps; k++) any[k] |= present[k];
  return any;
}

function signature(name: string, labels: Labels): string {
  return JSON.stringify([name, ...IDENTIFYING_LABELS.map((label) => getLabel(labels, label))]);
}

/** For each signature the index of the newest info series at each step, −1 where there is none. */
function currentInfo(
  info: readonly VectorSeries[],
  looked: Uint8Array,
  refusals: FirstRefusal,
): Map<string, Int32Array> {
  const steps = looked.length;
  const winners = new Map<string, Int32Array>();
  for (let i = 0; i < info.length; i++) {
    const { labels, values, present } = info[i];
    const key = signature(getLabel(labels, METRIC_NAME), labels);
    let current = winners.get(key);
    if (current === undefined) {
      current = new Int32Array(steps).fill(-1);
      winners.set(key, current);
    }
    for (let k = 0; k < steps; k++) {
      if (present[k] === 0 || looked[k] === 0) continue;
      const rival = current[k];
      if (rival >= 0 && info[rival].values[k] === values[k]) {
        refusals.note(k, () => duplicate(info[rival], info[i], k));
      }
      if (rival < 0 || values[k] > info[rival].values[k]) current[k] = i;
    }
  }
  return winners;
}

function duplicate(existing: VectorSeries, added: VectorSeries, k: number): Error {
  const timeMs = Math.round(existing.values[k] * 1000);
  const [first, second] = [existing, added].map(({ labels }) => `${formatLabelSet(labels)} @ ${timeMs}`);
  return executionError(`found duplicate series for info metric: existing ${first}, new ${second}`);
}

interface Combination {
  /** `undefined` when the base series is not wanted with these. */
  readonly labels: Labels | undefined;
  column: GrowingColumn | undefined;
}

interface InfoChoice {
  readonly info: readonly VectorSeries[];
  readonly dataMatchers: readonly Matcher[];
  readonly refusals: FirstRefusal;
}

/** A base series as one series for each set of labels that it gets.
 *  @param candidates For each info metric the current info series at each step. */
function splitByLabels(
  base: VectorSeries,
  candidates: readonly Int32Array[],
  choice: InfoChoice,
): readonly VectorSeries[] {
  const combinations = new Map<string, Combination>();
  for (let k = 0; k < base.present.length; k++) {
    if (base.present[k] === 0) continue;
    const current: number[] = [];
    for (const candidate of candidates) if (candidate[k] >= 0) current.push(candidate[k]);
    const key = current.join();
    let combination = combinations.get(key);
    if (combination === undefined) {
      combination = { labels: combineLabels(base.labels, current, k, choice), column: undefined };
      combinations.set(key, combination);
    }
    if (combination.labels === undefined) continue;
    combination.column ??= createColumn(base.present.length);
    copyStep(base, k, combination.column);
  }
  const pieces: VectorSeries[] = [];
  for (const { labels, column } of combinations.values()) {
    if (labels !== undefined && column !== undefined) pieces.push({ ...column, labels, dropName: base.dropName });
  }
  return pieces;
}

function copyStep({ values, histograms }: VectorSeries, k: number, out: GrowingColumn): void {
  out.values[k] = values[k];
  out.present[k] = 1;
  if (histograms?.[k] === undefined) return;
  out.histograms ??= new Array(out.values.length);
  out.histograms[k] = histograms[k];
}

/** @param k The first step that has these.
 *  @see prometheus/promql/info.go combineWithInfoVector */
function combineLabels(
  base: Labels,
  current: readonly number[],
  k: number,
  { info, dataMatchers, refusals }: InfoChoice,
): Labels | undefined {
  if (current.length === 0) return dataMatchers.every((matcher) => matcher.matches('')) ? base : undefined;
  const wanted = new Set(dataMatchers.map(({ name }) => name));
  const added = new Map<string, string>();
  for (const index of current) {
    for (const [name, value] of labelPairs(info[index].labels)) {
      if (isMetadataLabel(name) || (wanted.size > 0 && !wanted.has(name))) continue;
      const before = added.get(name);
      if (before !== undefined && before !== value) {
        refusals.note(k, () => executionError(`conflicting label: ${name}`));
      }
      if (getLabel(base, name) === '') added.set(name, value);
    }
  }
  return added.size === 0 ? base : labelsFromPairs([...labelPairs(base), ...added]);
}
