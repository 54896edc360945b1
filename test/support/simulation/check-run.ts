import assert from 'node:assert/strict';
import type { RuleConfig, RuleGroupConfig } from '#shared/config/rules-config.ts';
import { compareStrings, getLabel } from '#shared/model/labels.ts';
import { groupStream, ruleKeys } from '#shared/rules/rule-key.ts';
import {
  type Evaluations,
  type ExpectedDelivery,
  type ExpectedTransition,
  expectedDeliveries,
  expectedRecording,
  expectedTransitions,
} from './expected.ts';
import { type Columns, expectedColumns, openStores, readSlots, type StoredSlot, selectColumns } from './stored.ts';
import type { Delivered } from './trace.ts';
import type { World } from './world.ts';

/** What a run stored. */
export interface StoredRun {
  /** Of the scrapes. */
  readonly slots: readonly StoredSlot[];
  /** As they must be, and are. */
  readonly transitions: readonly ExpectedTransition[];
}

/** Checks that what a run stored is right by itself, whatever slots it had: each slot was committed once; what the warm
 *  process shows is what a cold one reads and what the stored batches say; recorded samples are what their expressions give
 *  when all is over; and alerts went through the states that their rules say of the evaluations that took place.
 *  The scenario must have one rule group, in `rules.yml`. */
export async function checkStored(world: World): Promise<StoredRun> {
  const [group] = (await world.services().configuration.current()).ruleGroups;
  const stream = groupStream(group);
  const stores = openStores(world);
  const scrapeStream = (await stores.batches.streams()).find((name) => name !== stream)!;
  const slots = await readSlots(stores, scrapeStream);
  const ruleSlots = await readSlots(stores, stream);
  checkCommits(world, [...slots, ...ruleSlots]);
  const expected = new Map([slots, ruleSlots].flatMap((some) => [...expectedColumns(some)]));
  checkColumns(await selectColumns(world.services().head.querier()), expected);
  checkColumns(await selectColumns(stores.head.querier()), expected);
  const evaluations: Evaluations = { querier: stores.head.querier(), intervalMs: group.intervalMs, slots: [] };
  await checkRecordings(group, ruleSlots, evaluations);
  const transitions = await transitionsOf(group, ruleSlots, evaluations);
  assert.deepEqual(world.trace.transitions.toSorted(bySlot), withoutLabels(transitions));
  return { slots, transitions };
}

/** Checks a run in which nothing failed: beside what it stored, every integration was told what the routes say of the
 *  alerts, to the millisecond, and no mail twice.
 *  All routes must have the times of the root, and nothing but rules and time may move the alerts. */
export async function checkRun(world: World): Promise<StoredRun> {
  const { alertmanager } = await world.services().configuration.current();
  const stored = await checkStored(world);
  const expected = Map.groupBy(stored.transitions, ({ labels }) => getLabel(labels, 'alertname'));
  for (const [alertname, some] of expected) {
    const deliveries = expectedDeliveries(some, alertmanager.route, world.clock.nowMs());
    for (const [channel, told] of channelsOf(world.trace.delivered, alertname)) {
      assert.deepEqual(told, deliveries, `${channel} of ${alertname}`);
    }
  }
  checkMails(world);
  return stored;
}

/** Each slot was committed once. */
function checkCommits({ trace }: World, slots: readonly StoredSlot[]): void {
  assert.equal(trace.slots.length, slots.length);
  assert.equal(new Set(trace.slots.map(({ stream, slotMs }) => `${stream} ${slotMs}`)).size, slots.length);
}

/** One deepEqual of two million samples would take a minute to fail. */
function checkColumns(actual: ReadonlyMap<string, Columns>, expected: ReadonlyMap<string, Columns>): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
  for (const [series, { times, values }] of expected) {
    const stored = actual.get(series)!;
    assert.equal(stored.times.length, times.length, series);
    for (let i = 0; i < times.length; i++) {
      if (stored.times[i] === times[i] && Object.is(stored.values[i], values[i])) continue;
      assert.fail(`${series}: ${stored.values[i]} at ${stored.times[i]}, expected ${values[i]} at ${times[i]}`);
    }
  }
}

async function checkRecordings(group: RuleGroupConfig, all: readonly StoredSlot[], evaluations: Evaluations) {
  for (const [rule, slots] of evaluatedRules(group, all)) {
    if (rule.kind !== 'recording') continue;
    const expected = await expectedRecording(rule, { ...evaluations, slots: slots.map(({ slotMs }) => slotMs) });
    for (const { slotMs, sections } of slots) {
      const stored = [...sections.values()].flatMap((section): [string, number][] => [...(section ?? [])]);
      const recorded: [string, number][] = stored.filter(([name]) => name.split('{', 1)[0] === rule.record);
      const values = [...expected].filter(([, at]) => at.has(slotMs)).map(([name, at]) => [name, at.get(slotMs)]);
      assert.deepEqual(Object.fromEntries(recorded), Object.fromEntries(values), `${rule.record} at ${slotMs}`);
    }
  }
}

async function transitionsOf(group: RuleGroupConfig, all: readonly StoredSlot[], evaluations: Evaluations) {
  const transitions: ExpectedTransition[] = [];
  for (const [rule, slots] of evaluatedRules(group, all)) {
    if (rule.kind !== 'alerting') continue;
    const evaluated = { ...evaluations, slots: slots.map(({ slotMs }) => slotMs) };
    transitions.push(...(await expectedTransitions(rule, evaluated)));
  }
  return transitions.sort(bySlot);
}

/** Each rule with the slots at which its evaluation did not fail. */
function evaluatedRules({ rules }: RuleGroupConfig, slots: readonly StoredSlot[]): [RuleConfig, StoredSlot[]][] {
  return ruleKeys(rules).map((key, i) => [rules[i], slots.filter(({ sections }) => sections.get(key) !== undefined)]);
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
