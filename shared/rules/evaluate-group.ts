import type { AlertingRuleConfig, RuleConfig, RuleGroupConfig } from '#shared/config/rules-config.ts';
import { type Labels, labelsKey } from '#shared/model/labels.ts';
import type { Querier } from '#shared/model/storage.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { AlertLimitError, type ExpandTemplate, evaluateAlerts, eventOf } from './alerting-rule.ts';
import { OverlayQuerier } from './overlay-querier.ts';
import { recordResult, type VectorSample } from './recording-rule.ts';
import { ruleKeys } from './rule-key.ts';
import type { ActiveAlert, AlertEvent, GroupState, RuleState } from './state.ts';

/** How rules ask questions. */
export interface RuleQueries {
  /** The instant vector of an expression; a scalar is one sample without labels.
   *  @throws {Error} With the text that becomes the rule's last error. */
  instant(expr: Expr, timeMs: number, querier: Querier): Promise<readonly VectorSample[]>;
  /** Makes the function that expands the templates of a rule's alerts. @param timeMs Of the evaluation, without offset. */
  expander(rule: AlertingRuleConfig, timeMs: number, querier: Querier): ExpandTemplate;
}

/** What one rule stored at this evaluation. */
export interface RuleOutput {
  /** The rule's key. */
  readonly key: string;
  /** `undefined` when the evaluation failed: nothing is stored and nothing becomes stale. */
  readonly samples: readonly VectorSample[] | undefined;
}

export interface GroupEvaluation {
  readonly state: GroupState;
  readonly outputs: readonly RuleOutput[];
  readonly events: readonly AlertEvent[];
}

/** Evaluates the rules of a group one after the other at a slot; later rules see the results of earlier ones.
 *  A rule that fails keeps its alerts, but for one that has too many, and harms no other rule.
 *  @see prometheus/rules/group.go Group.Eval */
export async function evaluateGroup(
  group: RuleGroupConfig,
  before: GroupState | undefined,
  context: {
    readonly slotMs: number;
    readonly querier: Querier;
    readonly queries: RuleQueries;
    readonly monotonicMs: () => number;
    /** The series that each rule stored at the evaluation before, by key. */
    readonly storedBefore: ReadonlyMap<string, readonly Labels[]>;
  },
): Promise<GroupEvaluation> {
  const { slotMs, queries, monotonicMs, storedBefore } = context;
  const timeMs = slotMs - group.queryOffsetMs;
  const overlay = new OverlayQuerier(context.querier, timeMs);
  const keys = ruleKeys(group.rules);
  const rules: Record<string, RuleState> = {};
  const outputs: RuleOutput[] = [];
  const events: AlertEvent[] = [];
  const groupStartMs = monotonicMs();
  for (const [i, rule] of group.rules.entries()) {
    const key = keys[i];
    const earlier = before?.rules[key];
    const startMs = monotonicMs();
    try {
      const result = await evaluateRule(rule, earlier?.alerts ?? [], {
        slotMs,
        timeMs,
        overlay,
        queries,
        limit: group.limit,
      });
      show(overlay, result.samples, storedBefore.get(key) ?? []);
      rules[key] = { health: 'ok', durationMs: monotonicMs() - startMs, evaluatedAtMs: slotMs, alerts: result.alerts };
      outputs.push({ key, samples: result.samples });
      events.push(...result.events);
    } catch (error) {
      const durationMs = monotonicMs() - startMs;
      const lastError = (error as Error).message;
      const alerts = earlier?.alerts ?? [];
      const ended = error instanceof AlertLimitError;
      if (ended) events.push(...resolveAll(alerts, slotMs));
      rules[key] = { health: 'err', lastError, durationMs, evaluatedAtMs: slotMs, alerts: ended ? [] : alerts };
      outputs.push({ key, samples: undefined });
    }
  }
  events.push(...removedRules(before, new Set(keys), slotMs));
  return { state: { slotMs, durationMs: monotonicMs() - groupStartMs, rules }, outputs, events };
}

async function evaluateRule(
  rule: RuleConfig,
  alerts: readonly ActiveAlert[],
  evaluation: {
    readonly slotMs: number;
    readonly timeMs: number;
    readonly overlay: OverlayQuerier;
    readonly queries: RuleQueries;
    readonly limit: number;
  },
) {
  const { slotMs, timeMs, overlay, queries, limit } = evaluation;
  const result = await queries.instant(rule.expr, timeMs, overlay);
  if (rule.kind === 'recording') return { samples: recordResult(rule, result, limit), alerts: [], events: [] };
  const expand = queries.expander(rule, slotMs, overlay);
  return evaluateAlerts(rule, alerts, { result, nowMs: slotMs, limit, expand });
}

/** Lets later rules see the new samples, and the end of the series that have none any more. */
function show(overlay: OverlayQuerier, samples: readonly VectorSample[], before: readonly Labels[]): void {
  const keys = new Set<string>();
  for (const sample of samples) {
    keys.add(labelsKey(sample.labels));
    overlay.add(sample.labels, sample);
  }
  for (const labels of before) if (!keys.has(labelsKey(labels))) overlay.add(labels, undefined);
}

/** The firing alerts of rules that are no longer in the group end. */
function removedRules(before: GroupState | undefined, kept: ReadonlySet<string>, slotMs: number): AlertEvent[] {
  const removed = Object.entries(before?.rules ?? {}).filter(([key]) => !kept.has(key));
  return removed.flatMap(([, rule]) => resolveAll(rule.alerts, slotMs));
}

/** The events that end all firing alerts. */
export function resolveAll(alerts: readonly ActiveAlert[], nowMs: number): AlertEvent[] {
  const firing = alerts.filter((alert) => alert.state === 'firing');
  return firing.map((alert) => eventOf({ exprText: '' }, alert, nowMs));
}
