import type { Configuration } from '#shared/config/configuration.ts';
import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import type { Labels } from '#shared/model/labels.ts';
import type { Files } from '#shared/ports/files.ts';
import { populateRegistered } from '#shared/registry/registry-pool.ts';
import type { TargetRegistry } from '#shared/registry/target-registry.ts';
import { type Populated, populateTarget } from '#shared/scrape/populate.ts';
import { emptyPlan, shardTargets } from '#shared/scrape/shard.ts';
import type { PlannedTarget, PlanStore } from '#shared/scrape/shard-plan.ts';
import { type FileSdResult, readFileSd } from './file-sd.ts';
import { discoverStatic } from './static.ts';
import type { TargetGroup } from './target-group.ts';

/** What discovery found, beside the plans that it wrote. Plain JSON. */
export interface Discovery {
  readonly dropped: readonly DroppedTarget[];
  /** What could not be used, such as a file that does not parse; each names its place. */
  readonly problems: readonly string[];
  /** The last good target lists of files, by job and number of the `file_sd_configs` entry. */
  readonly fileSd: Readonly<Record<string, FileSdResult>>;
}

export interface DroppedTarget {
  readonly pool: string;
  readonly discoveredLabels: Labels;
}

export interface DiscoveryPorts {
  readonly files: Files;
  readonly registry: TargetRegistry;
  readonly plans: PlanStore;
}

/** Finds all targets and writes the plans of who scrapes what. Streams that lost all their targets get an empty plan.
 *  @param last What the discovery before found. */
export async function discoverTargets(
  configuration: Configuration,
  last: Discovery | undefined,
  ports: DiscoveryPorts,
): Promise<Discovery> {
  const found = new Findings(last);
  for (const config of configuration.prometheus.scrapeConfigs) {
    found.addPool(config, await groupsOf(config, ports.files, found));
  }
  for (const { target } of await ports.registry.list()) found.add(target.id, populateRegistered(target));
  const plans = shardTargets(found.targets());
  for (const stream of await ports.plans.streams()) {
    if (!plans.has(stream.stream)) await ports.plans.put(stream.stream, emptyPlan(stream));
  }
  for (const [stream, plan] of plans) await ports.plans.put(stream, plan);
  return found.discovery();
}

async function groupsOf(config: ScrapeConfig, files: Files, found: Findings): Promise<readonly TargetGroup[]> {
  const groups = [...discoverStatic(config.staticConfigs)];
  for (const [i, fileSd] of config.fileSdConfigs.entries()) {
    const key = `${config.jobName}#${i}`;
    groups.push(...found.noteFiles(key, await readFileSd(files, fileSd, found.lastFiles(key))));
  }
  return groups;
}

/** Collects what discovery finds: targets by id, so that one found twice is scraped once. */
class Findings {
  readonly #targets = new Map<string, PlannedTarget>();
  readonly #dropped: DroppedTarget[] = [];
  readonly #problems: string[] = [];
  readonly #fileSd = new Map<string, FileSdResult>();
  readonly #last: ReadonlyMap<string, FileSdResult>;

  constructor(last: Discovery | undefined) {
    this.#last = new Map(Object.entries(last?.fileSd ?? {}));
  }

  lastFiles(key: string): FileSdResult | undefined {
    return this.#last.get(key);
  }

  noteFiles(key: string, result: FileSdResult): readonly TargetGroup[] {
    this.#fileSd.set(key, { ...result, errors: [] });
    this.#problems.push(...result.errors);
    return result.groups;
  }

  addPool(config: ScrapeConfig, groups: readonly TargetGroup[]): void {
    const members: PlannedTarget[] = [];
    for (const group of groups) {
      for (const labels of group.targets) {
        const target = this.add(config.jobName, populateTarget(labels, group.labels, config));
        if (target !== undefined) members.push(target);
      }
    }
    const ids = new Set(members.map(({ id }) => id));
    if (config.targetLimit === 0 || ids.size <= config.targetLimit) return;
    const forcedError = `target_limit exceeded (number of targets: ${ids.size}, limit: ${config.targetLimit})`;
    for (const target of members) this.#targets.set(target.id, { ...target, forcedError });
  }

  /** @param origin Where it comes from, for the problem's text. */
  add(origin: string, populated: Populated): PlannedTarget | undefined {
    switch (populated.kind) {
      case 'target':
        this.#targets.set(populated.target.id, populated.target);
        return populated.target;
      case 'dropped':
        this.#dropped.push({ pool: origin, discoveredLabels: populated.discoveredLabels });
        return undefined;
      case 'invalid':
        this.#problems.push(`Cannot use a target of ${origin}: ${populated.problem}`);
        return undefined;
    }
  }

  targets(): PlannedTarget[] {
    return [...this.#targets.values()];
  }

  discovery(): Discovery {
    return { dropped: this.#dropped, problems: this.#problems, fileSd: Object.fromEntries(this.#fileSd) };
  }
}
