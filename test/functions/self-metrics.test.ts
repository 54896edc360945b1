import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSelfMetrics, type SelfMetrics } from '#functions/self-metrics.ts';

type Added = readonly [name: string, unit: string, value: number, station: string | undefined];

test('each number goes to the page and to the sink', () => {
  const cases: readonly { act: (metrics: SelfMetrics) => void; page: string; sink: readonly Added[] }[] = [
    {
      act: ({ slotsDone }) => slotsDone.add(1, { work: 'scrape', result: 'written' }),
      page: 'emberwatch_slots_done_total{result="written",work="scrape"} 1',
      sink: [['SlotsHandled', 'Count', 1, 'scrape']],
    },
    {
      act: ({ slotsDone }) => slotsDone.add(1, { work: 'rules', result: 'evaluated' }),
      page: 'emberwatch_slots_done_total{result="evaluated",work="rules"} 1',
      sink: [['SlotsHandled', 'Count', 1, 'evaluate-rules']],
    },
    {
      act: ({ slotsDone }) => slotsDone.add(1, { work: 'scrape', result: 'missed' }),
      page: 'emberwatch_slots_done_total{result="missed",work="scrape"} 1',
      sink: [['SlotsMissed', 'Count', 1, 'scrape']],
    },
    {
      act: ({ slotsDone }) => slotsDone.add(1, { work: 'scrape', result: 'duplicate' }),
      page: 'emberwatch_slots_done_total{result="duplicate",work="scrape"} 1',
      sink: [],
    },
    {
      act: ({ slotLag }) => slotLag.observe(0.5, { work: 'scrape' }),
      page: 'emberwatch_slot_lag_seconds_sum{work="scrape"} 0.5',
      sink: [['SlotLateness', 'Milliseconds', 500, 'scrape']],
    },
    {
      act: ({ samplesAppended }) => samplesAppended.add(7),
      page: 'prometheus_tsdb_head_samples_appended_total 7',
      sink: [['SamplesWritten', 'Count', 7, undefined]],
    },
    // What did not happen is not paid for.
    { act: ({ scrapesFailed }) => scrapesFailed.add(0), page: 'emberwatch_scrapes_failed_total 0', sink: [] },
    {
      act: ({ ruleGroupDuration }) => ruleGroupDuration.set(2, { rule_group: 'f;g' }),
      page: 'prometheus_rule_group_last_duration_seconds{rule_group="f;g"} 2',
      sink: [['RuleGroupDuration', 'Milliseconds', 2000, undefined]],
    },
    {
      act: ({ notificationsFailed }) => notificationsFailed.add(1, { integration: 'sns' }),
      page: 'alertmanager_notifications_failed_total{integration="sns"} 1',
      sink: [['NotificationsFailed', 'Count', 1, undefined]],
    },
    {
      act: ({ apiRequests }) => apiRequests.add(1, { code: '422' }),
      page: 'emberwatch_api_requests_total{code="422"} 1',
      sink: [['ApiRequests4xx', 'Count', 1, undefined]],
    },
    {
      act: ({ awsRequests }) => awsRequests.add(1, { service: 'S3', operation: 'GetObject', outcome: 'throttled' }),
      page: 'emberwatch_aws_requests_total{operation="GetObject",outcome="throttled",service="S3"} 1',
      sink: [
        ['AwsRequests', 'Count', 1, undefined],
        ['AwsThrottles', 'Count', 1, undefined],
      ],
    },
  ];
  for (const { act, page, sink } of cases) {
    const added: Added[] = [];
    const metrics = createSelfMetrics({ add: (...values) => added.push(values as unknown as Added) });
    act(metrics);
    assert.ok(metrics.page().includes(`${page}\n`), `${page}\nin\n${metrics.page()}`);
    assert.deepEqual(
      added.map(([name, unit, value, station]) => [name, unit, value, station]),
      sink,
    );
  }
});

test('without a sink there is the page', () => {
  const metrics = createSelfMetrics();
  metrics.apiDuration.observe(1);
  assert.match(metrics.page(), /emberwatch_api_request_duration_seconds_count 1\n/);
});
