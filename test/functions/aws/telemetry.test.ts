import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIGatewayProxyEventV2, SQSEvent, SQSRecord } from 'aws-lambda';
import { describeEvent } from '#functions/aws/invocation.ts';
import { openTelemetry } from '#functions/aws/telemetry.ts';

const ENVIRONMENT = {
  POWERTOOLS_SERVICE_NAME: 'scrape',
  STAGE: 'Test',
  AWS_SECRET_ACCESS_KEY: 's3cretKey',
  AWS_SESSION_TOKEN: 's3ssion',
};

function contextOf(awsRequestId: string) {
  const invokedFunctionArn = 'arn:aws:lambda:eu-west-1:1:function:f';
  return { awsRequestId, functionName: 'f', functionVersion: '1', invokedFunctionArn, memoryLimitInMB: '512' };
}

function queueEvent(...records: Partial<SQSRecord>[]): SQSEvent {
  return { Records: records as SQSRecord[] };
}

function open(environment: Readonly<Record<string, string>> = ENVIRONMENT) {
  const lines: string[] = [];
  const telemetry = openTelemetry(environment, { write: (line) => lines.push(line) });
  return { telemetry, taken: () => lines.splice(0).map((line) => JSON.parse(line)) };
}

test('each line of the log says which message, slot and request it is about', async () => {
  // As Lambda says of functions that are not kept warm; Powertools looks at it.
  process.env.AWS_LAMBDA_INITIALIZATION_TYPE = 'on-demand';
  const { telemetry, taken } = open();
  const { logger, observe } = telemetry;
  const handler = observe(async (event: SQSEvent) => logger.warn('late', { count: event.Records.length }));
  const slot = { stream: 'scrape/node/0', slotMs: 1_700_000_000_000 };
  const attributes = { ApproximateReceiveCount: '2' } as SQSRecord['attributes'];
  await handler(queueEvent({ messageId: 'm1', body: JSON.stringify(slot), attributes }), contextOf('r1'));
  await handler(queueEvent({ messageId: 'm2', body: '{}' }), contextOf('r2'));
  const [first, second] = taken().filter(({ message }) => message === 'late');
  assert.deepEqual(
    { ...first, timestamp: '', function_arn: '', function_memory_size: '', xray_trace_id: '', sampling_rate: 0 },
    {
      level: 'WARN',
      message: 'late',
      timestamp: '',
      service: 'scrape',
      stage: 'Test',
      cold_start: true,
      function_arn: '',
      function_memory_size: '',
      function_name: 'f',
      function_request_id: 'r1',
      sampling_rate: 0,
      xray_trace_id: '',
      messageId: 'm1',
      receiveCount: 2,
      ...slot,
      slot: '2023-11-14T22:13:20.000Z',
      count: 1,
    },
  );
  const { cold_start, function_request_id, messageId, stream } = second;
  assert.deepEqual([cold_start, function_request_id, messageId, stream], [false, 'r2', 'm2', undefined]);
});

test('describeEvent() tells of each kind of event, whatever is in it', () => {
  const requestContext = { requestId: 'r', http: { method: 'GET' } };
  const request = { rawPath: '/api/v1/query', rawQueryString: 'query=secret', requestContext };
  const cases: readonly { input: unknown; expected: object }[] = [
    {
      input: request as unknown as APIGatewayProxyEventV2,
      expected: { apiRequestId: 'r', method: 'GET', path: '/api/v1/query' },
    },
    { input: queueEvent({ messageId: 'm', body: 'no JSON' }), expected: { messageId: 'm' } },
    { input: queueEvent({ messageId: 'm', body: 'null' }), expected: { messageId: 'm' } },
    {
      input: queueEvent({ messageId: 'm', body: '{"stream":"s","slotMs":1e300}' }),
      expected: { messageId: 'm', stream: 's', slotMs: 1e300, slot: '1e+300' },
    },
    {
      input: queueEvent({ messageId: 'a', body: '{}' }, { messageId: 'b', body: '{"stream":"s"}' }),
      expected: { messages: [{ messageId: 'a' }, { messageId: 'b', stream: 's' }] },
    },
    { input: { RequestType: 'Create' }, expected: {} },
    { input: null, expected: {} },
  ];
  for (const { input, expected } of cases) assert.deepEqual(describeEvent(input), expected);
});

test('metrics are written when an invocation ends, also by an error, and start anew', async () => {
  const { telemetry, taken } = open();
  const { metrics, countRequest, observe } = telemetry;
  const handler = observe(async (event: SQSEvent) => {
    metrics.slotsDone.add(1, { work: 'scrape', result: 'written' });
    metrics.slotLag.observe(0.25, { work: 'scrape' });
    countRequest({ service: 'DynamoDB', operation: 'PutItem', outcome: 'throttled' });
    countRequest({ service: 'DynamoDB', operation: 'PutItem', outcome: 'ok' });
    if (event.Records.length === 0) throw new Error('crash');
  });
  await handler(queueEvent({ messageId: 'm', body: '{}' }), contextOf('r1'));
  const [first, ...none] = taken();
  assert.deepEqual(none, []);
  const { _aws, ...values } = first;
  assert.deepEqual(values, {
    requestId: 'r1',
    awsRequests: { 'DynamoDB.PutItem': 2 },
    service: 'scrape',
    stage: 'Test',
    ColdStarts: 1,
    SlotsHandled: 1,
    SlotLateness: 250,
    AwsRequests: 2,
    AwsThrottles: 1,
  });
  assert.equal(_aws.CloudWatchMetrics[0].Namespace, 'Emberwatch');
  await assert.rejects(handler(queueEvent(), contextOf('r2')), /crash/);
  const [second] = taken();
  assert.deepEqual([second.requestId, second.ColdStarts, second.SlotsHandled], ['r2', undefined, 1]);
});

test("the function's own credentials are in no line", async () => {
  const { telemetry, taken } = open();
  telemetry.logger.error('Cannot sign s3cretKey', { error: new Error('s3ssion is no token') });
  assert.doesNotMatch(JSON.stringify(taken()), /s3cretKey|s3ssion/);
});

test('openTelemetry() takes the level of the environment', () => {
  const { telemetry, taken } = open({ ...ENVIRONMENT, LOG_LEVEL: 'error' });
  telemetry.logger.warn('not written');
  assert.deepEqual(taken(), []);
  assert.throws(() => openTelemetry({ LOG_LEVEL: 'loud' }), /LOG_LEVEL "loud"/);
});
