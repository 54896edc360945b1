import { type Counter, type Gauge, type Histogram, Registry } from '#shared/exposition/registry.ts';
import { writeText } from '#shared/exposition/writer.ts';

/** The metrics that the handlers of this process keep of themselves, under upstream's names where upstream has them. */
export interface SelfMetrics {
  readonly slotLag: Histogram;
  readonly slotsDone: Counter;
  readonly samplesAppended: Counter;
  readonly ruleEvaluations: Counter;
  readonly ruleFailures: Counter;
  readonly ruleGroupDuration: Gauge;
  readonly notifications: Counter;
  readonly notificationsFailed: Counter;
  readonly handlerFailures: Counter;
  readonly lastReloadSuccessful: Gauge;
  readonly lastReloadTime: Gauge;
  /** The page in text format 0.0.4. */
  page(): string;
}

export function createSelfMetrics(): SelfMetrics {
  const registry = new Registry();
  return {
    slotLag: registry.histogram({
      name: 'emberwatch_slot_lag_seconds',
      help: 'How long after its nominal time the work of a slot began.',
      labelNames: ['work'],
      buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
    }),
    slotsDone: registry.counter({
      name: 'emberwatch_slots_done_total',
      help: 'Slots whose work came to an end, by result.',
      labelNames: ['work', 'result'],
    }),
    samplesAppended: registry.counter({
      name: 'prometheus_tsdb_head_samples_appended_total',
      help: 'Total number of appended samples.',
    }),
    ruleEvaluations: registry.counter({
      name: 'prometheus_rule_evaluations_total',
      help: 'The total number of rule evaluations.',
      labelNames: ['rule_group'],
    }),
    ruleFailures: registry.counter({
      name: 'prometheus_rule_evaluation_failures_total',
      help: 'The total number of rule evaluation failures.',
      labelNames: ['rule_group'],
    }),
    ruleGroupDuration: registry.gauge({
      name: 'prometheus_rule_group_last_duration_seconds',
      help: 'The duration of the last rule group evaluation.',
      labelNames: ['rule_group'],
    }),
    notifications: registry.counter({
      name: 'alertmanager_notifications_total',
      help: 'The total number of attempted notifications.',
      labelNames: ['integration'],
    }),
    notificationsFailed: registry.counter({
      name: 'alertmanager_notifications_failed_total',
      help: 'The total number of failed notifications.',
      labelNames: ['integration'],
    }),
    handlerFailures: registry.counter({
      name: 'emberwatch_handler_failures_total',
      help: 'Messages whose work failed because of a fault of our own, by function.',
      labelNames: ['function'],
    }),
    lastReloadSuccessful: registry.gauge({
      name: 'prometheus_config_last_reload_successful',
      help: 'Whether the last configuration reload attempt was successful.',
    }),
    lastReloadTime: registry.gauge({
      name: 'prometheus_config_last_reload_success_timestamp_seconds',
      help: 'Timestamp of the last successful configuration reload.',
    }),
    page: () => writeText(registry.families()),
  };
}
