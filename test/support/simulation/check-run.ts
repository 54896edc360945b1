import assert from 'node:assert/strict';
import type { RuleConfig, RuleGroupConfig } from '#shared/config/rules-config.ts';
import { compareStrings, getLabel } from '#shared/model/labels.ts';
import { groupStream } from '#shared/rules/rule-key.ts';
import {
  type Evaluations,
  type ExpectedDelivery,
  type ExpectedTransition,
  expectedDeliveries,
  expectedRecording,
  expectedTransitions,
} from './expected.ts';
import { expectedTexts, openStores, readSlots, selectTexts, type SeriesTexts, type StoredSlot } from './stored.ts';
import type { Delivered } from './trace.ts';
import type { World } from './world.ts';

/** What of a run is checked, read from its stores. */
export interface CheckedRun {
  /** Of the scrapes. */
  readonly slots: readonly StoredSlot[];
  readonly transitions: readonly ExpectedTransition[];
  readonly delivered: readonly Delivered[];
}

/** Checks that a run is right by itself, whatever slots it had: what the warm process shows is what a cold one reads and
 *  what the stored batches say; recorded samples are what their expressions give when all is over; and alerts and
 *  notifications are, to the millisecond, what their rules and routes say of the evaluations that took place.
 *  The scenario must have one rule group, in `rules.yml`, and let nothing else than rules and time move its alerts. */
export async function checkRun(world: World): Promise<CheckedRun> {
  const { ruleGroups, alertmanager } = await world.services().configuration.current();
  const [group] = ruleGroups;
  const stream = groupStream(group);
  const scrapeStream = (await openStores(world).batches.streams()).find((name) => name !== stream)!;
  const slots = await readSlots(world, scrapeStream);
  const ruleSlots = await readSlots(world, stream);
  checkCommits(world, [...slots, ...ruleSlots]);
  await checkHeads(world, [slots, ruleSlots]);
  const evaluations: Evaluations = {
    querier: openStores(world).head.querier(),
    slots: ruleSlots.map(({ slotMs }) => slotMs),
    intervalMs: group.intervalMs,
  };
  await checkRecordings(group, ruleSlots, evaluations);
  const transitions = await transitionsOf(group.rules, evaluations);
  assert.deepEqual(world.trace.transitions.toSorted(bySlot), withoutLabels(transitions));
  const { groupWaitMs, groupIntervalMs, repeatIntervalMs } = alertmanager.route;
  const expected = Map.groupBy(transitions, ({ labels }) => getLabel(labels, 'alertname'));
  for (const [alertname, some] of expected) {
    const deliveries = expectedDeliveries(some, { groupWaitMs, groupIntervalMs, repeatIntervalMs }, world.clock.nowMs());
    for (const [channel, told] of channelsOf(world.trace.delivered, alertname)) {
      assert.deepEqual(told, deliveries, `${channel} of ${alertname}`);
    }
  }
  checkMails(world);
  return { slots, transitions, delivered: world.trace.delivered };
}

/** Each slot was committed once. */
function checkCommits({ trace }: World, slots: readonly StoredSlot[]): void {
  assert.equal(trace.slots.length, slots.length);
  assert.equal(new Set(trace.slots.map(({ stream, slotMs }) => `${stream} ${slotMs}`)).size, slots.length);
}

async function checkHeads(world: World, streams: readonly (readonly StoredSlot[])[]): Promise<void> {
  const expected: SeriesTexts = new Map(streams.flatMap((slots) => [...expectedTexts(slots)]));
  sameTexts(await selectTexts(world.services().head.querier()), expected);
  sameTexts(await selectTexts(openStores(world).head.querier()), expected);
}

/** One deepEqual of two million texts would take a minute to fail. */
function sameTexts(actual: SeriesTexts, expected: SeriesTexts): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
  for (const [series, samples] of expected) {
    const stored = actual.get(series)!;
    const at = samples.findIndex((sample, i) => stored[i] !== sample);
    assert.equal(stored[at], samples[at], `${series} at ${at}`);
    assert.equal(stored.length, samples.length, series);
  }
}

async function checkRecordings(group: RuleGroupConfig, slots: readonly StoredSlot[], evaluations: Evaluations) {
  for (const rule of group.rules) {
    if (rule.kind !== 'recording') continue;
    const expected = await expectedRecording(rule, evaluations);
    for (const { slotMs, sections } of slots) {
      const stored: [string, number][] = [...sections.values()].flatMap((section) => [...(section ?? [])]);
      const recorded = stored.filter(([name]) => name.startsWith(`${rule.record}{`) || name === rule.record);
      const values = [...expected].filter(([, at]) => at.has(slotMs)).map(([name, at]) => [name, at.get(slotMs)]);
      assert.deepEqual(Object.fromEntries(recorded), Object.fromEntries(values), `${rule.record} at ${slotMs}`);
    }
  }
}

async function transitionsOf(rules: readonly RuleConfig[], evaluations: Evaluations): Promise<ExpectedTransition[]> {
  const alerting = rules.filter((rule) => rule.kind === 'alerting');
  const all = await Promise.all(alerting.map((rule) => expectedTransitions(rule, evaluations)));
  return all.flat().sort(bySlot);
}

function bySlot(a: { slotMs: number; alert: string }, b: { slotMs: number; alert: string }): number {
  return a.slotMs - b.slotMs || compareStrings(a.alert, b.alert);
}

function withoutLabels(transitions: readonly ExpectedTransition[]) {
  return transitions.map(({ slotMs, alert, to }) => ({ slotMs, alert, to }));
}

/** What each integration of each receiver was told of the alerts of a name. */
export function channelsOf(delivered: readonly Delivered[], alertname: string): Map<string, ExpectedDelivery[]> {
  const own = delivered.filter(({ alerts }) => alerts[0].split(' ')[1] === alertname);
  const channels = Map.groupBy(own, ({ receiver, integration }) => `${receiver}/${integration}`);
  const told = [...channels].map(([channel, all]) => {
    return [channel, all.map(({ timeMs, status, alerts }) => ({ timeMs, status, alerts }))] as const;
  });
  return new Map(told);
}

/** No mail was sent twice, none is waiting, nothing was given up. */
export function checkMails({ ports, trace }: World): void {
  const ids = ports.mailer.sent.map(({ messageId }) => messageId);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(trace.delivered.filter(({ integration }) => integration === 'email').length, ids.length);
}
