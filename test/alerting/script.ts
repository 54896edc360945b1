import assert from 'node:assert/strict';
import type { PostedAlert } from '#shared/alerting/alert.ts';
import type { AlertmanagerConfig } from '#shared/alerting/config.ts';
import { type DispatchResult, dispatch } from '#shared/alerting/dispatch.ts';
import { parseMatchers } from '#shared/alerting/matchers.ts';
import type { Notification, NotificationOutcome } from '#shared/alerting/notification.ts';
import type { Silence } from '#shared/alerting/silence.ts';
import { type AlertingState, EMPTY_ALERTING_STATE } from '#shared/alerting/state.ts';
import { parseDuration } from '#shared/model/duration.ts';
import { getLabel, labelsFromPairs } from '#shared/model/labels.ts';

/** Scripts begin at this time. */
export const START_MS = Date.parse('2024-05-01T12:00:00Z');

/** Runs a script of the alerting domain. One command a line, times from the start of the script:
 *
 *      at 0s alert {alertname="A"} firing          posted without an end; `firing since -1h`, `until 10m` set times
 *      at 5m alert {alertname="A"} resolved        posted with its end at that time; `since …` as above
 *      at 1m silence s1 {alertname="A"} until 2m   active from then on
 *      at 30s expect default[0] firing A; resolved B (first notification)
 *      at 1m expect nothing
 *      at 2m fail default[0] · deliver default[0]  the outcome of the last notification of a channel
 *      hold default[0]                             from now on outcomes of the channel are not given by themselves
 *
 *  The dispatcher is called whenever something is due, and what it sends is delivered at once unless held. `expect` has
 *  all that was sent since the last `expect` or the one before, at exactly its time; alerts are named by `name` or
 *  `alertname`. What is sent and never expected is a failure. */
export function runScript(config: AlertmanagerConfig, script: string): void {
  const run = new ScriptRun(config);
  for (const [index, line] of script.split('\n').entries()) {
    const command = line.replace(/#.*/, '').trim();
    if (command === '') continue;
    try {
      run.command(command);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${command}`, { cause: error });
    }
  }
  run.finish();
}

class ScriptRun {
  readonly #config: AlertmanagerConfig;
  #state: AlertingState = EMPTY_ALERTING_STATE;
  #nowMs = START_MS;
  #nextDueMs: number | undefined;
  readonly #silences: Silence[] = [];
  readonly #held = new Set<string>();
  readonly #last = new Map<string, Notification>();
  #outcomes: NotificationOutcome[] = [];
  #sent: { readonly atMs: number; readonly text: string }[] = [];

  constructor(config: AlertmanagerConfig) {
    this.#config = config;
  }

  command(text: string): void {
    const held = /^hold (\S+)$/.exec(text);
    if (held !== null) {
      this.#held.add(held[1]);
      return;
    }
    const [, time, verb, rest] = /^at (\S+) (\w+) ?(.*)$/.exec(text) ?? [];
    this.#advance(START_MS + offset(time));
    const commands: Readonly<Record<string, () => void>> = {
      alert: () => this.#step([parseAlert(rest, this.#nowMs)]),
      silence: () => this.#silences.push(parseSilence(rest, this.#nowMs)),
      deliver: () => this.#answer(rest, true),
      fail: () => this.#answer(rest, false),
      expect: () => this.#expect(rest),
    };
    commands[verb]();
  }

  finish(): void {
    assert.deepEqual(this.#sent, [], 'sent, but not expected');
  }

  #advance(toMs: number): void {
    assert.ok(toMs >= this.#nowMs, 'time goes back');
    while (this.#nextDueMs !== undefined && this.#nextDueMs <= toMs) {
      this.#nowMs = this.#nextDueMs;
      this.#step([]);
    }
    this.#nowMs = toMs;
  }

  #answer(channel: string, ok: boolean): void {
    const { id } = this.#last.get(channel)!;
    this.#outcomes.push(ok ? { id, ok } : { id, ok, reason: 'refused' });
    this.#step([]);
  }

  #step(posted: readonly PostedAlert[]): void {
    const input = { config: this.#config, posted, silences: this.#silences, nowMs: this.#nowMs };
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    const result = dispatch({ ...input, state: this.#state, outcomes });
    this.#take(result);
    // Whatever is delivered twice to the dispatcher must not change anything.
    const again = dispatch({ ...input, state: roundTrip(result.state), outcomes });
    assert.deepEqual(again.state, result.state, 'a repeated call changed the state');
    assert.deepEqual(again.notifications, [], 'a repeated call sent notifications');
    if (this.#outcomes.length > 0) this.#step([]);
  }

  #take({ state, notifications, nextDueMs }: DispatchResult): void {
    this.#state = roundTrip(state);
    this.#nextDueMs = nextDueMs;
    for (const notification of notifications) {
      const channel = `${notification.receiver}[${notification.integrationIndex}]`;
      this.#last.set(channel, notification);
      this.#sent.push({ atMs: this.#nowMs - START_MS, text: formatNotification(channel, notification) });
      if (!this.#held.has(channel)) this.#outcomes.push({ id: notification.id, ok: true });
    }
  }

  #expect(wanted: string): void {
    const atMs = this.#nowMs - START_MS;
    if (wanted === 'nothing') {
      assert.deepEqual(this.#sent, []);
      return;
    }
    assert.deepEqual(this.#sent.shift(), { atMs, text: wanted });
  }
}

/** The state must survive being stored. */
function roundTrip(state: AlertingState): AlertingState {
  return JSON.parse(JSON.stringify(state)) as AlertingState;
}

function formatNotification(channel: string, { alerts, reason, truncatedAlerts }: Notification): string {
  const named = alerts.map(
    ({ labels, status }) => `${status} ${getLabel(labels, 'name') || getLabel(labels, 'alertname')}`,
  );
  const more = truncatedAlerts === undefined ? '' : ` +${truncatedAlerts}`;
  return `${channel} ${named.join('; ')}${more} (${reason})`;
}

function offset(text: string): number {
  return text.startsWith('-') ? -parseDuration(text.slice(1)) : parseDuration(text);
}

function parseAlert(text: string, nowMs: number): PostedAlert {
  const [, labels, state, since, until] =
    /^(\{.*\}) (firing|resolved)(?: since (\S+))?(?: until (\S+))?$/.exec(text) ?? [];
  const endsAtMs = state === 'resolved' ? nowMs : until && START_MS + offset(until);
  return {
    labels: labelsFromPairs(parseMatchers(labels).map(({ name, value }) => [name, value])),
    annotations: [],
    ...(since === undefined ? {} : { startsAtMs: START_MS + offset(since) }),
    ...(endsAtMs ? { endsAtMs } : {}),
    generatorUrl: '',
  };
}

function parseSilence(text: string, nowMs: number): Silence {
  const [, id, matchers, until] = /^(\S+) (\{.*\}) until (\S+)$/.exec(text) ?? [];
  return {
    id,
    matchers: parseMatchers(matchers).map(({ name, operator, value }) => ({ name, operator, value })),
    startsAtMs: nowMs,
    endsAtMs: START_MS + offset(until),
    updatedAtMs: nowMs,
    createdBy: 'test',
    comment: '',
  };
}
