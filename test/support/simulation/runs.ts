import { type CleanRun, checkCrash } from './check-crash.ts';
import { channelsOf, checkRun } from './check-run.ts';
import { DAY_START_MS, dayScenario } from './day.ts';
import { type CrashKind, type FaultPlan, isLost, NO_FAULTS } from './faults.ts';
import { OUTAGE, OUTAGE_MS, RECOVERY_MS } from './outage.ts';
import { hourDigests, slotText, withSeriesAdded } from './stored.ts';
import { inThread } from './thread.ts';
import { createWorld, type World } from './world.ts';

/** A part of the day to live through. */
export interface DayRun {
  readonly seed: number;
  readonly durationMs: number;
  readonly faults: FaultPlan;
  /** Whether the run is checked by itself. */
  readonly check: boolean;
  /** Lists what the slots of the scrapes have, without those that this plan loses. @default nothing is listed */
  readonly slotsWithout?: FaultPlan;
}

/** What is to be seen of a run, as plain data. */
export interface DaySummary {
  /** Real seconds, checks not included. */
  readonly seconds: number;
  readonly deliveries: number;
  readonly lostSlots: number;
  readonly trace: readonly string[];
  readonly digests: readonly string[];
  /** How many the scrapes have; 0 where the run is not checked. */
  readonly slotCount: number;
  /** A line each, in order, with `scrape_series_added` as it must be where slots are left out. */
  readonly slots: readonly string[];
  readonly transitions: number;
  readonly delivered: number;
  /** `<receiver>/<integration> <alertname>` → what it was told, without the times. */
  readonly told: Readonly<Record<string, readonly string[]>>;
  /** Log lines of warnings and errors. */
  readonly problems: readonly string[];
  readonly metrics: string;
}

/** Lives through a part of the day, in a thread of its own. */
export function runDay(run: DayRun): Promise<DaySummary> {
  return inThread({ module: new URL(import.meta.url), name: 'liveDay', argument: run });
}

/** The thread's part of `runDay`. */
export async function liveDay({ seed, durationMs, faults, check, slotsWithout }: DayRun): Promise<DaySummary> {
  const world = createWorld(dayScenario(seed), faults);
  const start = performance.now();
  await world.driver.run(DAY_START_MS + durationMs - 1);
  const seconds = (performance.now() - start) / 1000;
  const slots = check ? (await checkRun(world)).slots : [];
  const stream = world.trace.slots.find((slot) => slot.stream.startsWith('scrape-'))!.stream;
  const kept = slotsWithout && slots.filter(({ slotMs }) => !isLost(slotsWithout, { stream, slotMs }));
  return {
    seconds,
    deliveries: world.driver.deliveries(),
    lostSlots: world.driver.lost.size,
    trace: world.trace.lines,
    digests: await hourDigests(world),
    slotCount: slots.length,
    slots: withSeriesAdded(kept ?? []).map(slotText),
    transitions: world.trace.transitions.length,
    delivered: world.trace.delivered.length,
    told: toldBy(world),
    problems: problemsOf(world),
    metrics: world.services().metrics.page(),
  };
}

function toldBy({ trace }: World): Record<string, string[]> {
  const alertnames = new Set(trace.delivered.map(({ alerts }) => alerts[0].split(' ')[1]));
  const told = [...alertnames].flatMap((alertname) =>
    [...channelsOf(trace.delivered, alertname)].map(([channel, deliveries]) => {
      return [`${channel} ${alertname}`, deliveries.map(({ status, alerts }) => `${status}: ${alerts}`)] as const;
    }),
  );
  return Object.fromEntries(told);
}

function problemsOf({ ports }: World): string[] {
  const problems = ports.logger.entries.filter(({ level }) => level === 'warn' || level === 'error');
  return problems.map(({ level, message, fields }) => `${level} ${message} ${JSON.stringify(fields)}`);
}

/** Crashes of one kind at a share of all port calls. */
export interface CrashRuns {
  /** `die` and `forget` are tried at the first call and at those that change something: to die after a call that does not
   *  leaves what dying after the one before left, and to forget its result is to refuse it. */
  readonly kind: CrashKind;
  /** The calls `share.number`, `share.number + share.of` …, from 1. */
  readonly share: { readonly number: number; readonly of: number };
}

export interface CrashSummary {
  readonly crashes: number;
  /** What went wrong, each with the call that crashed. */
  readonly failures: readonly string[];
}

/** Lives through the outage once for every port call of the share, in a thread of its own. */
export function runCrashes(runs: CrashRuns): Promise<CrashSummary> {
  return inThread({ module: new URL(import.meta.url), name: 'liveCrashes', argument: runs });
}

/** The thread's part of `runCrashes`. */
export async function liveCrashes({ kind, share }: CrashRuns): Promise<CrashSummary> {
  const world = await liveOutage(NO_FAULTS, OUTAGE_MS + RECOVERY_MS);
  const clean: CleanRun = { ...(await checkRun(world)), delivered: world.trace.delivered };
  const points = world.driver.first.log().map((logged, i) => ({ ...logged, call: i + 1 }));
  const mine = points
    .filter(({ timeMs }) => timeMs < OUTAGE.startMs + OUTAGE_MS)
    .filter((point) => kind === 'refuse' || point.call === 1 || point.isEffect)
    .filter((_, i) => i % share.of === share.number - 1);
  const failures: string[] = [];
  for (const { call, name, timeMs } of mine) {
    const atMs = timeMs - OUTAGE.startMs;
    try {
      const untilMs = Math.max(OUTAGE_MS + MINUTE_MS, atMs + RECOVERY_MS);
      await checkCrash(await liveOutage({ ...NO_FAULTS, crash: { call, kind } }, untilMs), clean);
    } catch (error) {
      failures.push(`call ${call}, ${name} at ${atMs} ms: ${(error as Error).message}`);
    }
  }
  return { crashes: mine.length, failures };
}

const MINUTE_MS = 60_000;

async function liveOutage(faults: FaultPlan, durationMs: number): Promise<World> {
  const world = createWorld(OUTAGE, faults);
  await world.driver.run(OUTAGE.startMs + durationMs);
  return world;
}
