import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toItem, toRecord } from '#shared/adapters/aws/attribute-values.ts';
import { openAwsPorts } from '#shared/adapters/aws/aws-ports.ts';
import { MAX_TRIES } from '#shared/adapters/aws/backoff.ts';
import { createAwsClients } from '#shared/adapters/aws/clients.ts';
import { isTransient } from '#shared/adapters/aws/errors.ts';
import { createLambdaLogger, readLogLevel } from '#shared/adapters/aws/logger.ts';
import { createEmfMetrics } from '#shared/adapters/aws/metrics.ts';
import { createS3ObjectStore } from '#shared/adapters/aws/object-store.ts';
import { createSqsQueue } from '#shared/adapters/aws/queue.ts';
import { createDynamoRecordStore } from '#shared/adapters/aws/record-store.ts';
import { type AwsRequest, meterRequests } from '#shared/adapters/aws/request-meter.ts';
import { queueUrlVariable } from '#shared/adapters/aws/schema.ts';
import { createAwsSecrets } from '#shared/adapters/aws/secrets.ts';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { RecordData, RecordWrite } from '#shared/ports/record-store.ts';

/* What an emulator does not do: lost answers, conflicts, throttling, partial failures. */

const NOW_MS = Date.UTC(2026, 10, 22);

/** What a service is asked. */
interface Command {
  readonly input: Readonly<Record<string, unknown>>;
}

type Answer = Error | object | ((input: Command['input']) => object);

/** A client whose service gives these answers, one after the other. */
function scripted(answers: readonly Answer[]) {
  const left = [...answers];
  const inputs: Command['input'][] = [];
  const client = {
    async send(command: Command) {
      inputs.push(command.input);
      const answer = left.shift();
      assert.ok(answer !== undefined, `unexpected request ${JSON.stringify(command.input)}`);
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(command.input) : answer;
    },
  };
  return { client: client as never, inputs, unused: () => left.length };
}

function awsError(name: string, status: number, fields: object = {}, attempts = 1): Error {
  const error = Object.assign(
    new Error(`${name} happened`),
    { $metadata: { httpStatusCode: status, attempts } },
    fields,
  );
  error.name = name;
  return error;
}

function makeBackoff() {
  const sleeps: number[] = [];
  const virtual = createVirtualClock(NOW_MS);
  const clock: Clock = { ...virtual, nowMs: () => NOW_MS, sleep: async (ms) => void sleeps.push(ms) };
  return { backoff: { clock, random: createSeededRandom(1) }, sleeps };
}

describe('DynamoDB record store', () => {
  const put: RecordWrite = { kind: 'put', partition: 'p', sort: 's', data: { n: 1 } };
  const conditional: RecordWrite = { ...put, condition: { kind: 'absent' } };
  const conditionFailed = (Item?: object, attempts = 1) =>
    awsError('ConditionalCheckFailedException', 400, { Item }, attempts);
  const cancelled = (...reasons: object[]) =>
    awsError('TransactionCanceledException', 400, { CancellationReasons: reasons });
  const itemOf = (data: RecordData, version: number, expiresAtMs?: number) =>
    toItem({ partition: 'p', sort: 's', data, version, expiresAtMs });
  const open = (answers: readonly Answer[]) => {
    const service = scripted(answers);
    const { backoff, sleeps } = makeBackoff();
    return { store: createDynamoRecordStore({ client: service.client, tableName: 't', backoff }), sleeps, ...service };
  };

  it('write() takes a put as done when the answer to it was lost', async () => {
    const rows = [
      { item: itemOf({ n: 1 }, 1), attempts: 2, expected: { ok: true, version: 1 } },
      { item: itemOf({ n: 1 }, 1), attempts: 1, expected: { ok: false } },
      { item: itemOf({ n: 2 }, 1), attempts: 2, expected: { ok: false } },
      { item: itemOf({ n: 1 }, 2), attempts: 2, expected: { ok: false } },
    ];
    for (const { item, attempts, expected } of rows) {
      assert.deepEqual(await open([conditionFailed(item, attempts)]).store.write(conditional), expected);
    }
  });

  it('write() takes a delete as done when the answer to it was lost', async () => {
    const remove: RecordWrite = {
      kind: 'delete',
      partition: 'p',
      sort: 's',
      condition: { kind: 'version', version: 1 },
    };
    assert.equal((await open([conditionFailed(undefined, 2)]).store.write(remove)).ok, true);
    assert.equal((await open([conditionFailed(undefined, 1)]).store.write(remove)).ok, false);
    assert.equal((await open([conditionFailed(itemOf({}, 2), 2)]).store.write(remove)).ok, false);
  });

  it('write() without a condition learns the version, also that of an expired record', async () => {
    const rows = [
      { item: itemOf({}, 7), version: 8 },
      { item: itemOf({}, 7, NOW_MS + 1000), version: 8 },
      { item: itemOf({}, 7, NOW_MS), version: 1 },
    ];
    for (const { item, version } of rows) {
      const { store, inputs, sleeps } = open([conditionFailed(item), {}]);
      assert.deepEqual(await store.write(put), { ok: true, version });
      assert.deepEqual((inputs[1].Item as Record<string, unknown>).version, { N: String(version) });
      assert.deepEqual(sleeps, []);
    }
  });

  it('write() gives up on a record that others keep changing', async () => {
    const answers = Array.from({ length: MAX_TRIES }, (_, n) => conditionFailed(itemOf({}, n + 1)));
    const { store, sleeps, unused } = open(answers);
    await assert.rejects(store.write(put), {
      message: /^Cannot write record "p" "s": ConditionalCheckFailedException/,
    });
    assert.equal(unused(), 0);
    assert.ok(sleeps.length > 0 && sleeps.every((ms) => ms >= 0 && ms <= 1000));
  });

  it('transact() waits for conflicts, and reports the conditions that do not hold', async () => {
    const none = { Code: 'None' };
    const conflict = { Code: 'TransactionConflict' };
    const failed = { Code: 'ConditionalCheckFailed', Item: itemOf({}, 3) };
    const writes = [{ ...put, sort: 'a' }, conditional] as const;
    const waited = open([cancelled(none, conflict), cancelled(conflict, none), {}]);
    assert.deepEqual(await waited.store.transact(writes), { ok: true });
    assert.equal(waited.sleeps.length, 2);
    assert.deepEqual(await open([cancelled(conflict, failed)]).store.transact(writes), { ok: false, failed: [1] });
    assert.deepEqual(await open([cancelled(failed, failed)]).store.transact(writes), { ok: false, failed: [1] });
    const learned = open([cancelled(failed, none), {}]);
    assert.deepEqual(await learned.store.transact(writes), { ok: true });
    const [first] = learned.inputs[1].TransactItems as { Put: { Item: { version: unknown } } }[];
    assert.deepEqual(first.Put.Item.version, { N: '4' });
  });

  it('transact() says what DynamoDB refused', async () => {
    const { store } = open([cancelled({ Code: 'None' }, { Code: 'ValidationError', Message: 'too deep' })]);
    await assert.rejects(store.transact([{ ...put, sort: 'a' }, put]), {
      message: 'Cannot commit transaction: write 1: ValidationError too deep',
    });
    const busy = open(Array.from({ length: MAX_TRIES }, () => cancelled({ Code: 'TransactionConflict' })));
    await assert.rejects(busy.store.transact([put]), { message: /write 0: TransactionConflict/ });
  });

  it('items hold every record exactly', () => {
    const value = fc.letrec<{ value: RecordData[string] }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, min: -1e125, max: 1e125 }).map((n) => (Math.abs(n) < 1e-129 ? 0 : n)),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array(),
        fc.array(tie('value')),
        fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
      ),
    })).value;
    const name = fc.string({ minLength: 1 }).filter((text) => !['pk', 'sk', 'version', 'expiresAt'].includes(text));
    const record = fc.record(
      {
        partition: fc.string({ minLength: 1 }),
        sort: fc.string({ minLength: 1 }),
        version: fc.integer({ min: 1 }),
        data: fc.dictionary(name, value, { noNullPrototype: true }),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(record, (stored) => {
        assert.deepEqual(toRecord(toItem(stored)), stored);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('S3 object store', () => {
  const body = new TextEncoder().encode('body');
  const answerOf = (bytes: Uint8Array) => ({
    ETag: '"e"',
    ContentLength: bytes.length,
    Body: { transformToByteArray: async () => bytes },
  });
  const open = (answers: readonly Answer[]) => {
    const service = scripted(answers);
    const { backoff, sleeps } = makeBackoff();
    return { store: createS3ObjectStore({ client: service.client, bucket: 'b', backoff }), sleeps, ...service };
  };
  const preconditionFailed = (attempts: number) => awsError('PreconditionFailed', 412, {}, attempts);

  it('put() tries again while another conditional write is under way', async () => {
    const conflict = awsError('ConditionalRequestConflict', 409);
    const { store, sleeps } = open([conflict, conflict, { ETag: '"e"' }]);
    assert.deepEqual(await store.put('k', body, { ifAbsent: true }), { ok: true, etag: '"e"' });
    assert.equal(sleeps.length, 2);
    const stuck = open(Array.from({ length: MAX_TRIES }, () => conflict));
    await assert.rejects(stuck.store.put('k', body, { ifAbsent: true }), {
      message: /^Cannot write object "k": ConditionalRequestConflict/,
    });
  });

  it('put() takes an object as written when the answer to it was lost', async () => {
    const other = new TextEncoder().encode('else');
    const rows = [
      { answers: [preconditionFailed(2), answerOf(body)], expected: { ok: true, etag: '"e"' } },
      { answers: [preconditionFailed(2), answerOf(other)], expected: { ok: false, reason: 'exists' } },
      { answers: [preconditionFailed(2), awsError('NoSuchKey', 404)], expected: { ok: false, reason: 'exists' } },
      { answers: [preconditionFailed(1)], expected: { ok: false, reason: 'exists' } },
    ];
    for (const { answers, expected } of rows) {
      assert.deepEqual(await open(answers).store.put('k', body, { ifAbsent: true }), expected);
    }
  });

  it('get() asks again for a body that breaks off, and tells a missing bucket from a missing object', async () => {
    const broken = {
      ETag: '"e"',
      Body: {
        transformToByteArray: async () => {
          throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
        },
      },
    };
    assert.deepEqual((await open([broken, answerOf(body)]).store.get('k'))?.body, body);
    await assert.rejects(open([broken, broken, broken]).store.get('k'), { message: /^Cannot read object "k"/ });
    assert.equal(await open([awsError('NoSuchKey', 404)]).store.get('k'), undefined);
    await assert.rejects(open([awsError('NoSuchBucket', 404)]).store.get('k'), { message: /NoSuchBucket/ });
  });
});

describe('SQS queue', () => {
  const open = (answers: readonly Answer[]) => {
    const service = scripted(answers);
    const { backoff, sleeps } = makeBackoff();
    return { queue: createSqsQueue({ client: service.client, name: 'q', url: 'u', backoff }), sleeps, ...service };
  };
  const failed = (Id: string, Code: string, SenderFault: boolean) => ({ Id, Code, SenderFault, Message: 'no' });

  it('send() sends again what SQS failed, and only that', async () => {
    const { queue, inputs, sleeps } = open([{ Failed: [failed('1', 'InternalError', false)] }, {}]);
    await queue.send([{ body: 'a' }, { body: 'b', delaySeconds: 5 }]);
    assert.deepEqual(inputs[1].Entries, [{ Id: '1', MessageBody: 'b', DelaySeconds: 5 }]);
    assert.equal(sleeps.length, 1);
  });

  it('send() throws for what is our fault, and when SQS keeps failing', async () => {
    const ours = open([{ Failed: [failed('0', 'InvalidMessageContents', true)] }]);
    await assert.rejects(ours.queue.send([{ body: 'a' }]), {
      message: 'Cannot send to queue "q": InvalidMessageContents: no',
    });
    const theirs = open(Array.from({ length: MAX_TRIES }, () => ({ Failed: [failed('0', 'InternalError', false)] })));
    await assert.rejects(theirs.queue.send([{ body: 'a' }]), {
      message: 'Cannot send to queue "q": InternalError: no',
    });
  });

  it('acknowledge() takes ten receipts at a time and ignores those that are no longer valid', async () => {
    const { queue, inputs, unused } = open([{ Failed: [failed('3', 'ReceiptHandleIsInvalid', true)] }, {}]);
    await queue.acknowledge(Array.from({ length: 12 }, (_, i) => `r${i}`));
    assert.deepEqual(
      inputs.map(({ Entries }) => (Entries as unknown[]).length),
      [10, 2],
    );
    assert.equal(unused(), 0);
  });
});

describe('AWS secrets', () => {
  it('get() names the reference and the kind of failure, never what the service says', async () => {
    const denied = scripted([awsError('AccessDeniedException', 400)]);
    const secrets = createAwsSecrets({ secretsManager: () => denied.client, ssm: () => denied.client });
    await assert.rejects(secrets.get('secretsmanager:a'), {
      message: 'Cannot read secret "secretsmanager:a": AccessDeniedException',
    });
    await assert.rejects(secrets.get('env:A'), {
      message: 'Cannot read secret "env:A": expected "secretsmanager:ARN" or "ssm:NAME"',
    });
  });

  it('get() reads binary secrets as text, and refuses empty ones', async () => {
    const { client } = scripted([{ SecretBinary: new TextEncoder().encode('bïn') }, { SecretString: '' }]);
    const secrets = createAwsSecrets({ secretsManager: () => client, ssm: () => client });
    assert.equal(await secrets.get('secretsmanager:a'), 'bïn');
    await assert.rejects(secrets.get('secretsmanager:a'), { message: /it is empty$/ });
  });
});

describe('AWS ports', () => {
  const environment = {
    TABLE_NAME: 't',
    BUCKET_NAME: 'b',
    QUEUE_URL_DISPATCH_ALERTS: 'http://localhost/q',
    AWS_REGION: 'eu-west-1',
  };
  const own = createMemoryPorts({ clock: createVirtualClock(NOW_MS), random: createSeededRandom(1) });

  it('open with an environment, and say which variable is missing or wrong', () => {
    const ports = openAwsPorts(environment, own);
    assert.equal(ports.queue('dispatch-alerts'), ports.queue('dispatch-alerts'));
    assert.equal(queueUrlVariable('dispatch-alerts'), 'QUEUE_URL_DISPATCH_ALERTS');
    const notSet = (name: string) => ({ message: `Cannot open ports: environment variable ${name} is not set` });
    assert.throws(() => ports.queue('notify'), notSet('QUEUE_URL_NOTIFY'));
    for (const name of ['TABLE_NAME', 'BUCKET_NAME']) {
      assert.throws(() => openAwsPorts({ ...environment, [name]: '' }, own), notSet(name));
    }
    assert.throws(() => readLogLevel({ LOG_LEVEL: 'loud' }), {
      message: 'Cannot use LOG_LEVEL "loud": expected one of debug, info, warn, error',
    });
    assert.deepEqual([readLogLevel({}), readLogLevel({ LOG_LEVEL: 'debug' })], ['info', 'debug']);
  });

  it('clients are made once for each service and region', () => {
    const clients = createAwsClients(environment);
    assert.equal(clients.sqs(), clients.sqs());
    assert.equal(clients.sns('us-east-1'), clients.sns('us-east-1'));
    assert.notEqual(clients.sns('us-east-1'), clients.sns());
    clients.close();
  });
});

/** A log, and its lines. */
function openLog(level?: 'debug') {
  const lines: string[] = [];
  const logger = createLambdaLogger({ service: 'scrape', level, write: (line) => lines.push(line) });
  return { logger, lines, last: () => JSON.parse(lines.at(-1)!) };
}

const INVOCATION = {
  awsRequestId: 'request-1',
  functionName: 'Emberwatch-Scrape',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:1:function:Emberwatch-Scrape',
  memoryLimitInMB: '512',
};

describe('the log of a function', () => {
  it('lines are JSON, whatever the fields', () => {
    const { logger, lines, last } = openLog();
    logger.debug('not written');
    logger.warn('a\nb', { level: 'forged', count: 10n, error: new Error('x', { cause: new Error('y') }) });
    const first = last();
    assert.deepEqual([first.level, first.field_level, first.message, first.count], ['WARN', 'forged', 'a\nb', '10']);
    assert.deepEqual([first.service, first.error.message, first.error.cause.message], ['scrape', 'x', 'y']);
    assert.match(first.timestamp, /^\d{4}-\d\d-\d\dT/);
    const cycle: Record<string, unknown> = { a: 1 };
    cycle.self = cycle;
    logger.error('cycle', { cycle });
    assert.deepEqual([last().level, last().message], ['ERROR', 'cycle']);
    const unwritable = {
      toJSON() {
        throw new Error('no');
      },
    };
    logger.error('unwritable', { unwritable });
    assert.equal(last().message, 'unwritable');
    assert.equal(lines.length, 3);
    for (const line of lines) assert.match(line, /^\{.*\}\n$/);
    const verbose = openLog('debug');
    verbose.logger.debug('written');
    assert.equal(verbose.last().level, 'DEBUG');
  });

  it('each line says what is worked on, until something else is', () => {
    const { logger, last } = openLog();
    logger.begin(INVOCATION, { messageId: 'm1', stream: 's', message: 'not hidden' });
    logger.info('one');
    const { function_request_id, function_name, messageId, stream, message, field_message } = last();
    assert.deepEqual([function_request_id, function_name], ['request-1', 'Emberwatch-Scrape']);
    assert.deepEqual([messageId, stream, message, field_message], ['m1', 's', 'one', 'not hidden']);
    logger.begin({ ...INVOCATION, awsRequestId: 'request-2' }, { messageId: 'm2' });
    logger.info('two');
    assert.deepEqual([last().function_request_id, last().messageId, last().stream], ['request-2', 'm2', undefined]);
  });

  it('has no secrets: neither those it was told of, nor what stands under their names', () => {
    const { logger, lines } = openLog();
    const secret = 'pa"ss wörd/1';
    logger.hide(secret);
    logger.hide('abc');
    const error = Object.assign(new Error(`Cannot post to https://hooks.example.com/${encodeURIComponent(secret)}`), {
      $response: { headers: { authorization: 'Basic c2VjcmV0' } },
      cause: new Error(`refused ${secret}`),
    });
    logger.begin(INVOCATION, { about: secret });
    logger.error(`it was ${secret}`, {
      error,
      nested: { headers: { Authorization: 'Bearer t0psecret', 'X-Api-Key': 'k3y', ok: 'abc' }, list: [secret] },
      body: JSON.stringify({ secret }),
      smtp_password: 'hunter2',
      authToken: 't0psecret',
      url: 'https://user:hunter2@example.com/a:b@c',
    });
    const [line] = lines;
    for (const leak of [secret, 'pa\\"ss', encodeURIComponent(secret), 'c2VjcmV0', 't0psecret', 'k3y', 'hunter2']) {
      assert.ok(!line.includes(leak), `${leak} in ${line}`);
    }
    assert.match(line, /"ok":"abc"/);
    assert.match(line, /https:\/\/user:<secret>@example\.com\/a:b@c/);
    assert.match(line, /"message":"it was <secret>"/);
  });
});

describe('the metrics of a function', () => {
  it('are one line a station, in the format that CloudWatch reads', () => {
    const lines: string[] = [];
    const emf = createEmfMetrics({ service: 'schedule', stage: 'Test', write: (line) => lines.push(line) });
    emf.publish();
    assert.deepEqual(lines, []);
    emf.add('AwsRequests', 'Count', 1);
    emf.add('AwsRequests', 'Count', 2);
    emf.add('Duration', 'Milliseconds', 1.5);
    emf.add('Duration', 'Milliseconds', 2);
    emf.add('SlotsHandled', 'Count', 1, 'scrape');
    emf.publish({ requestId: 'r', service: 'forged' });
    emf.publish();
    const [own, other, ...rest] = lines.map((line) => JSON.parse(line));
    assert.deepEqual(rest, []);
    const [directive] = own._aws.CloudWatchMetrics;
    assert.equal(directive.Namespace, 'Emberwatch');
    assert.deepEqual(
      directive.Dimensions.map((names: string[]) => names.sort()),
      [['service', 'stage']],
    );
    assert.deepEqual(directive.Metrics, [
      { Name: 'AwsRequests', Unit: 'Count' },
      { Name: 'Duration', Unit: 'Milliseconds' },
    ]);
    assert.deepEqual([own.service, own.stage, own.requestId], ['schedule', 'Test', 'r']);
    assert.deepEqual([own.AwsRequests, own.Duration], [3, [1.5, 2]]);
    assert.deepEqual([other.service, other.SlotsHandled], ['scrape', 1]);
  });

  it('are written before a line would be too long for the format', () => {
    const lines: string[] = [];
    const emf = createEmfMetrics({ service: 'api', stage: 'Test', write: (line) => lines.push(line) });
    for (let i = 0; i < 250; i++) emf.add('Duration', 'Milliseconds', i);
    for (let i = 0; i < 150; i++) emf.add(`Count${i}`, 'Count', i);
    emf.publish();
    const parsed = lines.map((line) => JSON.parse(line));
    assert.ok(parsed.every(({ _aws }) => _aws.CloudWatchMetrics[0].Metrics.length < 100));
    assert.deepEqual(
      parsed.flatMap(({ Duration = [] }) => Duration),
      Array.from({ length: 250 }, (_, i) => i),
    );
    assert.equal(parsed.flatMap((line) => Object.keys(line).filter((name) => /^Count\d/.test(name))).length, 150);
  });
});

describe('meterRequests()', () => {
  it('reports each try with its outcome', async () => {
    type Middleware = (
      next: (args: unknown) => Promise<unknown>,
      context: object,
    ) => (args: unknown) => Promise<unknown>;
    const added: [Middleware, { step: string }][] = [];
    const seen: AwsRequest[] = [];
    const middlewareStack = {
      add: (middleware: Middleware, options: { step: string }) => added.push([middleware, options]),
    };
    meterRequests({ middlewareStack }, (request) => seen.push(request));
    const [[middleware, { step }]] = added;
    assert.equal(step, 'deserialize');
    const context = { clientName: 'DynamoDBClient', commandName: 'PutItemCommand' };
    const answers: (() => unknown)[] = [
      () => 'ok',
      () => Promise.reject(awsError('ConditionalCheckFailedException', 400)),
      () => Promise.reject(awsError('ThrottlingException', 400)),
      () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNRESET' })),
    ];
    const call = middleware(async () => answers[seen.length](), context);
    for (const [i] of answers.entries()) await call({}).catch(() => i);
    assert.deepEqual(
      seen.map(({ outcome }) => outcome),
      ['ok', 'refused', 'throttled', 'lost'],
    );
    assert.deepEqual(seen[0], { service: 'DynamoDB', operation: 'PutItem', outcome: 'ok' });
  });
});

describe('isTransient()', () => {
  it('is true of what the same request may overcome', () => {
    const network = (code: string) => Object.assign(new Error('x'), { code });
    const timeout = Object.assign(new Error('x'), { name: 'TimeoutError' });
    const rows: { error: Error; expected: boolean }[] = [
      { error: awsError('InternalErrorException', 500), expected: true },
      { error: awsError('ServiceUnavailable', 503), expected: true },
      { error: awsError('ThrottledException', 429), expected: true },
      { error: awsError('ThrottlingException', 400), expected: true },
      { error: awsError('KMSThrottlingException', 400), expected: true },
      { error: awsError('Odd', 400, { $retryable: { throttling: true } }), expected: true },
      { error: awsError('NotFoundException', 404), expected: false },
      { error: awsError('InvalidParameterException', 400), expected: false },
      { error: awsError('AuthorizationErrorException', 403), expected: false },
      { error: network('ECONNREFUSED'), expected: true },
      { error: timeout, expected: true },
      { error: new TypeError('a bug'), expected: false },
    ];
    for (const { error, expected } of rows) assert.equal(isTransient(error), expected, error.name);
  });
});
