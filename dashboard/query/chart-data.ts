import type { LabelRecord, MatrixItem } from '../api-types.ts';
import { seriesText } from '../label-text.ts';
import type { TimeRange } from './time-range.ts';

/** Series on a common grid of times, as uPlot takes them. */
export interface ChartData {
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** How many series more there are than are drawn. */
  readonly omitted: number;
}

export interface ChartSeries {
  readonly labels: LabelRecord;
  readonly text: string;
  /** One a time; `null` where there is none, or one that cannot be drawn. */
  readonly values: readonly (number | null)[];
}

/** More lines cannot be told apart, and make the page slow. */
export const MAX_SERIES = 500;

/** Puts the samples of a range query on its grid of times. `NaN` and infinities are gaps. */
export function toChartData(matrix: readonly MatrixItem[], { startMs, endMs, stepMs }: TimeRange): ChartData {
  const count = Math.floor((endMs - startMs) / stepMs) + 1;
  const times = Array.from({ length: count }, (_, i) => (startMs + i * stepMs) / 1000);
  const series = matrix.slice(0, MAX_SERIES).map(({ metric, values = [] }) => {
    const onGrid = new Array<number | null>(count).fill(null);
    for (const [timeSeconds, text] of values) {
      const index = Math.round((timeSeconds * 1000 - startMs) / stepMs);
      const value = Number(text);
      if (index >= 0 && index < count && Number.isFinite(value)) onGrid[index] = value;
    }
    return { labels: metric, text: seriesText(metric), values: onGrid };
  });
  return { times, series, omitted: matrix.length - series.length };
}

/** The sums of each series with those before it, of those that are shown. A gap in one is a gap in it only. */
export function stack(
  series: readonly (readonly (number | null)[])[],
  isShown: (index: number) => boolean,
): readonly (readonly (number | null)[])[] {
  const sums: number[] = [];
  return series.map((values, index) => {
    if (!isShown(index)) return values;
    return values.map((value, i) => {
      if (value === null) return null;
      sums[i] = (sums[i] ?? 0) + value;
      return sums[i];
    });
  });
}

export interface SeriesSummary {
  readonly last: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly mean: number | undefined;
}

export function summarize(values: readonly (number | null)[]): SeriesSummary {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { last: undefined, min: undefined, max: undefined, mean: undefined };
  const sum = known.reduce((total, value) => total + value, 0);
  const min = known.reduce((least, value) => Math.min(least, value));
  const max = known.reduce((most, value) => Math.max(most, value));
  return { last: known.at(-1), min, max, mean: sum / known.length };
}
