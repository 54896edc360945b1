import { formatGoG } from './go-format.ts';
import { executionError } from './query-error.ts';

/** The scalar parameter of an aggregation over all steps.
 *  @see prometheus/promql/value.go newFParams */
export interface Parameter {
  readonly values: Float64Array;
  readonly min: number;
  readonly max: number;
  readonly hasNaN: boolean;
}

export function createParameter(values: Float64Array): Parameter {
  let min = Number.MAX_VALUE;
  let max = -Number.MAX_VALUE;
  let hasNaN = false;
  for (const value of values) {
    min = goMin(min, value);
    max = goMax(max, value);
    hasNaN ||= Number.isNaN(value);
  }
  // A single step is the value itself: ±Inf is beyond the bounds that the loop starts with.
  return values.length === 1 ? { values, min: values[0], max: values[0], hasNaN } : { values, min, max, hasNaN };
}

/** Go's minimum: −Inf wins over NaN. */
function goMin(a: number, b: number): number {
  return a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b);
}

/** Go's maximum: +Inf wins over NaN. */
function goMax(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

/** An int64 is less than this. The largest float below it is refused too, as upstream does. */
const MAX_INT64 = 2 ** 63;
const LARGEST_COUNT = MAX_INT64 - 1024;

/** Makes sure that a `k` is a number.
 *  @throws {QueryError} For NaN and for numbers that do not fit into 64 bits. */
export function checkCount({ min, max, hasNaN }: Parameter): void {
  if (hasNaN) throw executionError('Parameter value is NaN');
  if (min <= -MAX_INT64) throw executionError(`Scalar value ${formatGoG(min)} underflows int64`);
  if (max >= LARGEST_COUNT) throw executionError(`Scalar value ${formatGoG(max)} overflows int64`);
}
