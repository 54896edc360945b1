import type { HttpResponse } from '#shared/ports/http-client.ts';
import type { SlackConfig } from '../config.ts';
import type { Notification } from '../notification.ts';
import { notificationData } from '../notification-data.ts';
import { type DeliveryResult, permanentFailure, type ReceiverContext, withFallback } from './delivery.ts';
import { encodeGoJson, omitEmpty } from './go-json.ts';
import { bodyText, postJson, readSecret } from './http-post.ts';
import { createRenderer, type Renderer } from './render.ts';
import { truncateRunes } from './truncate.ts';

/** Slack cuts longer titles. */
const MAX_TITLE_RUNES = 1024;

const DEFAULT_MARKDOWN_IN: readonly string[] = ['fallback', 'pretext', 'text'];

/** Posts a notification to Slack as one attachment.
 *  @see alertmanager/notify/slack/slack.go */
export async function notifySlack(
  config: SlackConfig,
  notification: Notification,
  context: ReceiverContext,
): Promise<DeliveryResult> {
  const url = await readSecret(context, { text: config.apiUrl, file: config.apiUrlFile, name: 'api_url_file' });
  if (typeof url !== 'string') return url;
  const renderer = createRenderer(context, notificationData(notification, context.externalUrl));
  const message = slackMessage(config, renderer);
  const post = { url, body: encodeGoJson(message), http: config.http, timeoutMs: config.timeoutMs, name: 'Slack' };
  const result = await postJson(context, post, inspectAnswer);
  const named = result.ok
    ? result
    : { ...result, reason: `channel ${JSON.stringify(message.channel ?? '')}: ${result.reason}` };
  return withFallback(named, renderer.problem());
}

/** The members are in the order of upstream's structs. */
function slackMessage(config: SlackConfig, renderer: Renderer) {
  const text = (template: string) => renderer.text(template);
  const attachments = [slackAttachment(config, renderer)];
  return {
    channel: omitEmpty(text(config.channel)),
    username: omitEmpty(text(config.username)),
    icon_emoji: omitEmpty(text(config.iconEmoji)),
    icon_url: omitEmpty(text(config.iconUrl)),
    link_names: config.linkNames || undefined,
    attachments,
  };
}

function slackAttachment(config: SlackConfig, renderer: Renderer) {
  const text = (template: string) => renderer.text(template);
  return {
    title: omitEmpty(truncateRunes(renderer.text(config.title, 'title'), MAX_TITLE_RUNES)),
    title_link: omitEmpty(text(config.titleLink)),
    pretext: omitEmpty(text(config.pretext)),
    text: renderer.text(config.text, 'body'),
    fallback: renderer.text(config.fallback, 'title'),
    callback_id: text(config.callbackId),
    fields: config.fields.length === 0 ? undefined : config.fields.map((field) => slackField(config, field, text)),
    actions: config.actions.length === 0 ? undefined : config.actions.map((action) => slackAction(action, text)),
    image_url: omitEmpty(text(config.imageUrl)),
    thumb_url: omitEmpty(text(config.thumbUrl)),
    footer: text(config.footer),
    color: omitEmpty(text(config.color)),
    mrkdwn_in: config.mrkdwnIn.length === 0 ? DEFAULT_MARKDOWN_IN : config.mrkdwnIn,
  };
}

type Render = (template: string) => string;

function slackField(config: SlackConfig, field: SlackConfig['fields'][number], text: Render) {
  const { title, value, short = config.shortFields } = field;
  return { title: omitEmpty(text(title)), value: omitEmpty(text(value)), short };
}

function slackAction(action: SlackConfig['actions'][number], text: Render) {
  return {
    type: omitEmpty(text(action.type)),
    text: omitEmpty(text(action.text)),
    url: omitEmpty(text(action.url)),
    style: omitEmpty(text(action.style)),
    name: omitEmpty(text(action.name)),
    value: omitEmpty(text(action.value)),
  };
}

/** Slack answers 200 to some requests that it refuses: incoming webhooks say `ok` in plain text, the API in JSON.
 *  @see alertmanager/notify/slack/slack.go slackResponseHandler */
function inspectAnswer(response: HttpResponse): DeliveryResult {
  const body = bodyText(response);
  if (!response.headers['content-type']?.startsWith('application/json')) {
    return body === 'ok' ? { ok: true } : permanentFailure(`received an error response from Slack: ${body}`);
  }
  const answer = parseAnswer(body);
  if (answer === undefined) {
    return { ok: false, retry: true, reason: `could not unmarshal JSON response ${JSON.stringify(body)}` };
  }
  return answer.ok === true ? { ok: true } : permanentFailure(`error response from Slack: ${answer.error ?? ''}`);
}

function parseAnswer(body: string): { readonly ok?: unknown; readonly error?: unknown } | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
