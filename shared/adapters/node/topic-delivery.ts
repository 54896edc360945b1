import { createHash } from 'node:crypto';
import { type HttpClient, HttpRequestError } from '#shared/ports/http-client.ts';
import type { Mailer } from '#shared/ports/mailer.ts';
import { DeliveryError, type TopicMessage } from '#shared/ports/topic.ts';

/** Who gets a topic's messages. `outbox` only keeps them in the list of publications. */
export type Subscriber =
  | { readonly protocol: 'email'; readonly endpoint: string; readonly from?: string }
  | { readonly protocol: 'http' | 'https'; readonly endpoint: string }
  | { readonly protocol: 'outbox'; readonly endpoint: string };

/** A message that a topic took. */
export interface Publication extends TopicMessage {
  readonly messageId: string;
  /** Unix milliseconds. */
  readonly publishedAtMs: number;
}

interface DeliveryTools {
  readonly mailer: Mailer;
  readonly http: HttpClient;
  readonly signal: AbortSignal;
}

/** SNS waits this long for an endpoint. */
const HTTP_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 65_536;

/** SNS's words for a mail without a subject. */
const DEFAULT_SUBJECT = 'AWS Notification Message';
const DEFAULT_FROM = 'Emberwatch <no-reply@emberwatch.invalid>';

/** Tries to hand a publication to one subscriber.
 *  @throws {DeliveryError} When it did not take it. */
export async function deliver(publication: Publication, subscriber: Subscriber, tools: DeliveryTools): Promise<void> {
  switch (subscriber.protocol) {
    case 'outbox':
      return;
    case 'email':
      return tools.mailer.send({
        messageId: mailId(publication, subscriber.endpoint),
        from: subscriber.from ?? DEFAULT_FROM,
        to: [subscriber.endpoint],
        subject: publication.subject ?? DEFAULT_SUBJECT,
        text: publication.message,
      });
    case 'http':
    case 'https':
      return post(publication, subscriber.endpoint, tools);
  }
}

/** The same for each try, so that the outbox keeps one and mail programs show one. */
function mailId(publication: Publication, endpoint: string): string {
  const { topicArn, deduplicationId, idempotencyKey, messageId } = publication;
  const identity = JSON.stringify([topicArn, deduplicationId ?? idempotencyKey ?? messageId, endpoint]);
  return `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}@topics.emberwatch.invalid`;
}

async function post(publication: Publication, url: string, { http, signal }: DeliveryTools): Promise<void> {
  const response = await http
    .request({
      method: 'POST',
      url,
      headers: {
        'content-type': 'text/plain; charset=UTF-8',
        'user-agent': 'Amazon Simple Notification Service Agent',
        'x-amz-sns-message-type': 'Notification',
        'x-amz-sns-message-id': publication.messageId,
        'x-amz-sns-topic-arn': publication.topicArn,
      },
      body: JSON.stringify(toEnvelope(publication)),
      timeoutMs: HTTP_TIMEOUT_MS,
      maxBodyBytes: MAX_ANSWER_BYTES,
      followRedirects: false,
      signal,
    })
    .catch((error: unknown) => {
      const blocked = error instanceof HttpRequestError && error.kind === 'blocked';
      throw new DeliveryError((error as Error).message, { cause: error, retry: !blocked });
    });
  checkStatus(response.status);
}

/** What SNS posts, but for the signature: there is no key here that a subscriber could trust.
 *  @see https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html */
function toEnvelope({ messageId, topicArn, subject, message, attributes = {}, publishedAtMs }: Publication) {
  const typed = Object.entries(attributes).map(([name, value]) => [name, { Type: 'String', Value: value }]);
  return {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    Timestamp: new Date(publishedAtMs).toISOString(),
    ...(typed.length > 0 && { MessageAttributes: Object.fromEntries(typed) }),
  };
}

/** SNS tries again after 429 and 5xx, and not after the other refusals. */
function checkStatus(status: number): void {
  if (status >= 200 && status < 300) return;
  const retry = status === 429 || status >= 500;
  throw new DeliveryError(`unexpected status code ${status}`, { retry });
}
