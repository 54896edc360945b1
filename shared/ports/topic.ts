/** What SNS promises of a publish: accepted, then fanned out to the subscribers at least once. */
export interface TopicPublisher {
  /** @throws {DeliveryError} When not accepted. */
  publish(message: TopicMessage): Promise<{ readonly messageId: string }>;
}

export interface TopicMessage {
  readonly topicArn: string;
  /** 1–100 ASCII characters without line breaks. */
  readonly subject?: string;
  /** ≤ 256 KB of UTF-8. */
  readonly message: string;
  /** String attributes, for subscription filter policies. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Names the publish for ever: a publisher that can takes a repeated one as the same message. SNS cannot. */
  readonly idempotencyKey?: string;
  /** Of FIFO topics. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** An effect that the other side did not accept. `retry` says whether the same may be accepted later. */
export class DeliveryError extends Error {
  readonly retry: boolean;
  /** How long the other side asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retry: boolean; readonly retryAfterMs?: number }) {
    super(message, options);
    this.name = 'DeliveryError';
    this.retry = options.retry;
    this.retryAfterMs = options.retryAfterMs;
  }
}
