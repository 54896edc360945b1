import type { RuleGroupConfig } from '#shared/config/rules-config.ts';
import { evaluateSlot } from '#shared/rules/evaluate-slot.ts';
import { groupStream } from '#shared/rules/rule-key.ts';
import type { SlotMessage } from '#shared/schedule/dispatcher.ts';
import { rulePorts, ruleSettings, type Services } from '../services.ts';
import { QUEUES } from '../settings.ts';
import { createSqsHandler, type SqsHandler } from '../sqs.ts';

/** Evaluates one rule group at one slot, a message each. */
export function createEvaluateRulesHandler(services: Services): SqsHandler {
  const { ports, metrics, configuration } = services;
  const evaluationPorts = rulePorts(services);
  const options = { name: 'evaluate-rules', logger: ports.logger, failures: metrics.handlerFailures };
  return createSqsHandler<SlotMessage>(options, async ({ stream, slotMs }) => {
    const { ruleGroups } = await configuration.current();
    const group = ruleGroups.find((candidate) => groupStream(candidate) === stream);
    if (group === undefined) return;
    await ports.clock.sleep(slotMs - ports.clock.nowMs());
    const latenessMs = Math.max(0, ports.clock.nowMs() - slotMs);
    const context = { ports: evaluationPorts, settings: await ruleSettings(services) };
    const result = await evaluateSlot(group, slotMs, context);
    metrics.slotsDone.add(1, { work: 'rules', result: result.kind });
    if (result.kind === 'duplicate') return;
    metrics.slotLag.observe(latenessMs / 1000, { work: 'rules' });
    count(group, result, services);
    if (result.events > 0) await ports.queue(QUEUES.dispatchAlerts).send([{ body: '{}' }]);
  });
}

function count(
  group: RuleGroupConfig,
  result: { readonly failedRules: number; readonly durationMs: number },
  { metrics }: Services,
): void {
  const labels = { rule_group: `${group.file};${group.name}` };
  metrics.ruleEvaluations.add(group.rules.length, labels);
  metrics.ruleFailures.add(result.failedRules, labels);
  metrics.ruleGroupDuration.set(result.durationMs / 1000, labels);
}
