import type { Annotation } from './annotations.ts';
import { mergeSameLabels, type VectorSeries } from './value.ts';

/** What a query gives to the operators and aggregations of its expression. */
export interface OperatorContext {
  readonly steps: number;
  readonly delayedNameRemoval: boolean;
  readonly annotate: (annotation: Annotation) => void;
  /** Called with the bytes of memory that are about to be allocated; throws where they are too many. */
  readonly reserve?: (bytes: number) => void;
}

/** The results of an operator, of which some may have the same labels.
 *  @throws {QueryError} When two of them have a sample at one step. */
export function distinctResults(
  results: readonly VectorSeries[],
  { delayedNameRemoval, steps }: OperatorContext,
): readonly VectorSeries[] {
  // An instant query with delayed name removal looks for duplicates only in its final result.
  return delayedNameRemoval && steps === 1 ? results : mergeSameLabels(results);
}

/** A computation in pieces: yields wherever the query may pause, or be ended. */
export type Work<T> = Generator<void, T>;

/** Computes without pausing. */
export function finishWork<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Remarks on the results of one operator, of which upstream keeps the last of each step. */
export class StepRemarks {
  readonly #byStep: (Annotation | undefined)[];

  constructor(steps: number) {
    this.#byStep = new Array(steps);
  }

  set(k: number, annotation: Annotation): void {
    this.#byStep[k] = annotation;
  }

  /** Passes on those that stayed, step by step. */
  report(annotate: (annotation: Annotation) => void): void {
    for (const annotation of this.#byStep) if (annotation !== undefined) annotate(annotation);
  }
}
