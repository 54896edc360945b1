import { type BillItem, bill, managedPrometheusUsd, totalUsd } from '#shared/cost/bill.ts';
import type { PriceList } from '#shared/cost/price-list.ts';
import { samplesOfRules } from './configuration.ts';
import type { Load } from './load.ts';
import { MONTH_MS, REPORT_SERIES } from './month.ts';
import { type SimulateOptions, type Simulation, simulate } from './simulate.ts';
import { samplesOfView } from './view.ts';

/** What a load costs in a month. */
export interface CostEstimate {
  readonly load: Load;
  readonly simulation: Simulation;
  /** The dearest first. */
  readonly items: readonly BillItem[];
  readonly totalUsd: number;
  readonly managedPrometheus: ReturnType<typeof managedPrometheusUsd>;
  readonly prices: PriceList;
}

/** Simulates a load and prices what it used. */
export async function estimateCost(load: Load, prices: PriceList, options?: SimulateOptions): Promise<CostEstimate> {
  const simulation = await simulate(load, options);
  const items = bill(simulation.uses, prices);
  const { targets, series, intervalMs, evaluationMs, viewsPerDay, retentionMs } = load;
  const managedPrometheus = managedPrometheusUsd(
    {
      samples: (targets * (series + REPORT_SERIES) * MONTH_MS) / intervalMs,
      monthsKept: retentionMs / MONTH_MS,
      queriedSamples:
        (samplesOfRules(load) * MONTH_MS) / evaluationMs + samplesOfView(load) * viewsPerDay * (MONTH_MS / 86_400_000),
    },
    prices.managedPrometheus,
  );
  return { load, simulation, items, totalUsd: totalUsd(items), managedPrometheus, prices };
}
