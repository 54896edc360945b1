import { compareStrings, getLabel, type Labels, labelsKey, withLabel, withoutLabels } from '#shared/model/labels.ts';
import type { BinaryExpr, VectorMatching } from '#shared/promql/syntax/ast.ts';
import { changesMeaning } from './binary-operator.ts';
import { ColumnCombiner } from './column-combiner.ts';
import { formatLabelSet } from './go-format.ts';
import { type KeyOf, matchedLabels, matchKeys } from './match-key.ts';
import { distinctResults, type OperatorContext, type Work } from './operator-context.ts';
import { executionError } from './query-error.ts';
import { columnBytes } from './size.ts';
import { isMetadataLabel, type VectorSeries } from './value.ts';

/** A result refused: the earliest step's counts, then the order in which upstream would meet it. */
interface Refusal {
  readonly step: number;
  readonly rank: number;
  readonly message: string;
}

const MANY_MATCHES = 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)';
const NOT_UNIQUE = 'multiple matches for labels: grouping labels must ensure unique matches';

/** Applies an arithmetic, comparison or trim operator to the pairs of matching series.
 *  @throws {QueryError} When matching is ambiguous at some step.
 *  @see prometheus/promql/engine.go VectorBinop */
export function matchVectors(
  lhs: readonly VectorSeries[],
  rhs: readonly VectorSeries[],
  expr: BinaryExpr,
  context: OperatorContext,
): Work<readonly VectorSeries[]> {
  return new VectorMatcher(lhs, rhs, expr, context).run();
}

/** The series that have the same matched labels. Each of the "many" side meets the one of the "one" side; which side is
 *  which is decided by the cardinality (the left is "many" unless `group_right`). */
class MatchGroup {
  readonly ones: VectorSeries[] = [];
  manyCount = 0;
  /** At which steps a pair has been computed; kept only where somebody asks. */
  matched: Uint8Array | undefined;
  /** At which steps a result with the same labels is there. */
  readonly byLabels = new Map<string, Uint8Array>();
}

class VectorMatcher {
  readonly #expr: BinaryExpr;
  readonly #context: OperatorContext;
  readonly #matching: VectorMatching;
  readonly #swapped: boolean;
  readonly #many: readonly VectorSeries[];
  readonly #one: readonly VectorSeries[];
  /** What stands for a missing partner, from `fill`, by side. */
  readonly #fillMany: number | undefined;
  readonly #fillOne: number | undefined;
  readonly #combiner: ColumnCombiner;
  readonly #droppedNames = new Map<string, boolean>();
  readonly #results: VectorSeries[] = [];
  #refusal: Refusal | undefined;

  constructor(lhs: readonly VectorSeries[], rhs: readonly VectorSeries[], expr: BinaryExpr, context: OperatorContext) {
    const matching = expr.vectorMatching!;
    this.#expr = expr;
    this.#context = context;
    this.#matching = matching;
    this.#swapped = matching.card === 'one-to-many';
    this.#many = this.#swapped ? rhs : lhs;
    this.#one = this.#swapped ? lhs : rhs;
    this.#fillMany = this.#swapped ? matching.fillRight : matching.fillLeft;
    this.#fillOne = this.#swapped ? matching.fillLeft : matching.fillRight;
    this.#combiner = new ColumnCombiner(expr, context);
  }

  *run(): Work<readonly VectorSeries[]> {
    const groupOf = new Map<string, MatchGroup>();
    const keyOf = matchKeys(this.#matching);
    const oneGroups = yield* assignGroups(this.#one, keyOf, groupOf);
    for (let i = 0; i < this.#one.length; i++) oneGroups[i].ones.push(this.#one[i]);
    const manyGroups = yield* assignGroups(this.#many, keyOf, groupOf);
    for (const group of manyGroups) group.manyCount++;
    this.#refuseDuplicates(oneGroups);
    this.#failAt(0);
    for (let i = 0; i < this.#many.length; i++) {
      yield* this.#matchMany(this.#many[i], manyGroups[i]);
      this.#failAt(0);
      yield;
    }
    yield* this.#fillUnmatched(oneGroups);
    this.#failAt(this.#context.steps);
    this.#combiner.report();
    return this.#distinctResults([...groupOf.values()]);
  }

  /** The labels of one-to-one matches are those of the group, and the name where that is kept. */
  #distinctResults(groups: readonly MatchGroup[]): readonly VectorSeries[] {
    const { card, on, matchingLabels } = this.#matching;
    const keepsGroups = card === 'one-to-one' && !(on && matchingLabels.some(isMetadataLabel));
    if (keepsGroups && groups.every(({ ones, manyCount }) => ones.length <= 1 && manyCount <= 1)) return this.#results;
    return distinctResults(this.#results, this.#context);
  }

  #refuseDuplicates(groups: readonly MatchGroup[]): void {
    const checked = new Set<MatchGroup>();
    const rankOf = new Map<VectorSeries, number>();
    for (const group of groups) {
      if (group.ones.length < 2 || checked.has(group)) continue;
      checked.add(group);
      if (rankOf.size === 0) for (const [rank, series] of this.#one.entries()) rankOf.set(series, rank);
      this.#refuseDuplicatesIn(group, rankOf);
    }
  }

  /** Upstream does not look at a step where one whole side is empty. */
  #refuseDuplicatesIn({ ones }: MatchGroup, rankOf: ReadonlyMap<VectorSeries, number>): void {
    const owner: (VectorSeries | undefined)[] = new Array(this.#context.steps);
    for (const series of ones) {
      for (let k = 0; k < this.#context.steps; k++) {
        if (series.present[k] === 0) continue;
        const other = owner[k];
        owner[k] ??= series;
        if (other === undefined || !this.#looksAt(k)) continue;
        this.#refuse({ step: k, rank: rankOf.get(series)!, message: this.#duplicateMessage(series, other) });
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

  /** Fails when a result was refused, and nothing after `step` could be refused before it. */
  #failAt(step: number): void {
    if (this.#refusal !== undefined && this.#refusal.step <= step) throw executionError(this.#refusal.message);
  }

  *#matchMany(many: VectorSeries, group: MatchGroup): Work<void> {
    const { ones } = group;
    for (const one of ones) {
      this.#combine(many, one, bothPresent(many.present, one.present), group);
      if (ones.length > 1) yield;
    }
    if (this.#fillOne === undefined) return;
    const missing = ones.length === 0 ? many.present : presentWithout(many.present, ones);
    this.#combine(many, this.#filler(many, this.#fillOne), missing, group);
  }

  /** A series of the "one" side whose partners were all missing, or gave nothing. */
  *#fillUnmatched(groups: readonly MatchGroup[]): Work<void> {
    if (this.#fillMany === undefined) return;
    for (let i = 0; i < this.#one.length; i++) {
      const one = this.#one[i];
      const { matched } = groups[i];
      const missing = matched === undefined ? one.present : one.present.map((bit, k) => bit & ~matched[k]);
      this.#combine(this.#filler(one, this.#fillMany), one, missing, groups[i]);
      yield;
    }
  }

  #filler(partner: VectorSeries, fill: number): VectorSeries {
    const values = new Float64Array(this.#context.steps).fill(fill);
    return { labels: matchedLabels(partner.labels, this.#matching), values, present: partner.present, dropName: false };
  }

  /** Adds the result of one pair at the steps of `mask`. */
  #combine(many: VectorSeries, one: VectorSeries, mask: Uint8Array, group: MatchGroup): void {
    // Where a result is refused anyway, only an earlier refusal is of interest.
    const first = mask.indexOf(1);
    if (first < 0 || (this.#refusal !== undefined && first > this.#refusal.step)) return;
    const [lhs, rhs] = this.#swapped ? [one, many] : [many, one];
    const { result, combined } = this.#combiner.combine(lhs, rhs, mask);
    if (result === undefined && !this.#tracks(group)) return;
    const labels = this.#resultLabels(many.labels, one.labels);
    if (this.#tracks(group)) this.#track(group, labels, combined);
    if (result === undefined || this.#refusal !== undefined) return;
    // As many results as there are of the "many" side have been reserved.
    if (group.ones.length > 1) this.#context.reserve?.(columnBytes(this.#context.steps));
    this.#results.push({ labels, dropName: this.#expr.returnBool, ...result });
  }

  #tracks(group: MatchGroup): boolean {
    return group.manyCount > 1 || group.ones.length > 1 || this.#fillMany !== undefined;
  }

  #track(group: MatchGroup, labels: Labels, mask: Uint8Array): void {
    const isOneToOne = this.#matching.card === 'one-to-one';
    const key = isOneToOne ? '' : labelsKey(labels);
    const before = group.byLabels.get(key);
    const step = before === undefined ? -1 : mask.findIndex((bit, k) => (bit & before[k]) === 1);
    // Duplicates on the "one" side are found before any pair is looked at.
    const message = isOneToOne ? MANY_MATCHES : NOT_UNIQUE;
    if (step >= 0) this.#refuse({ step, rank: Number.POSITIVE_INFINITY, message });
    group.byLabels.set(key, union(before, mask));
    group.matched = union(group.matched, mask);
  }

  /** Label names come from few strings: what was found of each is remembered. */
  #isDropped(name: string): boolean {
    let dropped = this.#droppedNames.get(name);
    if (dropped === undefined) {
      const { card, on, matchingLabels } = this.#matching;
      const dropsMetadata =
        changesMeaning(this.#expr.op) || (this.#expr.returnBool && !this.#context.delayedNameRemoval);
      dropped =
        (card === 'one-to-one' && matchingLabels.includes(name) !== on) || (dropsMetadata && isMetadataLabel(name));
      this.#droppedNames.set(name, dropped);
    }
    return dropped;
  }

  /** @see prometheus/promql/engine.go resultMetric */
  #resultLabels(many: Labels, one: Labels): Labels {
    let labels = withoutLabels(many, (name) => this.#isDropped(name));
    for (const name of this.#matching.include) labels = withLabel(labels, name, getLabel(one, name));
    return labels;
  }
}

/** How many series are looked at between two pauses. */
const SERIES_PER_PIECE = 256;

function* assignGroups(
  series: readonly VectorSeries[],
  keyOf: KeyOf,
  groupOf: Map<string, MatchGroup>,
): Work<readonly MatchGroup[]> {
  const groups: MatchGroup[] = [];
  for (const [i, { labels }] of series.entries()) {
    const key = keyOf(labels);
    let group = groupOf.get(key);
    if (group === undefined) groupOf.set(key, (group = new MatchGroup()));
    groups.push(group);
    if (i % SERIES_PER_PIECE === 0) yield;
  }
  return groups;
}

function bothPresent(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a === b) return a;
  const both = new Uint8Array(a.length);
  for (let k = 0; k < a.length; k++) both[k] = a[k] & b[k];
  return both;
}

function presentWithout(present: Uint8Array, others: readonly VectorSeries[]): Uint8Array {
  const rest = present.slice();
  for (const other of others) for (let k = 0; k < rest.length; k++) rest[k] &= ~other.present[k];
  return rest;
}

function union(before: Uint8Array | undefined, mask: Uint8Array): Uint8Array {
  return before === undefined ? mask : mask.map((bit, k) => bit | before[k]);
}
