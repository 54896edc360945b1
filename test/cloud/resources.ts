import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { AwsClients } from '#shared/adapters/aws/clients.ts';
import { TABLE_SCHEMA } from '#shared/adapters/aws/schema.ts';
import type { QueueSettings } from '#shared/ports/queue-rules.ts';

/** A queue, and where what it gives up on goes. */
export interface QueueResource {
  readonly url: string;
  readonly arn: string;
  readonly deadLetterUrl: string;
}

/** Makes a table for a record store. */
export async function makeTable(clients: AwsClients, name: string): Promise<string> {
  const { partitionKey, sortKey } = TABLE_SCHEMA;
  await clients.dynamodb().send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partitionKey, sortKey].map((key) => ({ AttributeName: key, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
  return name;
}

/** Makes a bucket with some objects in it. @param texts Key → text. */
export async function makeBucket(
  clients: AwsClients,
  name: string,
  texts: Readonly<Record<string, string>> = {},
): Promise<string> {
  await clients.s3().send(new CreateBucketCommand({ Bucket: name }));
  for (const [Key, Body] of Object.entries(texts)) {
    await clients.s3().send(new PutObjectCommand({ Bucket: name, Key, Body }));
  }
  return name;
}

const TOPICS_MAY_SEND = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
  ],
};

/** Makes a queue with a dead-letter queue. A name that ends in `.fifo` makes FIFO queues. */
export async function makeQueue(clients: AwsClients, name: string, settings: QueueSettings): Promise<QueueResource> {
  const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  const deadLetters = await createQueue(clients, `dead-${name}`, fifo);
  const redrive = { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: String(settings.maxReceives) };
  const queue = await createQueue(clients, name, {
    ...fifo,
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    RedrivePolicy: JSON.stringify(redrive),
    Policy: JSON.stringify(TOPICS_MAY_SEND),
  });
  return { ...queue, deadLetterUrl: deadLetters.url };
}

async function createQueue(clients: AwsClients, QueueName: string, Attributes: Record<string, string>) {
  const { QueueUrl: url } = await clients.sqs().send(new CreateQueueCommand({ QueueName, Attributes }));
  const answer = await clients
    .sqs()
    .send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  return { url: url!, arn: answer.Attributes!.QueueArn! };
}

/** Makes a topic that hands its messages to a queue. @param filter Attribute → the values that pass. @returns Its ARN. */
export async function makeTopic(
  clients: AwsClients,
  name: string,
  subscriber: { readonly queueArn: string; readonly filter?: Readonly<Record<string, readonly string[]>> },
): Promise<string> {
  const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
  const { TopicArn } = await clients.sns().send(new CreateTopicCommand({ Name: name, Attributes: fifo }));
  const policy: Record<string, string> =
    subscriber.filter === undefined ? {} : { FilterPolicy: JSON.stringify(subscriber.filter) };
  await clients
    .sns()
    .send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: subscriber.queueArn, Attributes: policy }));
  return TopicArn!;
}
