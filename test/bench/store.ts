import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNodePorts } from '#shared/adapters/node/node-ports.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { SampledSection } from '#shared/tsdb/batch.ts';
import { createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createLayout } from '#shared/tsdb/layout.ts';
import { createLayoutStore } from '#shared/tsdb/layout-store.ts';
import type { BenchStream } from './data.ts';

const RETENTION_MS = 15 * 86_400_000;

/** Writes streams as scrapes do: batch after batch, into a data directory of the local process. */
export async function writeBatches(dataDir: string, streams: readonly BenchStream[]): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const ports = await openNodePorts({ dataDir });
  const batches = createBatchStore(ports, { retentionMs: RETENTION_MS, nowMs: () => ports.clock.nowMs() });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  for (const { name, targets } of streams) {
    const ids: string[] = [];
    for (const { series } of targets) {
      const { layout, body } = createLayout(
        series.map(({ labels }) => labels),
        [],
      );
      await layouts.put(layout, body);
      ids.push(layout.id);
    }
    for (const [slot, slotMs] of targets[0].series[0].timestampsMs.entries()) {
      const sections = targets.map((target, i) => sectionAt(target, ids[i], slot));
      await batches.append(name, { slotMs, timestampMs: slotMs, sections });
    }
  }
  await ports.close();
}

function sectionAt(target: BenchStream['targets'][number], layout: string, slot: number): SampledSection {
  const { name: source, series } = target;
  const values = Float64Array.from(series, (one) => one.values[slot]);
  return { kind: 'sampled', source, layout, values, histograms: histogramsAt(series, slot) };
}

function histogramsAt(series: readonly SeriesSamples[], slot: number): SampledSection['histograms'] {
  if (series.every(({ histograms }) => histograms === undefined)) return undefined;
  return series.map(({ histograms }) => histograms?.[slot]);
}

/** A configuration that scrapes nothing. */
export function writeEmptyConfig(folder: string): string {
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, 'global:\n  scrape_interval: 15s\n');
  return file;
}
