import type { AlertingRuleConfig } from '#shared/config/rules-config.ts';
import { formatFloatScientific } from '#shared/model/float.ts';
import {
  compareLabels,
  type Labels,
  labelPairs,
  labelsFromPairs,
  labelsKey,
  METRIC_NAME,
  withLabel,
} from '#shared/model/labels.ts';
import { RuleError, type VectorSample } from './recording-rule.ts';
import type { ActiveAlert, AlertEvent } from './state.ts';

/** Expands the template of a label or annotation for one sample; never throws: a problem becomes part of the text. */
export type ExpandTemplate = (text: string, sample: VectorSample) => Promise<string>;

export interface AlertingResult {
  readonly alerts: readonly ActiveAlert[];
  /** `ALERTS` and `ALERTS_FOR_STATE`. */
  readonly samples: readonly VectorSample[];
  readonly events: readonly AlertEvent[];
}

/** There are more alerts than allowed: all alerts of the rule end.
 *  @see https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#limiting-alerts-and-series */
export class AlertLimitError extends RuleError {}

/** An alert that goes on firing is told again after this long, so that its annotations stay current.
 *  @see --rules.alert.resend-delay */
const RESEND_DELAY_MS = 60_000;

/** One evaluation of an alerting rule: from the alerts before and the result of the expression to the alerts now, the
 *  series that show them, and what the alerting side is to hear.
 *  @throws {RuleError} When two alerts get the same labels.
 *  @throws {AlertLimitError} When there are more than `limit` (0 = no limit).
 *  @see prometheus/rules/alerting.go AlertingRule.Eval */
export async function evaluateAlerts(
  rule: AlertingRuleConfig,
  before: readonly ActiveAlert[],
  input: {
    readonly result: readonly VectorSample[];
    readonly nowMs: number;
    readonly limit: number;
    readonly expand: ExpandTemplate;
  },
): Promise<AlertingResult> {
  const { nowMs, limit } = input;
  const current = await currentAlerts(rule, input);
  const active: ActiveAlert[] = [];
  const events: AlertEvent[] = [];
  for (const alert of before) {
    const key = labelsKey(alert.labels);
    const now = current.get(key);
    current.delete(key);
    const next = now === undefined ? withoutSample(alert, rule, nowMs) : withSample(alert, now);
    if (next !== undefined) active.push(fireWhenDue(next, rule, nowMs));
    else if (alert.state === 'firing') events.push(eventOf(rule, alert, nowMs));
  }
  for (const alert of current.values()) active.push(fireWhenDue(alert, rule, nowMs));
  if (limit > 0 && active.length > limit) {
    throw new AlertLimitError(`exceeded limit of ${limit} with ${active.length} alerts`);
  }
  active.sort((a, b) => compareLabels(a.labels, b.labels));
  const alerts = active.map((alert) => {
    if (!needsSending(alert, nowMs)) return alert;
    events.push(eventOf(rule, alert));
    return { ...alert, lastSentAtMs: nowMs };
  });
  return { alerts, samples: alerts.flatMap((alert) => alertSamples(rule, alert)), events };
}

async function currentAlerts(
  rule: AlertingRuleConfig,
  input: { readonly result: readonly VectorSample[]; readonly nowMs: number; readonly expand: ExpandTemplate },
): Promise<Map<string, ActiveAlert>> {
  const alerts = new Map<string, ActiveAlert>();
  for (const sample of input.result) {
    const pairs = new Map(labelPairs(sample.labels));
    pairs.delete(METRIC_NAME);
    for (const [name, text] of labelPairs(rule.labels)) pairs.set(name, await input.expand(text, sample));
    pairs.set('alertname', rule.alert);
    const labels = labelsFromPairs(pairs);
    const annotations: [string, string][] = [];
    for (const [name, text] of labelPairs(rule.annotations)) annotations.push([name, await input.expand(text, sample)]);
    const key = labelsKey(labels);
    if (alerts.has(key)) {
      throw new RuleError('vector contains metrics with the same labelset after applying alert labels');
    }
    alerts.set(key, {
      labels,
      annotations: labelsFromPairs(annotations),
      state: 'pending',
      value: formatFloatScientific(sample.value),
      activeAtMs: input.nowMs,
    });
  }
  return alerts;
}

function withSample(alert: ActiveAlert, now: ActiveAlert): ActiveAlert {
  return { ...alert, value: now.value, annotations: now.annotations, keepFiringSinceMs: undefined };
}

/** The alert whose condition no longer holds: kept firing for a while if the rule says so, else gone. */
function withoutSample(alert: ActiveAlert, rule: AlertingRuleConfig, nowMs: number): ActiveAlert | undefined {
  if (alert.state !== 'firing' || rule.keepFiringForMs === 0) return undefined;
  const since = alert.keepFiringSinceMs ?? nowMs;
  return nowMs - since < rule.keepFiringForMs ? { ...alert, keepFiringSinceMs: since } : undefined;
}

function fireWhenDue(alert: ActiveAlert, rule: AlertingRuleConfig, nowMs: number): ActiveAlert {
  if (alert.state === 'firing' || nowMs - alert.activeAtMs < rule.forMs) return alert;
  return { ...alert, state: 'firing', firedAtMs: nowMs };
}

function needsSending(alert: ActiveAlert, nowMs: number): boolean {
  if (alert.state === 'pending') return false;
  return alert.lastSentAtMs === undefined || alert.lastSentAtMs + RESEND_DELAY_MS <= nowMs;
}

/** @param endsAtMs Given when the alert is resolved. */
export function eventOf(rule: { readonly exprText: string }, alert: ActiveAlert, endsAtMs?: number): AlertEvent {
  const { labels, annotations, firedAtMs, activeAtMs } = alert;
  return { labels, annotations, startsAtMs: firedAtMs ?? activeAtMs, endsAtMs, expr: rule.exprText };
}

function alertSamples(rule: AlertingRuleConfig, alert: ActiveAlert): VectorSample[] {
  const all = labelsFromPairs([...labelPairs(rule.labels), ...labelPairs(alert.labels)]);
  const named = (name: string): Labels => withLabel(withLabel(all, METRIC_NAME, name), 'alertname', rule.alert);
  return [
    { labels: withLabel(named('ALERTS'), 'alertstate', alert.state), value: 1 },
    { labels: named('ALERTS_FOR_STATE'), value: Math.floor(alert.activeAtMs / 1000) },
  ];
}
