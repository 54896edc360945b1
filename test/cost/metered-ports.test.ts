import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { meterPorts } from '#shared/cost/metered-ports.ts';
import { RequestCounter } from '#shared/cost/request-counter.ts';
import type { Ports } from '#shared/ports/ports.ts';
import type { RecordWrite } from '#shared/ports/record-store.ts';

const put = (sort: string, bytes: number, condition?: RecordWrite['condition']): RecordWrite => ({
  kind: 'put',
  partition: 'rule-group',
  sort,
  data: { a: new Uint8Array(bytes) },
  condition,
});
const ABSENT = { kind: 'absent' } as const;
const KB = 1024;

interface Case {
  readonly name: string;
  readonly before?: (ports: Ports) => Promise<unknown>;
  readonly work: (ports: Ports) => Promise<unknown>;
  /** `service.operation about units`, once a request. */
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'a new record',
    work: ({ records }) => records.write(put('a', 900, ABSENT)),
    expected: ['DynamoDB.PutItem rule-group 1'],
  },
  {
    name: 'a record that replaces a larger one costs what that one did',
    before: ({ records }) => records.write(put('a', 5 * KB)),
    work: ({ records }) => records.write(put('a', 10, { kind: 'version', version: 1 })),
    expected: ['DynamoDB.PutItem rule-group 6'],
  },
  {
    name: 'a put without a condition that finds a record is made again',
    before: ({ records }) => records.write(put('a', 10)),
    work: ({ records }) => records.write(put('a', 2 * KB)),
    expected: ['DynamoDB.PutItem rule-group 1', 'DynamoDB.PutItem rule-group 3'],
  },
  {
    name: 'a refused write',
    before: ({ records }) => records.write(put('a', 2 * KB)),
    work: ({ records }) => records.write(put('a', 10, ABSENT)),
    expected: ['DynamoDB.PutItem rule-group 3'],
  },
  {
    name: 'a delete, and a condition by itself, which the adapter reads',
    before: ({ records }) => records.write(put('a', 10)),
    work: async ({ records }) => {
      await records.write({ kind: 'check', partition: 'rule-group', sort: 'a', condition: ABSENT });
      await records.write({ kind: 'delete', partition: 'rule-group', sort: 'a' });
    },
    expected: ['DynamoDB.GetItem rule-group 1', 'DynamoDB.DeleteItem rule-group 1'],
  },
  {
    name: 'a transaction costs twice',
    work: ({ records }) => records.transact([put('a', 10, ABSENT), put('b', 2 * KB, ABSENT)]),
    expected: ['DynamoDB.TransactWriteItems rule-group 8'],
  },
  {
    name: 'reads, strongly consistent',
    before: ({ records }) => records.write(put('a', 5 * KB)),
    work: async ({ records }) => {
      await records.get('rule-group', 'a');
      await records.get('rule-group', 'none');
      await records.query({ partition: 'rule-group' });
      await records.query({ partition: 'batch#none' });
    },
    expected: [
      'DynamoDB.GetItem rule-group 2',
      'DynamoDB.GetItem rule-group 1',
      'DynamoDB.Query rule-group 2',
      'DynamoDB.Query batch 1',
    ],
  },
  {
    name: 'a query of more than a page',
    before: async ({ records }) => {
      for (const sort of ['a', 'b', 'c', 'd']) await records.write(put(sort, 350 * KB));
    },
    work: ({ records }) => records.query({ partition: 'rule-group' }),
    expected: ['DynamoDB.Query rule-group 176', 'DynamoDB.Query rule-group 176'],
  },
  {
    name: 'objects, also where a condition fails or a range is past the end',
    work: async ({ objects }) => {
      await objects.put('windows/a', new Uint8Array(10), { ifAbsent: true });
      await objects.put('windows/a', new Uint8Array(10), { ifAbsent: true });
      await objects.get('windows/a', { offset: 10, length: 1 });
      await objects.get('windows/none');
      await objects.list('windows/');
      await objects.delete('windows/a');
    },
    expected: [
      'S3.PutObject windows 1',
      'S3.PutObject windows 1',
      'S3.GetObject windows part 1',
      'S3.HeadObject windows 1',
      'S3.GetObject windows 1',
      'S3.ListObjectsV2 windows 1',
      'S3.DeleteObject windows 1',
    ],
  },
  {
    name: 'messages, by the 64 KB, and not those that are received',
    work: async (ports) => {
      const queue = ports.queue('scrape');
      await queue.send([{ body: 'a' }, { body: 'b' }]);
      await queue.send([{ body: 'x'.repeat(65 * KB) }]);
      await queue.receive(10);
    },
    expected: ['SQS.SendMessageBatch scrape 1', 'SQS.SendMessageBatch scrape 2'],
  },
  {
    name: 'topics, files and secrets',
    work: async ({ topic, files, secrets }) => {
      await topic.publish({ topicArn: 'arn:aws:sns:us-east-1:1:a', message: 'text' });
      await files.read('a.yml');
      await files.glob('*.yml');
      await secrets.get('ssm:a');
    },
    expected: [
      'SNS.Publish topic 1',
      'S3.GetObject config 1',
      'S3.ListObjectsV2 config 1',
      'SecretsManager.GetSecretValue secret 1',
    ],
  },
];

for (const { name, before, work, expected } of CASES) {
  test(`meterPorts() tells of ${name}`, async () => {
    const memory = createMemoryPorts({
      clock: createVirtualClock(0),
      random: createSeededRandom(1),
      files: { 'a.yml': 'a: b' },
      secrets: { 'ssm:a': 'secret' },
    });
    await before?.(memory);
    const told: string[] = [];
    await work(
      meterPorts(memory, ({ service, operation, about, units }) => {
        told.push(`${service}.${operation} ${about} ${units}`);
      }),
    );
    assert.deepEqual(told, expected);
  });
}

test('RequestCounter adds up by who asked and what', () => {
  const counter = new RequestCounter();
  const request = { service: 'S3', operation: 'GetObject', about: 'windows', units: 1, bytes: 10 } as const;
  counter.add('scrape', request);
  counter.add('api', request);
  counter.add('scrape', { ...request, bytes: 5 });
  const { service, operation, about } = request;
  assert.deepEqual(counter.totals(), [
    { by: 'api', service, operation, about, requests: 1, units: 1, bytes: 10 },
    { by: 'scrape', service, operation, about, requests: 2, units: 2, bytes: 15 },
  ]);
  counter.clear();
  assert.deepEqual(counter.totals(), []);
});
