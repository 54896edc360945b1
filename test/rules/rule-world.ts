import { createVirtualClock, type VirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { readOutbox } from '#shared/alerting/outbox.ts';
import { loadRuleFile } from '#shared/config/load-rules.ts';
import type { RuleGroupConfig } from '#shared/config/rules-config.ts';
import { formatLabels, labelsFromRecord } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { createEngine } from '#shared/promql/engine/engine.ts';
import type { RuleQueries } from '#shared/rules/evaluate-group.ts';
import {
  evaluateSlot,
  type RulePorts,
  type RuleSettings,
  type RuleSlotResult,
  retireGroup,
} from '#shared/rules/evaluate-slot.ts';
import { readGroupState } from '#shared/rules/group-store.ts';
import { groupStream } from '#shared/rules/rule-key.ts';
import type { RuleState } from '#shared/rules/state.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { formatSeries, openTestStore } from '#test/support/stored-samples.ts';

/** Time 0 of the tests. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** The samples of a target at one time: metric name → value. */
export type Samples = Readonly<Record<string, number>>;

/** A rule group over memory adapters. Times are seconds from 0. */
export interface RuleWorld {
  readonly clock: VirtualClock;
  readonly ports: MemoryPorts;
  readonly rulePorts: RulePorts;
  /** Stores samples of a target, then evaluates `group` at that time; without samples the target is not scraped. */
  step(group: RuleGroupConfig, second: number, samples?: Samples): Promise<RuleSlotResult>;
  /** Ends the group as when it is no longer configured. */
  retire(group: RuleGroupConfig, second: number): Promise<number>;
  /** What rules stored: series of one of `names`, `a 1@0 stale@15`. */
  stored(...names: readonly string[]): Promise<string[]>;
  /** The states of the rules, in their order in the store. */
  states(group: RuleGroupConfig): Promise<RuleState[]>;
  /** What the alerting side was told since the last call: `firing A{…} from 15` and `resolved A{…} at 30`. */
  told(): Promise<string[]>;
}

const SETTINGS: RuleSettings = {
  externalLabels: labelsFromRecord({ cluster: 'c1' }),
  externalUrl: 'http://prom.test',
  alertRelabelConfigs: [],
};

/** Templates here are `[value]`, `[name of a label]` and plain text. */
function createTestQueries(): RuleQueries {
  const engine = createEngine({ monotonicMs: () => 0 });
  return {
    async instant(expr, timeMs, querier) {
      const { value } = await engine.instant(expr, timeMs, { querier });
      if (value.kind === 'vector') return value.samples;
      if (value.kind === 'scalar') return [{ labels: [], value: value.value }];
      throw new Error(`result is a ${value.kind}`);
    },
    expander: () => async (text, sample) =>
      text.replaceAll(/\[(\w+)\]/g, (_, name: string) => {
        if (name === 'value') return String(sample.value);
        return sample.labels[sample.labels.indexOf(name) + 1] ?? '';
      }),
  };
}

export function openRuleWorld(settings: Partial<RuleSettings> = {}): RuleWorld {
  const clock = createVirtualClock(EPOCH_MS);
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const store = openTestStore(ports);
  const head = createHead(store, { nowMs: () => clock.nowMs() });
  const rulePorts: RulePorts = { ...ports, ...store, querier: () => head.querier(), queries: createTestQueries() };
  const context = { ports: rulePorts, settings: { ...SETTINGS, ...settings } };
  return {
    clock,
    ports,
    rulePorts,
    async step(group, second, samples) {
      const timeMs = EPOCH_MS + second * 1000;
      if (clock.nowMs() < timeMs) await clock.advanceTo(timeMs);
      if (samples !== undefined) await store.write(timeMs, { target: samples });
      return evaluateSlot(group, timeMs, context);
    },
    async retire(group, second) {
      await clock.advanceTo(EPOCH_MS + second * 1000);
      return retireGroup(groupStream(group), clock.nowMs(), context);
    },
    async stored(...names) {
      const matchers = [createMatcher('__name__', '=~', names.join('|'))];
      const range = { minMs: EPOCH_MS - 3_600_000, maxMs: EPOCH_MS + 36_000_000 };
      const series = await createHead(store, { nowMs: () => clock.nowMs() })
        .querier()
        .select(matchers, range);
      return formatSeries(series).map((line) =>
        line.replaceAll(/@(\d+)/g, (_, ms: string) => `@${secondOf(Number(ms))}`),
      );
    },
    async states(group) {
      return Object.values((await readGroupState(rulePorts, groupStream(group)))?.value.rules ?? {});
    },
    async told() {
      const entries = await readOutbox(rulePorts, 100);
      for (const { sort } of entries) await ports.records.write({ kind: 'delete', partition: 'outbox', sort });
      return entries.flatMap(({ alerts }) =>
        alerts.map(({ labels, startsAtMs, endsAtMs }) => {
          const ended = endsAtMs! < Date.UTC(9999);
          const what = ended
            ? `resolved ${formatLabels(labels)} at ${secondOf(endsAtMs!)}`
            : `firing ${formatLabels(labels)}`;
          return `${what} from ${secondOf(startsAtMs!)}`;
        }),
      );
    },
  };
}

function secondOf(ms: number): number {
  return (ms - EPOCH_MS) / 1000;
}

/** One group, of YAML lines below `rules:`. @param head Lines beside name and rules. */
export function ruleGroup(rules: readonly string[], head: readonly string[] = []): RuleGroupConfig {
  const lines = ['groups:', '  - name: g', ...head.map((line) => `    ${line}`), '    rules:'];
  const yaml = [...lines, ...rules.map((line) => `      ${line}`), ''].join('\n');
  const [group] = loadRuleFile('rules.yml', yaml, { evaluationIntervalMs: 15_000, queryOffsetMs: 0 });
  return group;
}
