import type { Labels } from '#shared/model/labels.ts';
import type { MetricType } from '#shared/model/storage.ts';

/** One metric with its samples, to be written on a page. */
export interface MetricFamily {
  /** Of counters with or without `_total`, of infos with or without `_info`: the writers put what their format wants. */
  readonly name: string;
  readonly type: MetricType;
  /** `''` when there is none. */
  readonly help: string;
  /** The end of the name after `_`, such as `seconds`. */
  readonly unit?: string;
  /** In the order they are written. */
  readonly samples: readonly FamilySample[];
}

export interface FamilySample {
  /** The series's whole name, with `_total`, `_bucket`, `_sum` or `_count`. */
  readonly name: string;
  /** The labels besides the name; a `__name__` among them is not written. */
  readonly labels: Labels;
  readonly value: number;
  /** Unix milliseconds. */
  readonly timestampMs?: number;
}
