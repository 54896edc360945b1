import type { ValueType } from './ast.ts';

/** What a function takes and gives. Upstream's `Function`. */
export interface FunctionSignature {
  readonly name: string;
  readonly argTypes: readonly ValueType[];
  /** 0: exactly `argTypes`. n > 0: the last type may be left out and be repeated, up to n arguments of it. -1: any number of it. */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Refused unless the feature `promql-experimental-functions` is on. */
  readonly experimental: boolean;
}

type Row = readonly [
  names: string,
  args: string,
  options?: { variadic?: number; returns?: ValueType; experimental?: true },
];

/** Rows of functions alike: names, types of arguments (v instant vector, m range vector, s scalar, t string), and what is unusual. */
const ROWS: readonly Row[] = [
  ['abs absent ceil deg exp floor ln log10 log2 rad sgn sqrt sort sort_desc timestamp', 'v'],
  ['acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh', 'v'],
  ['histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', 'v'],
  ['start_timestamp', 'v', { experimental: true }],
  ['scalar', 'v', { returns: 'scalar' }],
  ['days_in_month day_of_month day_of_week day_of_year hour minute month year', 'v', { variadic: 1 }],
  ['changes delta deriv idelta increase irate rate resets', 'm'],
  ['absent_over_time avg_over_time count_over_time first_over_time last_over_time max_over_time', 'm'],
  ['min_over_time present_over_time stddev_over_time stdvar_over_time sum_over_time', 'm'],
  ['mad_over_time ts_of_first_over_time ts_of_last_over_time', 'm', { experimental: true }],
  ['ts_of_max_over_time ts_of_min_over_time', 'm', { experimental: true }],
  ['clamp', 'vss'],
  ['clamp_max clamp_min', 'vs'],
  ['round', 'vs', { variadic: 1 }],
  ['histogram_fraction', 'ssv'],
  ['histogram_quantile', 'sv'],
  ['histogram_quantiles', 'vtss', { variadic: 9, experimental: true }],
  ['predict_linear', 'ms'],
  ['double_exponential_smoothing', 'mss', { experimental: true }],
  ['integral', 'ms', { variadic: 1, experimental: true }],
  ['quantile_over_time', 'sm'],
  ['info', 'vv', { variadic: 1, experimental: true }],
  ['label_replace', 'vtttt'],
  ['label_join', 'vttt', { variadic: -1 }],
  ['sort_by_label sort_by_label_desc', 'vt', { variadic: -1, experimental: true }],
  ['vector', 's'],
  ['pi time', '', { returns: 'scalar' }],
  ['start end step range', '', { returns: 'scalar', experimental: true }],
  ['max_of min_of', 'ss', { returns: 'scalar', experimental: true }],
];

const TYPES: Readonly<Record<string, ValueType>> = { v: 'vector', m: 'matrix', s: 'scalar', t: 'string' };

/** All functions of PromQL by name.
 *  @see prometheus/promql/parser/functions.go */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = new Map(
  ROWS.flatMap((row) => row[0].split(' ').map((name) => [name, signature(name, row)] as const)),
);

function signature(name: string, [, args, options]: Row): FunctionSignature {
  return {
    name,
    argTypes: [...args].map((letter) => TYPES[letter]),
    variadic: options?.variadic ?? 0,
    returnType: options?.returns ?? 'vector',
    experimental: options?.experimental ?? false,
  };
}
