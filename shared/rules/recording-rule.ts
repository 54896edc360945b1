import type { RecordingRuleConfig } from '#shared/config/rules-config.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { type Labels, labelPairs, labelsFromPairs, labelsKey, METRIC_NAME } from '#shared/model/labels.ts';

/** A sample of an instant vector: the time is that of the evaluation. */
export interface VectorSample {
  readonly labels: Labels;
  /** 0 where the sample is a native histogram. */
  readonly value: number;
  readonly histogram?: Histogram;
}

/** What a recording rule stores for the result of its expression.
 *  @throws {RuleError} When two series get the same labels, or there are more than `limit` (0 = no limit).
 *  @see prometheus/rules/recording.go Eval */
export function recordResult(
  rule: RecordingRuleConfig,
  result: readonly VectorSample[],
  limit: number,
): readonly VectorSample[] {
  const seen = new Set<string>();
  const samples = result.map(({ labels, value, histogram }) => {
    const named = [...labelPairs(labels), [METRIC_NAME, rule.record] as const, ...labelPairs(rule.labels)];
    const recorded = labelsFromPairs(named);
    const key = labelsKey(recorded);
    if (seen.has(key)) throw new RuleError('vector contains metrics with the same labelset after applying rule labels');
    seen.add(key);
    return { labels: recorded, value, histogram };
  });
  if (limit > 0 && samples.length > limit) {
    throw new RuleError(`exceeded limit of ${limit} with ${samples.length} series`);
  }
  return samples;
}

/** A rule that cannot be evaluated now. The message is shown as the rule's last error. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
}
