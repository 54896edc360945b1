import type { Labels } from '#shared/model/labels.ts';

/** What a rule group remembers between evaluations. Plain JSON. Times are Unix milliseconds. */
export interface GroupState {
  /** The newest slot that was evaluated. */
  readonly slotMs: number;
  readonly durationMs: number;
  /** By `ruleKeys`. */
  readonly rules: Readonly<Record<string, RuleState>>;
}

export interface RuleState {
  readonly health: 'ok' | 'err';
  /** Of the last evaluation, when it failed. */
  readonly lastError?: string;
  readonly durationMs: number;
  readonly evaluatedAtMs: number;
  /** Pending and firing alerts, ordered by labels; none of recording rules. */
  readonly alerts: readonly ActiveAlert[];
}

export interface ActiveAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: 'pending' | 'firing';
  /** As `/api/v1/alerts` shows it: `1e+00`, `NaN`. */
  readonly value: string;
  readonly activeAtMs: number;
  readonly firedAtMs?: number;
  readonly keepFiringSinceMs?: number;
  readonly lastSentAtMs?: number;
}

/** A change that the alerting side is to hear of, until told otherwise. */
export interface AlertEvent {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** Given when resolved. */
  readonly endsAtMs?: number;
  readonly expr: string;
}
