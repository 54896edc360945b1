import { compareLabels } from '#shared/model/labels.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { floatFamilies } from './float-families.ts';
import { histogramFamilies } from './histogram-families.ts';
import { createRng, type Rng } from './rng.ts';

/** When data begin: a whole day, so that times are easy to read. */
export const START_MS = Date.UTC(2024, 2, 10);
export const INTERVAL_MS = 15_000;
/** More than one chunk of 120 samples. */
const SLOTS = 300;
export const END_MS = START_MS + (SLOTS - 1) * INTERVAL_MS;

/** What a metric holds, which decides what is asked of it. */
export type FamilyKind = 'counter' | 'gauge' | 'buckets' | 'native' | 'info';

/** A metric and its series. */
export interface Family {
  readonly name: string;
  readonly kind: FamilyKind;
  readonly series: readonly SeriesSamples[];
}

/** What families are made with. */
export interface DataContext {
  readonly rng: Rng;
  /** When a target is scraped. */
  timesOf(job: string, instance: string): readonly number[];
}

export const JOBS = ['api', 'web'] as const;
export const INSTANCES = ['a:80', 'b:80', 'c:80'] as const;

/** The data of a seed: families of every shape, with the same targets. */
export function createData(seed: number): readonly Family[] {
  const rng = createRng(seed, 1);
  const times = new Map<string, readonly number[]>();
  const timesOf = (job: string, instance: string) => {
    const key = `${job} ${instance}`;
    let known = times.get(key);
    if (known === undefined) {
      const phaseMs = rng.chance(0.4) ? 0 : rng.int(0, INTERVAL_MS - 1);
      known = Array.from({ length: SLOTS }, (_, i) => START_MS + phaseMs + i * INTERVAL_MS);
      times.set(key, known);
    }
    return known;
  };
  const context = { rng, timesOf };
  return [...floatFamilies(context), ...histogramFamilies(context)];
}

/** All series, in the order in which they are created in a real storage: it reads them in that order. */
export function allSeries(families: readonly Family[]): SeriesSamples[] {
  return families.flatMap(({ series }) => series).sort((a, b) => compareLabels(a.labels, b.labels));
}

/** Calls `make` for each target. */
export function perTarget<T>(make: (job: string, instance: string) => T): T[] {
  return JOBS.flatMap((job) => INSTANCES.map((instance) => make(job, instance)));
}
