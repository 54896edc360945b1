import type { AlertingRuleConfig, RecordingRuleConfig } from '#shared/config/rules-config.ts';
import {
  compareStrings,
  formatLabels,
  getLabel,
  type Labels,
  labelPairs,
  labelsFromPairs,
  METRIC_NAME,
  withLabel,
} from '#shared/model/labels.ts';
import type { Querier } from '#shared/model/storage.ts';
import { createEngine } from '#shared/promql/engine/engine.ts';
import type { MatrixResult } from '#shared/promql/engine/result.ts';
import type { AlertTransition, Delivered } from './trace.ts';

/** The evaluations that took place: slots of a group, in order. */
export interface Evaluations {
  readonly querier: Querier;
  readonly slots: readonly number[];
  readonly intervalMs: number;
}

/** Labels as text → time → value. */
type Outcome = ReadonlyMap<string, { readonly labels: Labels; readonly values: ReadonlyMap<number, number> }>;

/** The values of an expression at all slots, asked at once when all is over. */
async function askAll(expr: string, { querier, slots, intervalMs }: Evaluations): Promise<Outcome> {
  const times = { startMs: slots[0], endMs: slots.at(-1)!, stepMs: intervalMs };
  const { value } = await createEngine({ monotonicMs: () => 0 }).range(expr, times, { querier });
  const series = (value as MatrixResult).series.map(({ labels, timestampsMs, values }) => {
    const columns = Array.from(timestampsMs, (time, i) => [time, values[i]] as const);
    return [formatLabels(labels), { labels, values: new Map(columns) }] as const;
  });
  return new Map(series);
}

/** What a recording rule must have stored: series as text → slot → value. */
export async function expectedRecording(rule: RecordingRuleConfig, evaluations: Evaluations) {
  const outcome = await askAll(rule.exprText, evaluations);
  const named = Array.from(outcome.values(), ({ labels, values }) => {
    return [formatLabels(withLabel(labels, METRIC_NAME, rule.record)), values] as const;
  });
  return new Map(named);
}

export interface ExpectedTransition extends AlertTransition {
  readonly labels: Labels;
}

/** The transitions of an alerting rule, ordered by slot: pending at the first slot with a value, firing at the first one
 *  that is `for` later, inactive at the first one without. Label values must not be templates. */
export async function expectedTransitions(rule: AlertingRuleConfig, evaluations: Evaluations) {
  const outcome = await askAll(rule.exprText, evaluations);
  const transitions: ExpectedTransition[] = [];
  for (const { labels, values } of outcome.values()) {
    const own = [...labelPairs(withLabel(labels, METRIC_NAME, '')), ...labelPairs(rule.labels)];
    const alert = labelsFromPairs([...own, ['alertname', rule.alert]]);
    let state: AlertTransition['to'] = 'inactive';
    let activeMs = 0;
    for (const slotMs of evaluations.slots) {
      const before: AlertTransition['to'] = state;
      if (!values.has(slotMs)) state = 'inactive';
      else if (state === 'inactive') [state, activeMs] = ['pending', slotMs];
      if (state === 'pending' && slotMs - activeMs >= rule.forMs) state = 'firing';
      if (state !== before) transitions.push({ slotMs, alert: formatLabels(alert), labels: alert, to: state });
    }
  }
  return transitions.sort((a, b) => a.slotMs - b.slotMs || compareStrings(a.alert, b.alert));
}

export interface GroupTimes {
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
}

/** What an integration must be told, and when. */
export type ExpectedDelivery = Pick<Delivered, 'timeMs' | 'status' | 'alerts'>;

interface Member {
  readonly labels: Labels;
  firing: boolean;
}

/** What every integration of a route is told of one group that follows `transitions`, up to `untilMs`. */
export function expectedDeliveries(
  transitions: readonly ExpectedTransition[],
  times: GroupTimes,
  untilMs: number,
): ExpectedDelivery[] {
  const group = new ExpectedGroup(times);
  for (const transition of transitions) {
    group.flushBefore(transition.slotMs);
    group.hear(transition);
  }
  group.flushBefore(untilMs + 1);
  return group.deliveries;
}

/** Alertmanager's rules for one group, written down for the third time: as simply as can be. */
class ExpectedGroup {
  readonly deliveries: ExpectedDelivery[] = [];
  readonly #times: GroupTimes;
  readonly #members = new Map<string, Member>();
  #nextFlushMs = Number.POSITIVE_INFINITY;
  #told: { readonly firing: readonly string[]; readonly resolved: readonly string[]; readonly timeMs: number } = {
    firing: [],
    resolved: [],
    timeMs: 0,
  };

  constructor(times: GroupTimes) {
    this.#times = times;
  }

  hear({ alert, labels, to, slotMs }: ExpectedTransition): void {
    if (to === 'firing') {
      if (this.#members.size === 0) this.#nextFlushMs = slotMs + this.#times.groupWaitMs;
      this.#members.set(alert, { labels, firing: true });
    } else if (to === 'inactive' && this.#members.has(alert)) this.#members.get(alert)!.firing = false;
  }

  flushBefore(timeMs: number): void {
    while (this.#nextFlushMs < timeMs) {
      this.#flush(this.#nextFlushMs);
      this.#nextFlushMs =
        this.#members.size === 0 ? Number.POSITIVE_INFINITY : this.#nextFlushMs + this.#times.groupIntervalMs;
    }
  }

  #flush(timeMs: number): void {
    const names = (firing: boolean) => [...this.#members].filter(([, m]) => m.firing === firing).map(([name]) => name);
    const now = { firing: names(true), resolved: names(false), timeMs };
    if (this.#mustTell(now)) {
      const members = [...this.#members.values()].sort((a, b) => compareStrings(sortKey(a.labels), sortKey(b.labels)));
      this.deliveries.push({
        timeMs,
        status: now.firing.length > 0 ? 'firing' : 'resolved',
        alerts: members.map(({ labels, firing }) => `${firing ? 'firing' : 'resolved'} ${shortName(labels)}`),
      });
      this.#told = now;
    }
    for (const name of now.resolved) this.#members.delete(name);
  }

  #mustTell(now: {
    readonly firing: readonly string[];
    readonly resolved: readonly string[];
    readonly timeMs: number;
  }) {
    const told = this.#told;
    if (now.firing.some((name) => !told.firing.includes(name))) return true;
    if (now.firing.length === 0) return told.firing.length > 0;
    if (now.resolved.some((name) => !told.resolved.includes(name))) return true;
    return told.timeMs < now.timeMs - this.#times.repeatIntervalMs;
  }
}

function sortKey(labels: Labels): string {
  return `${getLabel(labels, 'job')}\n${getLabel(labels, 'instance')}`;
}

function shortName(labels: Labels): string {
  return `${getLabel(labels, 'alertname')} ${getLabel(labels, 'instance')}`;
}
