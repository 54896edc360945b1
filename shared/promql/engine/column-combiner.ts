import type { BinaryExpr } from '#shared/promql/syntax/ast.ts';
import { isComparison, isTrim } from './binary-operator.ts';
import { ColumnArena } from './column-arena.ts';
import { type FloatLoop, floatLoop } from './float-loop.ts';
import { type OperatorContext, StepRemarks } from './operator-context.ts';
import { combineSamples, type Sample } from './sample-operator.ts';
import { type Column, createColumn, type GrowingColumn, setHistogram } from './value.ts';

/** What an operator made of two columns. */
export interface CombinedColumn {
  /** `undefined` when no sample stays. */
  readonly result?: Column;
  /** At which steps there was a result before comparisons dropped some. */
  readonly combined: Uint8Array;
}

/** Applies one binary operator to pairs of columns. */
export class ColumnCombiner {
  readonly #expr: BinaryExpr;
  readonly #context: OperatorContext;
  readonly #arena: ColumnArena;
  readonly #floats: FloatLoop | undefined;
  readonly #remarks: StepRemarks;

  constructor(expr: BinaryExpr, context: OperatorContext) {
    this.#expr = expr;
    this.#context = context;
    this.#arena = new ColumnArena(context.steps);
    this.#floats = isTrim(expr.op) ? undefined : floatLoop(expr.op, expr.returnBool);
    this.#remarks = new StepRemarks(context.steps);
  }

  /** @param present The steps where both columns have a sample.
   *  @param kept What a comparison that filters keeps, when not the left column. */
  combine(lhs: Column, rhs: Column, present: Uint8Array, kept: Column = lhs): CombinedColumn {
    const hasHistograms = lhs.histograms !== undefined || rhs.histograms !== undefined;
    if (hasHistograms || this.#floats === undefined) return this.#combineSamples(lhs, rhs, present, kept);
    const operands = { lhs: lhs.values, rhs: rhs.values, present, kept: kept.values };
    return { result: this.#floats(operands, this.#arena), combined: present };
  }

  #combineSamples(lhs: Column, rhs: Column, present: Uint8Array, kept: Column): CombinedColumn {
    const out = createColumn(present.length);
    const combined = new Uint8Array(present.length);
    for (let k = 0; k < present.length; k++) {
      if (present[k] === 0) continue;
      const pair = combineSamples(this.#expr, sampleAt(lhs, k), sampleAt(rhs, k));
      if ('refusal' in pair) {
        this.#remarks.set(k, pair.refusal);
        continue;
      }
      if (pair.remark !== undefined) this.#remarks.set(k, pair.remark);
      combined[k] = 1;
      if (this.#expr.returnBool) setSample(out, k, pair.keep ? 1 : 0);
      else if (pair.keep) setSample(out, k, kept === lhs ? pair.value : this.#keptSample(pair.value, kept, k));
    }
    return out.present.includes(1) ? { result: out, combined } : { combined };
  }

  /** With a scalar on the left, a comparison keeps the vector's sample. */
  #keptSample(value: Sample, kept: Column, k: number): Sample {
    return isComparison(this.#expr.op) ? sampleAt(kept, k) : value;
  }

  /** Passes on what there is to remark of all pairs. */
  report(): void {
    this.#remarks.report(this.#context.annotate);
  }
}

/** The sample of step k, which is present. */
export function sampleAt({ values, histograms }: Column, k: number): Sample {
  return histograms?.[k] ?? values[k];
}

function setSample(out: GrowingColumn, k: number, sample: Sample): void {
  if (typeof sample === 'number') {
    out.values[k] = sample;
    out.present[k] = 1;
  } else {
    setHistogram(out, k, sample);
  }
}
