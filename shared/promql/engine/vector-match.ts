import { compareStrings, getLabel, type Labels, labelsKey, withLabel, withoutLabels } from '#shared/model/labels.ts';
import type { BinaryExpr, VectorMatching } from '#shared/promql/syntax/ast.ts';
import { type PairOperator, pairOperator } from './binary-operator.ts';
import { formatLabelSet } from './go-format.ts';
import { matchedLabels, matchKeys } from './match-key.ts';
import { executionError } from './query-error.ts';
import { createColumn, dropMetadata, mergeSameLabels, type VectorSeries } from './value.ts';

export interface MatchOptions {
  readonly expr: BinaryExpr;
  readonly delayedNameRemoval: boolean;
  readonly steps: number;
}

/** Series that have the same matched labels. In one group each series of the "many" side meets the only one of the "one"
 *  side; which side is which is decided by the cardinality (the left is "many" unless `group_right`). */
interface MatchGroup {
  readonly many: VectorSeries[];
  readonly one: { readonly series: VectorSeries; readonly index: number }[];
}

/** A result refused: the earliest step's counts, then the order in which upstream would meet it. */
interface Refusal {
  readonly step: number;
  readonly rank: number;
  readonly message: string;
}

const MANY_MATCHES = 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';
const NOT_UNIQUE = 'multiple matches for labels: grouping labels must ensure unique matches';

/** Applies an arithmetic or comparison operator to the pairs of matching series.
 *  @throws {QueryError} When matching is ambiguous at some step.
 *  @see prometheus/promql/engine.go VectorBinop */
export function matchVectors(
  lhs: readonly VectorSeries[],
  rhs: readonly VectorSeries[],
  options: MatchOptions,
): readonly VectorSeries[] {
  return new VectorMatcher(lhs, rhs, options).run();
}

class VectorMatcher {
  readonly #options: MatchOptions;
  readonly #matching: VectorMatching;
  readonly #swapped: boolean;
  readonly #many: readonly VectorSeries[];
  readonly #one: readonly VectorSeries[];
  /** What stands for a missing partner, from `fill`, by side. */
  readonly #fillMany: number | undefined;
  readonly #fillOne: number | undefined;
  readonly #operator: PairOperator;
  readonly #results: VectorSeries[] = [];
  #refusal: Refusal | undefined;

  constructor(lhs: readonly VectorSeries[], rhs: readonly VectorSeries[], options: MatchOptions) {
    const { expr } = options;
    const matching = expr.vectorMatching!;
    this.#options = options;
    this.#matching = matching;
    this.#swapped = matching.card === 'one-to-many';
    this.#many = this.#swapped ? rhs : lhs;
    this.#one = this.#swapped ? lhs : rhs;
    this.#fillMany = this.#swapped ? matching.fillRight : matching.fillLeft;
    this.#fillOne = this.#swapped ? matching.fillLeft : matching.fillRight;
    this.#operator = pairOperator(expr.op, expr.returnBool);
  }

  run(): readonly VectorSeries[] {
    for (const group of this.#groups()) {
      if (group.one.length > 1) this.#refuseDuplicates(group);
      this.#matchGroup(group);
    }
    if (this.#refusal !== undefined) throw executionError(this.#refusal.message);
    return mergeSameLabels(this.#results);
  }

  #groups(): Iterable<MatchGroup> {
    const keyOf = matchKeys(this.#matching);
    const groups = new Map<string, MatchGroup>();
    const groupOf = (series: VectorSeries): MatchGroup => {
      const key = keyOf(series);
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { many: [], one: [] }));
      return group;
    };
    for (const series of this.#many) groupOf(series).many.push(series);
    for (const [index, series] of this.#one.entries()) groupOf(series).one.push({ series, index });
    return groups.values();
  }

  /** Upstream does not look at a step where one whole side is empty. */
  #refuseDuplicates({ one }: MatchGroup): void {
    const owner: (VectorSeries | undefined)[] = new Array(this.#options.steps);
    for (const { series, index } of one) {
      for (let k = 0; k < this.#options.steps; k++) {
        if (series.present[k] === 0) continue;
        const other = owner[k];
        owner[k] ??= series;
        if (other === undefined || !this.#looksAt(k)) continue;
        this.#refuse({ step: k, rank: index, message: this.#duplicateMessage(series, other) });
        break;
      }
    }
  }

  #looksAt(k: number): boolean {
    const filled = this.#fillMany !== undefined || this.#fillOne !== undefined;
    return filled || this.#many.some((series) => series.present[k] === 1);
  }

  #duplicateMessage(series: VectorSeries, other: VectorSeries): string {
    const group = formatLabelSet(matchedLabels(series.labels, this.#matching));
    const side = this.#swapped ? 'left' : 'right';
    const pair = [formatLabelSet(series.labels), formatLabelSet(other.labels)].sort(compareStrings).join(', ');
    return (
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${pair}]` +
      ';many-to-many matching not allowed: matching labels must be unique on one side'
    );
  }

  #refuse(refusal: Refusal): void {
    const before = this.#refusal;
    const earlier =
      before === undefined ||
      refusal.step < before.step ||
      (refusal.step === before.step && refusal.rank < before.rank);
    if (earlier) this.#refusal = refusal;
  }

  #matchGroup({ many, one }: MatchGroup): void {
    const matched = new Map<string, Uint8Array>();
    for (const series of many) {
      for (const partner of one) this.#pair(series, partner.series, matched);
      if (this.#fillOne !== undefined) this.#fillMissingOne(series, one, matched, this.#fillOne);
    }
    if (this.#fillMany === undefined) return;
    for (const { series } of one) this.#fillMissingMany(series, many, this.#fillMany);
  }

  #pair(many: VectorSeries, one: VectorSeries, matched: Map<string, Uint8Array>): void {
    const mask = many.present.map((bit, k) => bit & one.present[k]);
    this.#combine(many, one, mask, matched);
  }

  #fillMissingOne(many: VectorSeries, one: MatchGroup['one'], matched: Map<string, Uint8Array>, fill: number): void {
    const mask = many.present.map((bit, k) => (one.some(({ series }) => series.present[k] === 1) ? 0 : bit));
    this.#combine(many, this.#filler(many, fill), mask, matched);
  }

  #fillMissingMany(one: VectorSeries, many: readonly VectorSeries[], fill: number): void {
    const mask = one.present.map((bit, k) => (many.some((series) => series.present[k] === 1) ? 0 : bit));
    this.#combine(this.#filler(one, fill), one, mask, new Map());
  }

  #filler(partner: VectorSeries, fill: number): VectorSeries {
    const values = new Float64Array(this.#options.steps).fill(fill);
    return { labels: matchedLabels(partner.labels, this.#matching), values, present: partner.present, dropName: false };
  }

  /** Adds the result of one pair at the steps of `mask`.
   *  @param matched The steps where results of the group with the same labels (one-to-one: any results) are already. */
  #combine(many: VectorSeries, one: VectorSeries, mask: Uint8Array, matched: Map<string, Uint8Array>): void {
    if (!mask.includes(1)) return;
    const labels = this.#resultLabels(many.labels, one.labels);
    this.#checkUnique(this.#matching.card === 'one-to-one' ? '' : labelsKey(labels), mask, matched);
    const [left, right] = this.#swapped ? [one.values, many.values] : [many.values, one.values];
    const column = createColumn(this.#options.steps);
    for (let k = 0; k < mask.length; k++) {
      if (mask[k] === 1) this.#operator(left[k], right[k], column, k);
    }
    if (!column.present.includes(1)) return;
    this.#results.push({ ...column, labels, dropName: this.#options.expr.returnBool });
  }

  #checkUnique(key: string, mask: Uint8Array, matched: Map<string, Uint8Array>): void {
    const before = matched.get(key);
    if (before === undefined) {
      matched.set(key, mask);
      return;
    }
    const step = mask.findIndex((bit, k) => (bit & before[k]) === 1);
    const message = this.#matching.card === 'one-to-one' ? MANY_MATCHES : NOT_UNIQUE;
    // Duplicates on the "one" side are found before any pair is looked at.
    if (step >= 0) this.#refuse({ step, rank: Number.POSITIVE_INFINITY, message });
    matched.set(
      key,
      mask.map((bit, k) => bit | before[k]),
    );
  }

  /** @see prometheus/promql/engine.go resultMetric */
  #resultLabels(many: Labels, one: Labels): Labels {
    const { expr, delayedNameRemoval } = this.#options;
    const { card, on, matchingLabels, include } = this.#matching;
    const dropName = changesMeaning(expr) || (expr.returnBool && !delayedNameRemoval);
    let labels = dropName ? dropMetadata(many) : many;
    if (card === 'one-to-one') labels = withoutLabels(labels, (name) => matchingLabels.includes(name) !== on);
    for (const name of include) labels = withLabel(labels, name, getLabel(one, name));
    return labels;
  }
}

/** Whether the result is no longer the metric that the operand was.
 *  @see prometheus/promql/engine.go changesMetricSchema */
export function changesMeaning({ op }: BinaryExpr): boolean {
  return op === '+' || op === '-' || op === '*' || op === '/' || op === '%' || op === '^' || op === 'atan2';
}
