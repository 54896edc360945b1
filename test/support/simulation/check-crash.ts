import assert from 'node:assert/strict';
import { QUEUES } from '#functions/settings.ts';
import { readAlerting } from '#shared/alerting/alerting-store.ts';
import { checkStored, type StoredRun } from './check-run.ts';
import type { CrashReport } from './process-ports.ts';
import { type StoredSlot, slotText, withSeriesAdded } from './stored.ts';
import type { Delivered } from './trace.ts';
import type { World } from './world.ts';

/** A crash costs no more than what was under way when it happened: a message comes back after 30 s and again after 60 s,
 *  the tick that makes up for a lost message comes once a minute. */
const MAX_DELAY_MS = 180_000;
/** Slots this close to the crash may be late, or lost when they are too late to be retried. */
const REACH_MS = 90_000;

/** A slot that began this long ago has its batch. */
const IN_WORK_MS = 1000;

/** What a crash run is compared with. */
export interface CleanRun extends StoredRun {
  readonly delivered: readonly Delivered[];
}

/** Checks that a run with one crash came to the same end as the one without:
 *  - what was committed is there, once, and right; only slots around the crash may be missing, late or unknown;
 *  - alerts went through the states that their rule says of the evaluations that took place;
 *  - every integration was told the same, in the same order, at most `MAX_DELAY_MS` later. What was told twice was on its
 *    way when the crash came: one notification of an integration that has no name for it, or a mail of the same id;
 *  - nothing waits, and nothing was given up. */
export async function checkCrash(world: World, clean: CleanRun): Promise<void> {
  const crash = world.driver.first.crashed()!;
  const run = await checkStored(world);
  const untilMs = world.clock.nowMs() - IN_WORK_MS;
  checkSlots(
    run.slots,
    clean.slots.filter(({ slotMs }) => slotMs <= untilMs),
    crash,
  );
  checkStates(run, clean);
  checkDeliveries(world.trace.delivered, clean.delivered, crash);
  await checkSettled(world);
}

/** `scrape_series_added` counts from the last page that there is, and must fit the slots that there are. */
function checkSlots(slots: readonly StoredSlot[], clean: readonly StoredSlot[], crash: CrashReport): void {
  assert.deepEqual(slots.map(slotText), withSeriesAdded(slots).map(slotText), 'scrape_series_added');
  const expected = new Map(clean.map((slot) => [slot.slotMs, slot]));
  const actual = new Map(slots.map((slot) => [slot.slotMs, slot]));
  for (const slotMs of new Set([...expected.keys(), ...actual.keys()])) {
    if (Math.abs(slotMs - crash.timeMs) <= REACH_MS) continue;
    const pair = [actual.get(slotMs), expected.get(slotMs)].map((slot) => slot && slotText(withoutAdded(slot)));
    assert.equal(pair[0], pair[1]);
  }
}

function withoutAdded(slot: StoredSlot): StoredSlot {
  const sections = [...slot.sections].map(([source, section]) => {
    const rest = [...(section ?? [])].filter(([name]) => !name.startsWith('scrape_series_added{'));
    return [source, section && new Map(rest)] as const;
  });
  return { ...slot, sections: new Map(sections) };
}

/** The alerts' states in order; when they change is checked by `checkStored`. */
function checkStates(run: StoredRun, clean: StoredRun): void {
  const states = ({ transitions }: StoredRun) => transitions.map(({ alert, to }) => `${alert} ${to}`);
  assert.deepEqual(states(run), states(clean));
}

function checkDeliveries(delivered: readonly Delivered[], clean: readonly Delivered[], crash: CrashReport): void {
  let repeated = 0;
  for (const [channel, expected] of channels(clean)) {
    const told = channels(delivered).get(channel) ?? [];
    const once = told.filter((one, i) => i === 0 || !sameNews(one, told[i - 1]));
    assert.deepEqual(once.map(newsOf), expected.map(newsOf), channel);
    for (const [i, { timeMs }] of once.entries()) {
      const lateMs = timeMs - expected[i].timeMs;
      assert.ok(lateMs >= 0 && lateMs <= MAX_DELAY_MS, `${channel} is told ${lateMs} ms late`);
    }
    const ids = new Set(told.map(({ id }) => id));
    if (channel.endsWith('/email')) assert.equal(ids.size, once.length, 'a mail was sent again under another id');
    repeated += told.length - once.length;
  }
  const inDelivery = /^(mailer|topic|http|records|queue\.send (dispatch|notify))/.test(crash.call);
  assert.ok(repeated <= (inDelivery ? 3 : 0), `${repeated} notifications were sent twice`);
}

function channels(delivered: readonly Delivered[]): Map<string, Delivered[]> {
  return Map.groupBy(delivered, ({ receiver, integration }) => `${receiver}/${integration}`);
}

function sameNews(a: Delivered, b: Delivered): boolean {
  return JSON.stringify(newsOf(a)) === JSON.stringify(newsOf(b));
}

function newsOf({ status, alerts }: Delivered) {
  return { status, alerts };
}

async function checkSettled({ ports }: World): Promise<void> {
  const stored = await readAlerting(ports);
  assert.deepEqual(stored?.value.inFlight, {});
  assert.deepEqual((await ports.records.query({ partition: 'outbox' })).records, []);
  for (const queue of [...Object.values(QUEUES), 'compact']) assert.deepEqual(ports.queue(queue).deadLetters(), []);
}
