import type { StaticConfig } from '#shared/config/prometheus-config.ts';
import { type Labels, withLabel } from '#shared/model/labels.ts';

/** Targets found together. @see prometheus/discovery/targetgroup/targetgroup.go Group */
export interface TargetGroup {
  /** Each holds at least `__address__`. */
  readonly targets: readonly Labels[];
  /** Of all targets of the group; a target's own go first. */
  readonly labels: Labels;
  /** Names the group within its job. */
  readonly source: string;
}

/** Makes a group of targets that are written as addresses. */
export function groupOfAddresses({ targets, labels }: StaticConfig, source: string): TargetGroup {
  return { targets: targets.map((target) => withLabel([], '__address__', target)), labels, source };
}
