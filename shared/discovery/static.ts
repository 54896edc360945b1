import type { StaticConfig } from '#shared/config/prometheus-config.ts';
import { groupOfAddresses, type TargetGroup } from './target-group.ts';

/** The groups of `static_configs`, each named by its number from 0.
 *  @see prometheus/discovery/registry.go readConfigs */
export function discoverStatic(configs: readonly StaticConfig[]): readonly TargetGroup[] {
  return configs.map((config, i) => groupOfAddresses(config, String(i)));
}
