import type { BillItem } from '#shared/cost/bill.ts';
import { totalUsd } from '#shared/cost/bill.ts';
import type { CostEstimate } from './estimate.ts';
import { describeLoad } from './load.ts';

/** Items below this are added up in one line. */
const SHOWN_USD = 0.05;

/** The estimate for people. */
export function costReport(estimate: CostEstimate): string {
  const { load, simulation, items, managedPrometheus, prices } = estimate;
  const { shards, simulatedShards, simulatedSeries, measuredMs } = simulation;
  const how = simulatedShards === shards ? 'every shard' : `1 and 2 of ${shards} shards, from which the others follow`;
  return [
    describeLoad(load),
    `Simulated: ${measuredMs / 60_000} minutes of ${how}, ${simulatedSeries} of ${load.series} series a target. A month in ${prices.region}, prices of ${prices.date}, without free tiers:`,
    '',
    ...table(['function', 'what', 'quantity', 'for', 'USD'], itemRows(items)),
    '',
    ...table(['by function', 'USD'], [...sums(items), ['total', usd(totalUsd(items))]]),
    '',
    `Amazon Managed Service for Prometheus, same load: ${usd(managedPrometheus.total)} (ingestion ${usd(managedPrometheus.ingestion)}, storage ${usd(managedPrometheus.storage)}, queries ${usd(managedPrometheus.queries)}), without collectors`,
    `Stored: ${simulation.bytesPerSample.toFixed(2)} bytes a sample. An invocation is paid for ${durations(simulation.billedMsPerInvocation)}`,
    ...simulation.warnings.map((warning) => `Warning: ${warning}`),
    '',
  ].join('\n');
}

function itemRows(items: readonly BillItem[]): string[][] {
  const shown = items.filter((item) => item.usd >= SHOWN_USD);
  const rest = items.filter((item) => item.usd < SHOWN_USD);
  const rows = shown.map(({ by, what, quantity, per, usd: cost }) => [by, what, amount(quantity), per, usd(cost)]);
  return [...rows, ['', `${rest.length} smaller items`, '', '', usd(totalUsd(rest))]];
}

function sums(items: readonly BillItem[]): string[][] {
  const groups = [...Map.groupBy(items, ({ by }) => by)].map(([by, own]) => ({ by, total: totalUsd(own) }));
  return groups.sort((a, b) => b.total - a.total).map(({ by, total }) => [by, usd(total)]);
}

function durations(billed: Readonly<Record<string, number>>): string {
  return Object.entries(billed)
    .map(([name, ms]) => `${name} ${Math.round(ms)} ms`)
    .join(', ');
}

function usd(value: number): string {
  return `$${value.toFixed(2)}`;
}

function amount(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
}

/** Columns of text; the last one is of numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const last = head.length - 1;
  return all.map((row) =>
    row.map((cell, i) => (i === last ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '),
  );
}
