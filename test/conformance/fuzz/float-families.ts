import type { SeriesSamples } from '#shared/model/storage.ts';
import { type DataContext, type Family, INTERVAL_MS, perTarget } from './data.ts';
import type { Rng } from './rng.ts';
import { buildSeries, type Sample, withStartTimes } from './series-builder.ts';

/** Families of floats of every shape. */
export function floatFamilies(context: DataContext): readonly Family[] {
  return [
    { name: 'requests_total', kind: 'counter', series: requests(context) },
    { name: 'errors_total', kind: 'counter', series: targets(context, 'errors_total', (rng) => counter(rng, 0.02)) },
    { name: 'started_total', kind: 'counter', series: started(context) },
    { name: 'temperature', kind: 'gauge', series: targets(context, 'temperature', walk, { zone: ['north', 'süd'] }) },
    { name: 'level', kind: 'gauge', series: targets(context, 'level', steps, { tier: ['1', '2', '10'] }) },
    { name: 'extreme', kind: 'gauge', series: targets(context, 'extreme', extremes) },
    { name: 'gappy', kind: 'gauge', series: targets(context, 'gappy', gaps) },
    { name: 'gappy_total', kind: 'counter', series: targets(context, 'gappy_total', gappyCounter) },
    { name: 'irregular', kind: 'gauge', series: irregular(context) },
    { name: 'constant', kind: 'gauge', series: targets(context, 'constant', constant) },
    { name: 'disk.used bytes', kind: 'gauge', series: utf8(context) },
    { name: 'typed_total', kind: 'counter', series: typed(context) },
    { name: 'target_info', kind: 'info', series: targetInfo(context) },
    { name: 'build_info', kind: 'info', series: buildInfo(context) },
  ];
}

type Shape = (rng: Rng) => (index: number) => Sample | undefined;

/** A series of each target, and of each of the label values. */
function targets(
  { rng, timesOf }: DataContext,
  name: string,
  shape: Shape,
  labels: Readonly<Record<string, readonly string[]>> = {},
): SeriesSamples[] {
  const [[label, values] = ['', ['']]] = Object.entries(labels);
  return perTarget((job, instance) =>
    values.map((value) => {
      const set = { __name__: name, job, instance, ...(label === '' ? {} : { [label]: value }) };
      return buildSeries(set, timesOf(job, instance), shape(rng));
    }),
  ).flat();
}

function requests(context: DataContext): SeriesSamples[] {
  return targets(context, 'requests_total', (rng) => counter(rng, rng.chance(0.5) ? 0.01 : 0), {
    code: ['200', '404', '500'],
  });
}

function counter(rng: Rng, resets: number): (index: number) => Sample {
  let value = rng.chance(0.5) ? 0 : rng.int(0, 1e6);
  const whole = rng.chance(0.7);
  return () => {
    if (rng.chance(resets)) value = rng.chance(0.5) ? 0 : rng.int(0, 5);
    else if (rng.chance(0.8)) value += whole ? rng.int(0, 50) : rng.next() * 10;
    return value;
  };
}

function walk(rng: Rng): (index: number) => Sample {
  let value = rng.int(-20, 40) + rng.next();
  return () => (value += (rng.next() - 0.5) * 3);
}

function started(context: DataContext): SeriesSamples[] {
  return targets(context, 'started_total', (rng) => counter(rng, 0.05)).map((one) => withStartTimes(context.rng, one));
}

/** Small whole numbers, many of them equal. */
function steps(rng: Rng): (index: number) => Sample {
  let value = rng.int(0, 3);
  return () => {
    if (rng.chance(0.1)) value = rng.int(-2, 5);
    return value;
  };
}

const EXTREMES = [Infinity, -Infinity, NaN, 0, -0, 1e308, -1e308, 5e-324, 1e-300, 2 ** 53, 0.1, 1e17, -3];

function extremes(rng: Rng): (index: number) => Sample {
  const often = rng.pick([0.02, 0.2, 1]);
  const finite = rng.chance(0.5);
  const values = finite ? EXTREMES.filter(Number.isFinite) : EXTREMES;
  return (i) => (rng.chance(often) ? rng.pick(values) : i / 7);
}

/** Comes and goes, some times with a stale marker and some times without. */
function presence(rng: Rng): () => 'present' | 'stale' | 'absent' {
  let present = rng.chance(0.7);
  return () => {
    const change = rng.chance(present ? 0.03 : 0.05);
    if (change) present = !present;
    if (change && !present && rng.chance(0.6)) return 'stale';
    return present && !rng.chance(0.05) ? 'present' : 'absent';
  };
}

function gaps(rng: Rng): (index: number) => Sample | undefined {
  const state = presence(rng);
  const value = walk(rng);
  return (i) => {
    const is = state();
    return is === 'present' ? value(i) : is === 'stale' ? 'stale' : undefined;
  };
}

function gappyCounter(rng: Rng): (index: number) => Sample | undefined {
  const state = presence(rng);
  const value = counter(rng, 0.03);
  return (i) => {
    const is = state();
    return is === 'present' ? value(i) : is === 'stale' ? 'stale' : undefined;
  };
}

function constant(rng: Rng): (index: number) => Sample {
  const value = rng.pick([0, 1, 0.1, -0, 7, 1e6]);
  return () => value;
}

/** Samples at any millisecond, some of them far apart. */
function irregular({ rng, timesOf }: DataContext): SeriesSamples[] {
  return perTarget((job, instance) => {
    const start = timesOf(job, instance)[0];
    const end = start + 299 * INTERVAL_MS;
    const times: number[] = [];
    for (let t = start + rng.int(0, 60_000); t < end; ) {
      times.push(t);
      t += rng.weighted([
        [6, rng.int(1000, 30_000)],
        [1, rng.int(1, 50)],
        [1, rng.int(60_000, 700_000)],
      ]);
    }
    return buildSeries({ __name__: 'irregular', job, instance }, times, walk(rng));
  });
}

function utf8({ rng, timesOf }: DataContext): SeriesSamples[] {
  return perTarget((job, instance) => {
    const labels = { __name__: 'disk.used bytes', 'label.x': rng.pick(['é"\\', '日本', '<&>\n']), job, instance };
    return buildSeries(labels, timesOf(job, instance), walk(rng));
  });
}

/** Metadata as labels. */
function typed({ rng, timesOf }: DataContext): SeriesSamples[] {
  return perTarget((job, instance) => {
    const type = rng.pick(['counter', 'gauge', '']);
    const labels = { __name__: 'typed_total', __type__: type, __unit__: rng.pick(['bytes', '']), job, instance };
    return buildSeries(labels, timesOf(job, instance), counter(rng, 0.01));
  });
}

/** A version that changes: with a stale marker or without, or with both for a while, or not at all. */
function targetInfo({ rng, timesOf }: DataContext): SeriesSamples[] {
  return perTarget((job, instance) => {
    const changes = rng.pick(['never', 'marked', 'unmarked', 'both', 'absent'] as const);
    const times = timesOf(job, instance);
    const at = rng.int(60, 240);
    const labels = { __name__: 'target_info', job, instance, env: rng.pick(['prod', 'dev']) };
    const first = buildSeries({ ...labels, version: '1.0' }, times, (i) => {
      if (changes === 'absent') return undefined;
      if (changes === 'never' || i < at) return 1;
      if (changes === 'both' && i < at + 30) return 1;
      return i === at && changes === 'marked' ? 'stale' : undefined;
    });
    const changed = changes !== 'never' && changes !== 'absent';
    const second = buildSeries({ ...labels, version: '1.1' }, times, (i) => (changed && i >= at ? 1 : undefined));
    return [first, second].filter(({ values }) => values.length > 0);
  }).flat();
}

function buildInfo(context: DataContext): SeriesSamples[] {
  const { rng, timesOf } = context;
  return perTarget((job, instance) => {
    const labels = { __name__: 'build_info', job, instance, build: rng.pick(['x1', 'x2']), arch: 'amd64' };
    return buildSeries(labels, timesOf(job, instance), () => 1);
  });
}
