import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { OutgoingMessage, Queue, QueueConsumer, ReceivedMessage } from '#shared/ports/queue.ts';
import { checkOutgoing, checkReceiveMax, MAX_MESSAGES } from '#shared/ports/queue-rules.ts';
import { type Backoff, MAX_TRIES, waitBeforeTry } from './backoff.ts';
import { awsErrorName, describeAwsError } from './errors.ts';

/** How a queue is reached. */
export interface SqsQueueOptions {
  readonly client: SQSClient;
  /** For errors. */
  readonly name: string;
  readonly url: string;
  readonly backoff: Backoff;
  /** How long `receive` waits for a message, 0–4. With 0 SQS asks only some of its servers and may miss messages.
   *  @default 1 */
  readonly waitSeconds?: number;
}

/** An SQS standard queue. In Lambda the event source mapping consumes it; `receive` and `acknowledge` are for tests and tools. */
export function createSqsQueue(options: SqsQueueOptions): Queue & QueueConsumer {
  return new SqsQueue(options);
}

/** What SQS may take beyond the wait that it was asked for. */
const ANSWER_SECONDS = 3;

/** How soon to look again when SQS does not tell when a message becomes due. */
const LOOK_AGAIN_MS = 1000;

interface BatchFailure {
  readonly Id?: string;
  readonly SenderFault?: boolean;
  readonly Code?: string;
  readonly Message?: string;
}

class SqsQueue implements Queue, QueueConsumer {
  readonly #options: SqsQueueOptions;
  /** The soonest time to come at which a message that we sent or received becomes due. */
  #soonestMs: number | undefined;
  #visibilityMs: number | undefined;

  constructor(options: SqsQueueOptions) {
    this.#options = options;
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    checkOutgoing(messages);
    for (const { delaySeconds = 0 } of messages) this.#noteDue(delaySeconds * 1000);
    const entries = messages.map(({ body, delaySeconds }, index) => ({
      Id: String(index),
      MessageBody: body,
      ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    }));
    await this.#eachUntilDone('send to', entries, (Entries) =>
      this.#options.client.send(new SendMessageBatchCommand({ QueueUrl: this.#options.url, Entries })),
    );
  }

  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    checkReceiveMax(max);
    const { client, url, waitSeconds = 1 } = this.#options;
    try {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: max,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        }),
        // The client's deadlines are for answers that come at once.
        { requestTimeout: (waitSeconds + ANSWER_SECONDS) * 1000 },
      );
      if (Messages.length > 0) this.#noteDue(await this.#visibility());
      return Messages.map(toReceived);
    } catch (error) {
      throw this.#failure('receive from', error);
    }
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    const entries = [...new Set(receipts)]
      .filter((receipt) => receipt !== '')
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    for (let start = 0; start < entries.length; start += MAX_MESSAGES) {
      await this.#eachUntilDone('delete from', entries.slice(start, start + MAX_MESSAGES), (Entries) =>
        this.#options.client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#options.url, Entries })),
      );
    }
  }

  /** SQS counts messages, roughly, and says of none when it becomes due. What this process sent or received is known;
   *  of others the answer is a time to look again. */
  async nextDueMs(): Promise<number | undefined> {
    const nowMs = this.#options.backoff.clock.nowMs();
    const { ApproximateNumberOfMessages: visible, ...counts } = await this.#attributes([
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ]);
    if (Number(visible) > 0) return nowMs;
    if (Object.values(counts).every((count) => Number(count) === 0)) return undefined;
    const known = this.#soonestMs !== undefined && this.#soonestMs > nowMs;
    return known ? this.#soonestMs : nowMs + LOOK_AGAIN_MS;
  }

  /** Sends a batch; what SQS fails of it through no fault of ours is sent again, the rest is not. */
  async #eachUntilDone<Entry extends { readonly Id: string }>(
    verb: string,
    entries: readonly Entry[],
    send: (entries: Entry[]) => Promise<{ readonly Failed?: readonly BatchFailure[] }>,
  ): Promise<void> {
    let left = [...entries];
    for (let tried = 1; left.length > 0; tried++) {
      const { Failed = [] } = await send(left).catch((error: unknown) => {
        throw this.#failure(verb, error);
      });
      const failed = Failed.filter(({ Code }) => !isStaleReceipt(Code));
      const fault = failed.find(({ SenderFault }) => SenderFault) ?? (tried === MAX_TRIES ? failed[0] : undefined);
      if (fault !== undefined) throw this.#failure(verb, { name: fault.Code, message: fault.Message });
      left = left.filter(({ Id }) => failed.some((failure) => failure.Id === Id));
      if (left.length > 0) await waitBeforeTry(tried, this.#options.backoff);
    }
  }

  #noteDue(inMs: number): void {
    const nowMs = this.#options.backoff.clock.nowMs();
    const dueMs = nowMs + inMs;
    if (this.#soonestMs === undefined || this.#soonestMs <= nowMs || dueMs < this.#soonestMs) this.#soonestMs = dueMs;
  }

  async #visibility(): Promise<number> {
    this.#visibilityMs ??= Number((await this.#attributes(['VisibilityTimeout'])).VisibilityTimeout) * 1000;
    return this.#visibilityMs;
  }

  async #attributes(names: NonNullable<GetQueueAttributesCommand['input']['AttributeNames']>) {
    try {
      const { Attributes = {} } = await this.#options.client.send(
        new GetQueueAttributesCommand({ QueueUrl: this.#options.url, AttributeNames: names }),
      );
      return Attributes as Readonly<Record<string, string>>;
    } catch (error) {
      throw this.#failure('look at', error);
    }
  }

  #failure(verb: string, error: unknown): Error {
    return new Error(`Cannot ${verb} queue "${this.#options.name}": ${describeAwsError(error)}`, {
      cause: awsErrorName(error) === '' ? undefined : error,
    });
  }
}

/** The message has been delivered again since, or is gone. */
function isStaleReceipt(code: string | undefined): boolean {
  return code !== undefined && /ReceiptHandleIsInvalid|InvalidParameterValue|InvalidIdFormat/.test(code);
}

function toReceived({ MessageId, ReceiptHandle, Body, Attributes = {} }: Message): ReceivedMessage {
  return {
    id: MessageId!,
    receipt: ReceiptHandle!,
    body: Body!,
    receiveCount: Number(Attributes.ApproximateReceiveCount),
    sentAtMs: Number(Attributes.SentTimestamp),
  };
}
