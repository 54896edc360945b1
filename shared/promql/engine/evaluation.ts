import type { Querier } from '#shared/model/storage.ts';
import type { Annotation, Annotations } from './annotations.ts';
import type { QueryLimits } from './limits.ts';
import type { SelectedSeries } from './selected-series.ts';

/** What the evaluation of all nodes of one query shares. */
export interface Evaluation {
  readonly selected: SelectedSeries;
  /** For what is found out to be needed only while evaluating. */
  readonly querier: Querier;
  readonly limits: QueryLimits;
  readonly annotations: Annotations;
  readonly annotate: (annotation: Annotation) => void;
  readonly lookbackMs: number;
  readonly defaultSubqueryStepMs: number;
  readonly delayedNameRemoval: boolean;
  /** Take a metric's type from its label `__type__`. */
  readonly typeAndUnitLabels: boolean;
  readonly useStartTimestamps: boolean;
}
