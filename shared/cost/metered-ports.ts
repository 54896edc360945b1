import type { Files } from '#shared/ports/files.ts';
import type { Ports } from '#shared/ports/ports.ts';
import type { Queue, QueueConsumer } from '#shared/ports/queue.ts';
import type { Secrets } from '#shared/ports/secrets.ts';
import type { TopicPublisher } from '#shared/ports/topic.ts';
import { meterObjects } from './metered-objects.ts';
import { meterRecords } from './metered-records.ts';
import { messageUnits, type RequestListener, textBytes } from './request.ts';

/** The same ports, telling of each call which requests to AWS it would be. A queue's consuming side is not a function's own:
 *  Lambda's pollers ask, see `pollerRequests`. */
export function meterPorts(ports: Ports, listener: RequestListener): Ports {
  const queues = new Map<string, Queue & QueueConsumer>();
  return {
    ...ports,
    records: meterRecords(ports.records, listener),
    objects: meterObjects(ports.objects, listener),
    files: meterFiles(ports.files, listener),
    topic: meterTopic(ports.topic, listener),
    secrets: meterSecrets(ports.secrets, listener),
    queue(name) {
      let queue = queues.get(name);
      if (queue === undefined) queues.set(name, (queue = meterQueue(name, { queue: ports.queue(name), listener })));
      return queue;
    },
  };
}

function meterQueue(
  about: string,
  { queue, listener }: { readonly queue: Queue & QueueConsumer; readonly listener: RequestListener },
): Queue & QueueConsumer {
  return {
    async send(messages) {
      await queue.send(messages);
      const bytes = messages.reduce((sum, { body }) => sum + textBytes(body), 0);
      await listener({ service: 'SQS', operation: 'SendMessageBatch', about, units: messageUnits(bytes), bytes });
    },
    receive: (max) => queue.receive(max),
    acknowledge: (receipts) => queue.acknowledge(receipts),
    nextDueMs: () => queue.nextDueMs(),
  };
}

/** The configuration's files are objects. */
function meterFiles(files: Files, listener: RequestListener): Files {
  return {
    async read(path) {
      const text = await files.read(path);
      await listener({ service: 'S3', operation: 'GetObject', about: 'config', units: 1, bytes: textBytes(text) });
      return text;
    },
    async glob(pattern) {
      const paths = await files.glob(pattern);
      await listener({ service: 'S3', operation: 'ListObjectsV2', about: 'config', units: 1, bytes: 0 });
      return paths;
    },
  };
}

function meterTopic(topic: TopicPublisher, listener: RequestListener): TopicPublisher {
  return {
    async publish(message) {
      const published = await topic.publish(message);
      const bytes = textBytes(message.message);
      await listener({ service: 'SNS', operation: 'Publish', about: 'topic', units: messageUnits(bytes), bytes });
      return published;
    },
  };
}

function meterSecrets(secrets: Secrets, listener: RequestListener): Secrets {
  return {
    async get(reference) {
      const secret = await secrets.get(reference);
      await listener({
        service: 'SecretsManager',
        operation: 'GetSecretValue',
        about: 'secret',
        units: 1,
        bytes: textBytes(secret),
      });
      return secret;
    },
  };
}
