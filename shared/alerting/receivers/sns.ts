import { getLabel } from '#shared/model/labels.ts';
import type { TopicMessage } from '#shared/ports/topic.ts';
import { isFifoTopic } from '#shared/ports/topic-rules.ts';
import { utf8Length } from '#shared/ports/utf8.ts';
import type { NotificationData } from '#shared/template/alertmanager-data.ts';
import type { SnsConfig } from '../config.ts';
import { groupKeyHash, type Notification } from '../notification.ts';
import { notificationData } from '../notification-data.ts';
import { type DeliveryResult, deliver, permanentFailure, type ReceiverContext, withFallback } from './delivery.ts';
import { formatAlertTitle } from './plain-text.ts';
import { createRenderer, type Renderer } from './render.ts';
import { truncateBytes } from './truncate.ts';

/** SNS's limit, which attributes count towards. */
const MAX_MESSAGE_BYTES = 256 * 1024;

const MAX_SUBJECT_LENGTH = 100;

/** Publishes a notification to an SNS topic, which fans it out to its subscribers.
 *  @see alertmanager/notify/sns/sns.go */
export async function notifySns(
  config: SnsConfig,
  notification: Notification,
  context: ReceiverContext,
): Promise<DeliveryResult> {
  const data = notificationData(notification, context.externalUrl);
  const renderer = createRenderer(context, data);
  const topicArn = renderer.required(config.topicArn);
  if (topicArn === undefined) return permanentFailure(`execute 'topic_arn' template: ${renderer.problem()}`);
  const message = topicMessage(config, { notification, data, renderer, topicArn });
  return withFallback(await deliver(() => context.topic.publish(message)), renderer.problem());
}

interface MessageInput {
  readonly notification: Notification;
  readonly data: NotificationData;
  readonly renderer: Renderer;
  readonly topicArn: string;
}

function topicMessage(config: SnsConfig, input: MessageInput): TopicMessage {
  const { data, notification, renderer, topicArn } = input;
  const subject = config.subject === '' ? '' : asciiLine(renderer.text(config.subject, 'title'));
  // SNS refuses an empty message.
  const whole = renderer.text(config.message, 'body') || formatAlertTitle(data);
  const attributes = messageAttributes(config, input);
  const fitted = fitMessage(whole, attributes);
  return {
    topicArn,
    ...(subject === '' ? {} : { subject }),
    ...fitted,
    idempotencyKey: notification.id,
    // Upstream deduplicates by group, so that SNS drops what follows within five minutes.
    ...(isFifoTopic(topicArn)
      ? { groupId: groupKeyHash(notification.groupKey), deduplicationId: notification.id }
      : {}),
  };
}

/** The configured attributes, over those that subscription filters can always rely on. SNS has no empty ones. */
function messageAttributes(config: SnsConfig, { data, notification, renderer }: MessageInput): Record<string, string> {
  const configured = Object.entries(config.attributes).map(
    ([name, value]) => [renderer.text(name), renderer.text(value)] as const,
  );
  const attributes = [
    ['receiver', notification.receiver],
    ['status', notification.status],
    ['severity', getLabel(data.commonLabels, 'severity')],
    ['group_key', groupKeyHash(notification.groupKey)],
    ...configured,
  ];
  return Object.fromEntries(attributes.filter(([name, value]) => name !== '' && value !== ''));
}

/** Cuts a message that is too large, and says so by the attribute `truncated`. */
function fitMessage(
  message: string,
  attributes: Readonly<Record<string, string>>,
): Pick<TopicMessage, 'message' | 'attributes'> {
  if (utf8Length(message) + attributesSize(attributes) <= MAX_MESSAGE_BYTES) return { message, attributes };
  const marked = { ...attributes, truncated: 'true' };
  return { message: truncateBytes(message, MAX_MESSAGE_BYTES - attributesSize(marked)), attributes: marked };
}

/** Name, type (`String`) and value count. */
function attributesSize(attributes: Readonly<Record<string, string>>): number {
  const sizes = Object.entries(attributes).map(([name, value]) => utf8Length(name) + 6 + utf8Length(value));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** One line of at most 100 printable ASCII characters, as SNS wants subjects; others become `?`. */
function asciiLine(text: string): string {
  const ascii = text.replace(/\s+/g, ' ').replace(/[^\x20-\x7e]/gu, '?');
  return ascii.trim().slice(0, MAX_SUBJECT_LENGTH).trim();
}
