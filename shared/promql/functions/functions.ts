import { ABSENT_FUNCTIONS } from './absent.ts';
import { DATE_FUNCTIONS } from './date.ts';
import { EXTREME_FUNCTIONS } from './extremes-over-time.ts';
import { HISTOGRAM_FUNCTIONS } from './histogram.ts';
import { INSTANT_RATE_FUNCTIONS } from './instant-rate.ts';
import { LABEL_FUNCTIONS } from './label.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { MOMENT_FUNCTIONS } from './moments-over-time.ts';
import { OVER_TIME_FUNCTIONS } from './over-time.ts';
import { PAIR_COUNT_FUNCTIONS } from './pair-counts.ts';
import { QUANTILE_FUNCTIONS } from './quantile-over-time.ts';
import type { RangeFunction } from './range-function.ts';
import { RATE_FUNCTIONS } from './rate.ts';
import { REGRESSION_FUNCTIONS } from './regression.ts';
import { SORT_FUNCTIONS } from './sort.ts';
import type { StepFunction } from './step-function.ts';

/** The functions that take a range vector, by name. */
export const RANGE_FUNCTIONS: ReadonlyMap<string, RangeFunction> = new Map(
  [
    RATE_FUNCTIONS,
    INSTANT_RATE_FUNCTIONS,
    PAIR_COUNT_FUNCTIONS,
    OVER_TIME_FUNCTIONS,
    MOMENT_FUNCTIONS,
    EXTREME_FUNCTIONS,
    QUANTILE_FUNCTIONS,
    REGRESSION_FUNCTIONS,
  ].flatMap(Object.entries<RangeFunction>),
);

/** All others, by name, but `info` and `start_timestamp`, which need more than their arguments' values.
 *  @see prometheus/promql/functions.go FunctionCalls */
export const STEP_FUNCTIONS: ReadonlyMap<string, StepFunction> = new Map(
  [ABSENT_FUNCTIONS, DATE_FUNCTIONS, HISTOGRAM_FUNCTIONS, LABEL_FUNCTIONS, MATH_FUNCTIONS, SORT_FUNCTIONS].flatMap(
    Object.entries<StepFunction>,
  ),
);
