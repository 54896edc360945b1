import type { MemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { formatLabels, type Labels, labelsFromRecord } from '#shared/model/labels.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { Section } from '#shared/tsdb/batch.ts';
import { type BatchStore, createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createLayout } from '#shared/tsdb/layout.ts';
import { createLayoutStore, type LayoutStore } from '#shared/tsdb/layout-store.ts';

const DAY_MS = 86_400_000;

/** A store over memory adapters, with a writer in short notation. */
export interface TestStore {
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
  /** Writes one batch. @param sources Source → `{ 'name{a="b"}'-like metric name: value }`, or 'unknown'. */
  write(
    slotMs: number,
    sources: Readonly<Record<string, Readonly<Record<string, number>> | 'unknown'>>,
    options?: { readonly stream?: string; readonly timesMs?: Readonly<Record<string, number>> },
  ): Promise<'written' | 'duplicate'>;
}

export function openTestStore(ports: MemoryPorts): TestStore {
  const batches = createBatchStore(ports, { retentionMs: 15 * DAY_MS, nowMs: () => ports.clock.nowMs() });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  return {
    batches,
    layouts,
    async write(slotMs, sources, { stream = 's', timesMs } = {}) {
      const sections: Section[] = [];
      for (const [source, samples] of Object.entries(sources)) {
        if (samples === 'unknown') {
          sections.push({ kind: 'unknown', source });
          continue;
        }
        const names = Object.keys(samples);
        const { layout, body } = createLayout(names.map(nameLabels), []);
        await layouts.put(layout, body);
        const times = timesMs && Float64Array.from(names, (name) => timesMs[name] ?? Number.NaN);
        sections.push({
          kind: 'sampled',
          source,
          layout: layout.id,
          values: Float64Array.from(Object.values(samples)),
          timesMs: times,
        });
      }
      return batches.append(stream, { slotMs, timestampMs: slotMs, sections });
    },
  };
}

export function nameLabels(name: string): Labels {
  return labelsFromRecord({ __name__: name });
}

/** Series as text: `a 1@0 2@15000 stale@30000`, one a line. */
export function formatSeries(series: readonly SeriesSamples[]): string[] {
  return series.map(({ labels, timestampsMs, values }) => {
    const words = wordsOf(values);
    const samples = Array.from(timestampsMs, (t, i) => `${isStaleAt(words, i) ? 'stale' : values[i]}@${t}`);
    return [formatLabels(labels), ...samples].join(' ');
  });
}
