import type { PostedAlert } from '#shared/alerting/alert.ts';
import { prepareOutbox } from '#shared/alerting/outbox.ts';
import type { RuleGroupConfig } from '#shared/config/rules-config.ts';
import { getLabel, type Labels, labelPairs, labelsFromPairs } from '#shared/model/labels.ts';
import type { Querier } from '#shared/model/storage.ts';
import { relabel } from '#shared/relabel/relabel.ts';
import type { RelabelConfig } from '#shared/relabel/relabel-config.ts';
import type { Batch, Section } from '#shared/tsdb/batch.ts';
import type { BatchStore, StoredBatch } from '#shared/tsdb/batch-store.ts';
import { createLayout } from '#shared/tsdb/layout.ts';
import type { LayoutStore } from '#shared/tsdb/layout-store.ts';
import { evaluateGroup, type GroupEvaluation, type RuleQueries, resolveAll } from './evaluate-group.ts';
import { deleteGroupState, type GroupStorePorts, prepareGroupState, readGroupState } from './group-store.ts';
import { groupStream } from './rule-key.ts';
import type { AlertEvent } from './state.ts';

export interface RulePorts extends GroupStorePorts {
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
  /** A fresh view of storage. */
  readonly querier: () => Querier;
  readonly queries: RuleQueries;
}

export interface RuleSettings {
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly alertRelabelConfigs: readonly RelabelConfig[];
}

export type RuleSlotResult =
  | { readonly kind: 'evaluated'; readonly events: number; readonly failedRules: number; readonly durationMs: number }
  /** The slot, or a later one, was evaluated before, or while we were at it. */
  | { readonly kind: 'duplicate' };

/** How far back the evaluation before may be for its series to become stale now. */
const MAX_GAP_MS = 3_600_000;
/** Internal alerts end when an evaluation says so, never because evaluations stopped. */
const NEVER_MS = Date.UTC(9999, 11, 31);

/** Evaluates a group at a slot. State, results and what the alerting side is to hear are committed in one transaction,
 *  so the slot happens once, whole or not at all. */
export async function evaluateSlot(
  group: RuleGroupConfig,
  slotMs: number,
  context: { readonly ports: RulePorts; readonly settings: RuleSettings },
): Promise<RuleSlotResult> {
  const { ports, settings } = context;
  const stream = groupStream(group);
  const stored = await readGroupState(ports, stream);
  if (stored !== undefined && stored.value.slotMs >= slotMs) return { kind: 'duplicate' };
  const timeMs = slotMs - group.queryOffsetMs;
  const before = await ports.batches.last(stream, { minSlotMs: slotMs - MAX_GAP_MS, maxSlotMs: slotMs - 1 });
  const evaluation = await evaluateGroup(group, stored?.value, {
    slotMs,
    querier: ports.querier(),
    queries: ports.queries,
    monotonicMs: () => ports.clock.monotonicMs(),
    storedBefore: await seriesBySource(before, ports.layouts),
  });
  const batch: Batch = { slotMs, timestampMs: timeMs, sections: await sectionsOf(evaluation, ports.layouts) };
  const alerts = postedAlerts(evaluation.events, settings);
  const writes = [
    await prepareGroupState(ports, stream, { state: evaluation.state, version: stored?.version }),
    await ports.batches.prepare(stream, batch),
    ...(alerts.length > 0 ? [await prepareOutbox(ports, `${slotMs}#${stream}`, alerts)] : []),
  ];
  const result = await ports.records.transact(writes);
  if (!result.ok) return { kind: 'duplicate' };
  const failedRules = Object.values(evaluation.state.rules).filter((rule) => rule.health === 'err').length;
  return { kind: 'evaluated', events: alerts.length, failedRules, durationMs: evaluation.state.durationMs };
}

/** Ends what is left of a group that is no longer configured: its alerts are resolved, its series become stale.
 *  @returns How many alerts the alerting side is to hear of; 0 when another worker changed the group meanwhile. */
export async function retireGroup(
  stream: string,
  nowMs: number,
  context: { readonly ports: RulePorts; readonly settings: RuleSettings },
): Promise<number> {
  const { ports, settings } = context;
  const stored = await readGroupState(ports, stream);
  if (stored === undefined) return 0;
  const events = Object.values(stored.value.rules).flatMap((rule) => resolveAll(rule.alerts, nowMs));
  const alerts = postedAlerts(events, settings);
  const result = await ports.records.transact([
    deleteGroupState(stream, stored.version),
    await ports.batches.prepare(stream, { slotMs: nowMs, timestampMs: nowMs, sections: [] }),
    ...(alerts.length > 0 ? [await prepareOutbox(ports, `${nowMs}#${stream}`, alerts)] : []),
  ]);
  return result.ok ? alerts.length : 0;
}

async function seriesBySource(
  stored: StoredBatch | undefined,
  layouts: LayoutStore,
): Promise<ReadonlyMap<string, readonly Labels[]>> {
  const series = new Map<string, readonly Labels[]>();
  for (const section of stored?.batch.sections ?? []) {
    if (section.kind === 'sampled') series.set(section.source, (await layouts.get(section.layout)).series);
  }
  return series;
}

function sectionsOf({ outputs }: GroupEvaluation, layouts: LayoutStore): Promise<Section[]> {
  return Promise.all(
    outputs.map(async ({ key, samples }): Promise<Section> => {
      if (samples === undefined) return { kind: 'unknown', source: key };
      const { layout, body } = createLayout(
        samples.map(({ labels }) => labels),
        [],
      );
      await layouts.put(layout, body);
      const values = Float64Array.from(samples, ({ value }) => value);
      const hasHistograms = samples.some(({ histogram }) => histogram !== undefined);
      const histograms = hasHistograms ? samples.map(({ histogram }) => histogram) : undefined;
      return { kind: 'sampled', source: key, layout: layout.id, values, histograms };
    }),
  );
}

/** What the alerting side gets: external labels added, relabelled, with a link to the expression's graph.
 *  @see prometheus/rules/manager.go SendAlerts, prometheus/notifier/manager.go relabelAlerts */
function postedAlerts(events: readonly AlertEvent[], settings: RuleSettings): PostedAlert[] {
  return events.flatMap((event) => {
    const own = [...labelPairs(event.labels)];
    const external = [...labelPairs(settings.externalLabels)].filter(([name]) => getLabel(event.labels, name) === '');
    const labels = relabel(labelsFromPairs([...own, ...external]), settings.alertRelabelConfigs);
    if (labels === undefined) return [];
    const { annotations, startsAtMs, endsAtMs, expr } = event;
    const generatorUrl = `${settings.externalUrl}/graph?g0.expr=${queryEscape(expr)}&g0.tab=1`;
    return [{ labels, annotations, startsAtMs, endsAtMs: endsAtMs ?? NEVER_MS, generatorUrl }];
  });
}

/** As Go's `url.QueryEscape`. */
function queryEscape(text: string): string {
  const encoded = encodeURIComponent(text).replaceAll('%20', '+');
  return encoded.replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
