import type { Labels } from '#shared/model/labels.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';

/** A rule group of a rule file, validated. Durations in milliseconds. */
export interface RuleGroupConfig {
  /** The rule file's path, as found. */
  readonly file: string;
  /** Unique within its file. */
  readonly name: string;
  readonly intervalMs: number;
  /** Most series or alerts of one rule; 0 = no limit. */
  readonly limit: number;
  readonly queryOffsetMs: number;
  readonly rules: readonly RuleConfig[];
}

export type RuleConfig = RecordingRuleConfig | AlertingRuleConfig;

interface RuleBase {
  /** The expression as written, and parsed. */
  readonly exprText: string;
  readonly expr: Expr;
  /** The group's labels with the rule's on top. Values of alerting rules are templates. Other than in labels elsewhere, a
   *  value may be empty: it removes the label of that name from the result. */
  readonly labels: Labels;
}

export interface RecordingRuleConfig extends RuleBase {
  readonly kind: 'recording';
  readonly record: string;
}

export interface AlertingRuleConfig extends RuleBase {
  readonly kind: 'alerting';
  readonly alert: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** Templates. */
  readonly annotations: Labels;
}
