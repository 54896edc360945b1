/** Numbers as a histogram of bars, a `#` for each percent of `total`.
 *  @see prometheus/cmd/promtool/tsdb.go displayHistogram */
export function formatSizes(title: string, numbers: readonly number[], total: number): string {
  if (numbers.length === 0) return `${title}: N/A\n\n`;
  const summary = summarize(numbers);
  const { start, end, step } = bucketsBetween(summary.min, summary.max);
  const counts = new Array<number>((end - start) / step + 1).fill(0);
  for (const number of numbers) counts[Math.floor((number - start) / step)]++;
  const leftWidth = String(end).length;
  const rightWidth = String(end + step).length;
  const countWidth = String(counts.reduce((most, count) => Math.max(most, count), 0)).length;
  const lines = counts.map((count, i) => {
    const left = String(i * step + start + 1).padStart(leftWidth);
    const right = String((i + 1) * step + start).padStart(rightWidth);
    const bar = '#'.repeat(Math.floor((100 * count) / total));
    return `[${left}, ${right}]: ${String(count).padStart(countWidth)} ${bar}\n`;
  });
  const average = Math.floor(summary.sum / numbers.length);
  return `${title} (min/avg/max): ${summary.min}/${average}/${summary.max}\n${lines.join('')}\n`;
}

function summarize(numbers: readonly number[]) {
  let [min, max, sum] = [numbers[0], numbers[0], 0];
  for (const number of numbers) {
    min = Math.min(min, number);
    max = Math.max(max, number);
    sum += number;
  }
  return { min, max, sum };
}

/** About ten to a hundred buckets, of 10, 100, … 100,000 each. */
function bucketsBetween(min: number, max: number) {
  const tenth = Math.floor((max - min) / 10);
  let step = 10;
  while (step < tenth && step <= 10_000) step *= 10;
  return { start: min - (min % step), end: max - (max % step) + step, step };
}
