import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Counter } from '#shared/exposition/registry.ts';
import type { Logger } from '#shared/ports/logger.ts';

/** A Lambda handler of queue messages. */
export type SqsHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;

interface HandlerOptions {
  /** The function's name. */
  readonly name: string;
  readonly logger: Logger;
  readonly failures: Counter;
}

/** Makes the handler that works on the messages of a batch side by side. A message whose work throws is reported as
 *  failed and comes back; the others are done with. @param work Gets the parsed body. */
export function createSqsHandler<Body>(options: HandlerOptions, work: (body: Body) => Promise<void>): SqsHandler {
  const { name, logger, failures } = options;
  const attempt = async (record: SQSRecord): Promise<string | undefined> => {
    try {
      await work(JSON.parse(record.body) as Body);
      return undefined;
    } catch (error) {
      failures.add(1, { function: name });
      logger.error(`Cannot handle message of ${name}`, { messageId: record.messageId, body: record.body, error });
      return record.messageId;
    }
  };
  const handler = middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const failed = (await Promise.all(Records.map(attempt))).filter((id) => id !== undefined);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  });
  return (event) => handler(event, NO_CONTEXT);
}

/** Our handlers look at the event only. */
const NO_CONTEXT = {} as Parameters<ReturnType<typeof middy>>[1];
