import type { Labels } from '#shared/model/labels.ts';
import type { Inhibitor } from './inhibit.ts';
import type { Silencer } from './silence.ts';

export type SuppressedReason = 'inhibition' | 'silence';

/** A stage of the notification pipeline: it takes alerts out of a flush. */
export interface MuteStage {
  readonly reason: SuppressedReason;
  mutes(labels: Labels): boolean;
}

/** The stages before deduplication, in order.
 *  @see alertmanager/notify/notify.go PipelineBuilder.New */
export function createMuteStages(inhibitor: Inhibitor, silencer: Silencer): readonly MuteStage[] {
  return [
    { reason: 'inhibition', mutes: (labels) => inhibitor.inhibitedBy(labels).length > 0 },
    { reason: 'silence', mutes: (labels) => silencer.silencedBy(labels).length > 0 },
  ];
}

export interface PipelineResult<T> {
  readonly kept: readonly T[];
  /** How many alerts each stage took out. */
  readonly suppressed: Readonly<Record<SuppressedReason, number>>;
}

/** Runs alerts through the stages; an alert that one takes out does not reach the next. */
export function runStages<T extends { readonly labels: Labels }>(
  stages: readonly MuteStage[],
  alerts: readonly T[],
): PipelineResult<T> {
  const suppressed = { inhibition: 0, silence: 0 };
  let kept = alerts;
  for (const stage of stages) {
    const passed = kept.filter((alert) => !stage.mutes(alert.labels));
    suppressed[stage.reason] += kept.length - passed.length;
    kept = passed;
  }
  return { kept, suppressed };
}
