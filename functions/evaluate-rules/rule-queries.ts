import type { Labels } from '#shared/model/labels.ts';
import type { Querier } from '#shared/model/storage.ts';
import type { Engine, QueryResult } from '#shared/promql/engine/engine.ts';
import type { RuleQueries } from '#shared/rules/evaluate-group.ts';
import type { VectorSample } from '#shared/rules/recording-rule.ts';
import { expandTemplate, expansionErrorText } from '#shared/template/prometheus-template.ts';

export interface TemplateSurroundings {
  readonly externalLabels: Labels;
  readonly externalUrl: string;
}

/** How rules ask the engine, and how their templates are expanded. */
export function createRuleQueries(engine: Engine, surroundings: () => Promise<TemplateSurroundings>): RuleQueries {
  return {
    instant: async (expr, timeMs, querier) => vectorOf(await engine.instant(expr, timeMs, { querier })),
    expander: (rule, timeMs, querier) => async (text, sample) => {
      const { externalLabels, externalUrl } = await surroundings();
      const data = { labels: sample.labels, externalLabels, externalUrl, value: sample.value, alertName: rule.alert };
      const pathPrefix = new URL(externalUrl).pathname;
      try {
        return await expandTemplate(text, data, { timeMs, query: queryFunction(engine, querier), pathPrefix });
      } catch (error) {
        return expansionErrorText(error as Error);
      }
    },
  };
}

function queryFunction(engine: Engine, querier: Querier) {
  return async (expr: string, timeMs: number): Promise<readonly VectorSample[]> =>
    vectorOf(await engine.instant(expr, timeMs, { querier }));
}

/** @see prometheus/rules/rule.go EngineQueryFunc */
function vectorOf({ value }: QueryResult): readonly VectorSample[] {
  switch (value.kind) {
    case 'vector':
      return value.samples.map((sample) => (sample.histogram === undefined ? sample : { ...sample, value: 0 }));
    case 'scalar':
      return [{ labels: [], value: value.value }];
    default:
      throw new Error('rule result is not a vector or scalar');
  }
}
