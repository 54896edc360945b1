import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PostedAlert } from '#shared/alerting/alert.ts';
import { type DispatchResult, dispatch } from '#shared/alerting/dispatch.ts';
import { channelKey, type Notification, type NotificationOutcome } from '#shared/alerting/notification.ts';
import { type AlertingState, EMPTY_ALERTING_STATE } from '#shared/alerting/state.ts';
import { getLabel } from '#shared/model/labels.ts';
import { buildConfig, webhook } from './config-builder.ts';

const MINUTE = 60_000;

const CONFIG = buildConfig({
  route: {
    groupBy: ['alertname'],
    groupInterval: '1m',
    repeatInterval: '1h',
    routes: [
      { receiver: 'a', matchers: '{n=~"[0-2]"}', continue: true },
      { receiver: 'b', matchers: '{n=~"[1-4]"}' },
    ],
  },
  receivers: { b: [webhook(), webhook()] },
});

/** One thing that happens, after a pause. */
type Event =
  | {
      readonly kind: 'post';
      readonly pauseMs: number;
      readonly name: string;
      readonly n: number;
      readonly firing: boolean;
    }
  | { readonly kind: 'outcome'; readonly pauseMs: number; readonly pick: number; readonly ok: boolean }
  | { readonly kind: 'call'; readonly pauseMs: number };

const pauseMs = fc.integer({ min: 0, max: 2 * MINUTE });
const EVENT: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('post' as const),
      pauseMs,
      name: fc.constantFrom('A', 'B'),
      n: fc.nat(5),
      firing: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('outcome' as const), pauseMs, pick: fc.nat(9), ok: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('call' as const), pauseMs }) },
);

/** Plays events to the dispatcher, each call twice, and checks what must always hold. */
class World {
  nowMs = 1_700_000_000_000;
  state: AlertingState = EMPTY_ALERTING_STATE;
  readonly firing = new Map<string, PostedAlert>();
  readonly undelivered = new Map<string, Notification>();
  /** The alerts that a channel was last told are firing. */
  readonly told = new Map<string, ReadonlySet<string>>();
  readonly #sequences = new Map<string, number>();

  call(posted: readonly PostedAlert[], outcomes: readonly NotificationOutcome[]): DispatchResult {
    const input = { config: CONFIG, posted, outcomes, silences: [], nowMs: this.nowMs };
    const result = dispatch({ ...input, state: this.state });
    const stored = JSON.parse(JSON.stringify(result.state)) as AlertingState;
    const again = dispatch({ ...input, state: stored });
    assert.deepEqual(again.state, stored, 'a repeated call changed the state');
    assert.deepEqual(again.notifications, []);
    this.state = stored;
    for (const notification of result.notifications) this.#note(notification);
    return result;
  }

  #note(notification: Notification): void {
    const key = channelKey(notification);
    const earlier = this.undelivered.get(key);
    assert.ok(earlier === undefined || this.nowMs >= earlier.expiresAtMs, 'a notification overtakes another');
    assert.ok(notification.sequence > (this.#sequences.get(key) ?? 0), 'the sequence does not rise');
    assert.ok(notification.alerts.length > 0);
    this.#sequences.set(key, notification.sequence);
    this.undelivered.set(key, notification);
  }

  post(name: string, n: number, firing: boolean): void {
    const labels = ['alertname', name, 'n', String(n)];
    const alert = { labels, annotations: [], generatorUrl: '', endsAtMs: this.nowMs + (firing ? 1e9 : 0) };
    if (firing) this.firing.set(labels.join(), alert);
    else this.firing.delete(labels.join());
    this.call([alert], []);
  }

  answer(notification: Notification, ok: boolean): void {
    this.undelivered.delete(channelKey(notification));
    const names = notification.alerts.filter(({ status }) => status === 'firing').map(({ labels }) => labels.join());
    if (ok) this.told.set(channelKey(notification), new Set(names));
    this.call([], [ok ? { id: notification.id, ok } : { id: notification.id, ok, reason: 'refused' }]);
  }

  play(event: Event): void {
    this.nowMs += event.pauseMs;
    const waiting = [...this.undelivered.values()];
    if (event.kind === 'post') this.post(event.name, event.n, event.firing);
    else if (event.kind === 'call' || waiting.length === 0) this.call([], []);
    else this.answer(waiting[event.pick % waiting.length], event.ok);
  }

  /** Lets time pass and delivers everything, until nothing more can change before the repeat interval. */
  settle(): void {
    for (let round = 0; round < 6; round++) {
      this.nowMs += MINUTE;
      this.call([], []);
      for (const notification of [...this.undelivered.values()]) this.answer(notification, true);
    }
  }
}

test('dispatch() keeps order, repeats nothing, and in the end every receiver knows what fires', () => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 40 }), (events) => {
      const world = new World();
      for (const event of events) world.play(event);
      world.settle();
      const known = [...world.told].flatMap(([key, names]) => Array.from(names, (name) => `${key} ${name}`));
      assert.deepEqual(known.sort(), expectedKnowledge(world).sort());
    }),
    { seed: 7, numRuns: 150 },
  );
});

test('dispatch() forgets everything when nothing fires', () => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 25 }), (events) => {
      const world = new World();
      for (const event of events) world.play(event);
      world.settle();
      for (const { labels } of [...world.firing.values()]) {
        world.post(getLabel(labels, 'alertname'), Number(getLabel(labels, 'n')), false);
      }
      world.settle();
      world.nowMs += 3 * 60 * MINUTE;
      world.call([], []);
      const { alerts, groups, channels } = world.state;
      assert.deepEqual({ alerts, groups, channels }, { alerts: {}, groups: {}, channels: {} });
    }),
    { seed: 8, numRuns: 60 },
  );
});

function expectedKnowledge(world: World): string[] {
  return [...world.firing].flatMap(([name, { labels }]) => {
    const n = Number(getLabel(labels, 'n'));
    const group = `{alertname="${getLabel(labels, 'alertname')}"}`;
    const channel = (groupKey: string, receiver: string, integrationIndex: number) =>
      `${channelKey({ groupKey, receiver, integration: 'webhook', integrationIndex })} ${name}`;
    const a = n <= 2 ? [channel(`{}/{n=~"[0-2]"}:${group}`, 'a', 0)] : [];
    const b = n >= 1 && n <= 4 ? [0, 1].map((index) => channel(`{}/{n=~"[1-4]"}:${group}`, 'b', index)) : [];
    return n > 4 ? [channel(`{}:${group}`, 'default', 0)] : [...a, ...b];
  });
}
