import { utf8Length } from '#shared/ports/utf8.ts';
import type { PagerdutyConfig } from '../config.ts';
import { groupKeyHash, type Notification } from '../notification.ts';
import { notificationData } from '../notification-data.ts';
import {
  type DeliveryFailure,
  type DeliveryResult,
  permanentFailure,
  type ReceiverContext,
  withFallback,
} from './delivery.ts';
import { encodeGoJson, omitEmpty } from './go-json.ts';
import { type JsonPost, postJson, readSecret } from './http-post.ts';
import { createRenderer, type Renderer } from './render.ts';
import { renderStructure } from './structured-text.ts';
import { truncateRunes } from './truncate.ts';

/** PagerDuty refuses larger events. */
const MAX_EVENT_BYTES = 512_000;
const DETAILS_REMOVED = 'Custom details have been removed because the original event exceeds the maximum size of 512KB';

/** Of the summary (v2) and the description (v1). */
const MAX_SUMMARY_RUNES = 1024;

const EVENTS_V1_URL = 'https://events.pagerduty.com/generic/2010-04-15/create_event.json';

/** Triggers or resolves the incident of a group: by the Events API v1 when there is a service key, else by v2.
 *  @see alertmanager/notify/pagerduty/pagerduty.go */
export async function notifyPagerduty(
  config: PagerdutyConfig,
  notification: Notification,
  context: ReceiverContext,
): Promise<DeliveryResult> {
  const renderer = createRenderer(context, notificationData(notification, context.externalUrl));
  const isV1 = config.serviceKey !== undefined || config.serviceKeyFile !== undefined;
  const key = isV1 ? await serviceKey(config, context, renderer) : await routingKey(config, context, renderer);
  if (typeof key !== 'string') return key;
  const event = isV1 ? eventV1 : eventV2;
  const details = renderDetails(config, renderer);
  const render = (shown: Details) => encodeGoJson(event({ config, notification, renderer, key, details: shown }));
  const post: JsonPost = {
    url: isV1 ? EVENTS_V1_URL : config.url,
    body: limitSize(render(details), () => render({ error: DETAILS_REMOVED })),
    http: config.http,
    timeoutMs: config.timeoutMs,
    name: 'PagerDuty',
    secrets: [key],
    retryStatuses: isV1 ? [403] : [],
    details: errorDetails,
  };
  return withFallback(await postJson(context, post), renderer.problem());
}

type Details = Readonly<Record<string, unknown>>;

interface EventInput {
  readonly config: PagerdutyConfig;
  readonly notification: Notification;
  readonly renderer: Renderer;
  readonly key: string;
  readonly details: Details;
}

function serviceKey(config: PagerdutyConfig, context: ReceiverContext, renderer: Renderer) {
  const place = { text: config.serviceKey, file: config.serviceKeyFile, name: 'service_key_file' };
  return readKey(context, renderer, { ...place, label: 'service key' });
}

function routingKey(config: PagerdutyConfig, context: ReceiverContext, renderer: Renderer) {
  const place = { text: config.routingKey, file: config.routingKeyFile, name: 'routing_key_file' };
  return readKey(context, renderer, { ...place, label: 'routing key' });
}

async function readKey(
  context: ReceiverContext,
  renderer: Renderer,
  place: Parameters<typeof readSecret>[1] & { readonly label: string },
): Promise<string | DeliveryFailure> {
  const template = await readSecret(context, place);
  if (typeof template !== 'string') return template;
  const key = renderer.required(template);
  // The template's error is not shown: it may quote the key.
  if (key === undefined) return permanentFailure(`failed to template PagerDuty ${place.label}`);
  return key === '' ? permanentFailure(`${place.label} cannot be empty`) : key;
}

function renderDetails(config: PagerdutyConfig, renderer: Renderer): Details {
  const names = Object.keys(config.details).sort();
  const render = (template: string) => renderer.text(template);
  return Object.fromEntries(names.map((name) => [name, renderStructure(config.details[name], render)]));
}

function limitSize(body: string, withoutDetails: () => string): string {
  return utf8Length(body) > MAX_EVENT_BYTES ? withoutDetails() : body;
}

/** Members are in the order of upstream's struct, and present where its encoder writes them. */
function eventV1({ config, details, key, notification, renderer }: EventInput): unknown {
  const isTrigger = notification.status === 'firing';
  return {
    service_key: key,
    incident_key: groupKeyHash(notification.groupKey),
    event_type: isTrigger ? 'trigger' : 'resolve',
    description: omitEmpty(renderSummary(config, renderer)),
    event_action: '',
    payload: null,
    client: isTrigger ? omitEmpty(renderer.text(config.client)) : undefined,
    client_url: isTrigger ? omitEmpty(renderer.text(config.clientUrl)) : undefined,
    details: omitEmptyDetails(details),
  };
}

function eventV2({ config, details, key, notification, renderer }: EventInput): unknown {
  const text = (template: string) => renderer.text(template);
  return {
    routing_key: key,
    dedup_key: groupKeyHash(notification.groupKey),
    event_action: notification.status === 'firing' ? 'trigger' : 'resolve',
    payload: {
      summary: renderSummary(config, renderer),
      source: renderer.text(config.source, { text: 'Emberwatch' }),
      severity: renderer.text(config.severity || 'error', { text: 'error' }),
      class: omitEmpty(text(config.class)),
      component: omitEmpty(text(config.component)),
      group: omitEmpty(text(config.group)),
      custom_details: omitEmptyDetails(details),
    },
    client: omitEmpty(text(config.client)),
    client_url: omitEmpty(text(config.clientUrl)),
    images: renderImages(config, text),
    links: renderLinks(config, text),
  };
}

function omitEmptyDetails(details: Details): Details | undefined {
  return Object.keys(details).length === 0 ? undefined : details;
}

function renderSummary(config: PagerdutyConfig, renderer: Renderer): string {
  return truncateRunes(renderer.text(config.description, 'title'), MAX_SUMMARY_RUNES);
}

function renderImages(config: PagerdutyConfig, text: (template: string) => string) {
  const images = config.images.map(({ src, alt, href }) => ({ src: text(src), alt: text(alt), href: text(href) }));
  const shown = images.filter(({ src }) => src !== '');
  return shown.length === 0 ? undefined : shown;
}

function renderLinks(config: PagerdutyConfig, text: (template: string) => string) {
  const links = config.links.map((link) => ({ href: text(link.href), text: text(link.text) }));
  const shown = links.filter(({ href }) => href !== '');
  return shown.length === 0 ? undefined : shown;
}

/** Only the answer to a malformed event says more than its status.
 *  @see alertmanager/notify/pagerduty/pagerduty.go errDetails */
function errorDetails(status: number, body: string): string {
  if (status !== 400) return '';
  try {
    const { message = '', errors = [] } = JSON.parse(body) as { message?: string; errors?: readonly string[] };
    return `${message}: ${errors.join(',')}`;
  } catch {
    return '';
  }
}
