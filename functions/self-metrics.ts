import { type Counter, type Gauge, type Histogram, type LabelValues, Registry } from '#shared/exposition/registry.ts';
import { writeText } from '#shared/exposition/writer.ts';
import type { MetricSink } from '#shared/ports/metric-sink.ts';
import { QUEUES } from './settings.ts';

/** The metrics that the handlers of this process keep of themselves: on the page under upstream's names where upstream has
 *  them, and in the sink under the names that CloudWatch shows. */
export interface SelfMetrics {
  readonly slotLag: Histogram;
  readonly slotsDone: Counter;
  readonly samplesAppended: Counter;
  readonly scrapeSlotDuration: Histogram;
  readonly scrapesFailed: Counter;
  readonly ruleEvaluations: Counter;
  readonly ruleFailures: Counter;
  readonly ruleGroupDuration: Gauge;
  readonly notifications: Counter;
  readonly notificationsFailed: Counter;
  readonly apiRequests: Counter;
  readonly apiDuration: Histogram;
  readonly awsRequests: Counter;
  readonly handlerFailures: Counter;
  readonly lastReloadSuccessful: Gauge;
  readonly lastReloadTime: Gauge;
  /** The page in text format 0.0.4. */
  page(): string;
}

/** @param sink Gets the values of most of them, too. @default None. */
export function createSelfMetrics(sink: MetricSink = NO_SINK): SelfMetrics {
  const registry = new Registry();
  const counts = (counter: Counter, namesOf: NamesOf): Counter => ({
    add(by, labels) {
      counter.add(by, labels);
      if (by > 0) for (const name of namesOf(labels ?? {})) sink.add(name, 'Count', by, stationOf(labels));
    },
  });
  const times = (histogram: Histogram, name: string): Histogram => ({
    observe(seconds, labels) {
      histogram.observe(seconds, labels);
      sink.add(name, 'Milliseconds', seconds * 1000, stationOf(labels));
    },
  });
  const timesLast = (gauge: Gauge, name: string): Gauge => ({
    ...gauge,
    set(seconds, labels) {
      gauge.set(seconds, labels);
      sink.add(name, 'Milliseconds', seconds * 1000);
    },
  });
  return {
    slotLag: times(
      registry.histogram({
        name: 'emberwatch_slot_lag_seconds',
        help: 'How long after its nominal time the work of a slot began.',
        labelNames: ['work'],
        buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
      }),
      'SlotLateness',
    ),
    slotsDone: counts(
      registry.counter({
        name: 'emberwatch_slots_done_total',
        help: 'Slots whose work came to an end, by result.',
        labelNames: ['work', 'result'],
      }),
      slotNames,
    ),
    samplesAppended: counts(
      registry.counter({
        name: 'prometheus_tsdb_head_samples_appended_total',
        help: 'Total number of appended samples.',
      }),
      () => ['SamplesWritten'],
    ),
    scrapeSlotDuration: times(
      registry.histogram({
        name: 'emberwatch_scrape_slot_duration_seconds',
        help: 'How long scraping all targets of a stream and storing it took.',
      }),
      'ScrapeDuration',
    ),
    scrapesFailed: counts(
      registry.counter({
        name: 'emberwatch_scrapes_failed_total',
        help: 'Scrapes of targets that failed.',
      }),
      () => ['FailedTargets'],
    ),
    ruleEvaluations: registry.counter({
      name: 'prometheus_rule_evaluations_total',
      help: 'The total number of rule evaluations.',
      labelNames: ['rule_group'],
    }),
    ruleFailures: counts(
      registry.counter({
        name: 'prometheus_rule_evaluation_failures_total',
        help: 'The total number of rule evaluation failures.',
        labelNames: ['rule_group'],
      }),
      () => ['RuleFailures'],
    ),
    ruleGroupDuration: timesLast(
      registry.gauge({
        name: 'prometheus_rule_group_last_duration_seconds',
        help: 'The duration of the last rule group evaluation.',
        labelNames: ['rule_group'],
      }),
      'RuleGroupDuration',
    ),
    notifications: counts(
      registry.counter({
        name: 'alertmanager_notifications_total',
        help: 'The total number of attempted notifications.',
        labelNames: ['integration'],
      }),
      () => ['Notifications'],
    ),
    notificationsFailed: counts(
      registry.counter({
        name: 'alertmanager_notifications_failed_total',
        help: 'The total number of failed notifications.',
        labelNames: ['integration'],
      }),
      () => ['NotificationsFailed'],
    ),
    apiRequests: counts(
      registry.counter({
        name: 'emberwatch_api_requests_total',
        help: 'Requests that the API answered, by status code.',
        labelNames: ['code'],
      }),
      ({ code }) => [`ApiRequests${code[0]}xx`],
    ),
    apiDuration: times(
      registry.histogram({
        name: 'emberwatch_api_request_duration_seconds',
        help: 'How long the API took for an answer.',
      }),
      'ApiDuration',
    ),
    awsRequests: counts(
      registry.counter({
        name: 'emberwatch_aws_requests_total',
        help: 'Requests to AWS, each try of one, by outcome; in the local process there are none.',
        labelNames: ['service', 'operation', 'outcome'],
      }),
      ({ outcome }) => (outcome === 'throttled' ? ['AwsRequests', 'AwsThrottles'] : ['AwsRequests']),
    ),
    handlerFailures: counts(
      registry.counter({
        name: 'emberwatch_handler_failures_total',
        help: 'Messages whose work failed because of a fault of our own, by function.',
        labelNames: ['function'],
      }),
      () => ['HandlerFailures'],
    ),
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

const NO_SINK: MetricSink = { add: () => undefined };

/** The sink's names of what is counted with these labels. */
type NamesOf = (labels: LabelValues) => readonly string[];

/** A slot that was done already is no progress, and one that came too late is none that can be relied on. */
function slotNames({ result }: LabelValues): readonly string[] {
  if (result === 'duplicate') return [];
  return [result === 'missed' ? 'SlotsMissed' : 'SlotsHandled'];
}

/** Whose slot it is, whoever says so; `undefined` of what is of no slot. */
function stationOf(labels: LabelValues | undefined): string | undefined {
  if (labels?.work === undefined) return undefined;
  return labels.work === 'scrape' ? QUEUES.scrape : QUEUES.evaluateRules;
}
