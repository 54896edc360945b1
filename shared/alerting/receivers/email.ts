import type { Mail, SmtpServer } from '#shared/ports/mailer.ts';
import type { EmailConfig } from '../config.ts';
import type { Notification } from '../notification.ts';
import { notificationData } from '../notification-data.ts';
import {
  type DeliveryFailure,
  type DeliveryResult,
  deliver,
  permanentFailure,
  type ReceiverContext,
  withFallback,
} from './delivery.ts';
import { readSecret } from './http-post.ts';
import { parseAddressList } from './mail-address.ts';
import { createRenderer, type Renderer } from './render.ts';

const DEFAULT_SUBJECT = '{{ template "email.default.subject" . }}';

/** Sends a notification as one e-mail with a text and an HTML part.
 *  @see alertmanager/notify/email/email.go */
export async function notifyEmail(
  config: EmailConfig,
  notification: Notification,
  context: ReceiverContext,
): Promise<DeliveryResult> {
  const renderer = createRenderer(context, notificationData(notification, context.externalUrl));
  const addresses = renderAddresses(config, renderer);
  if ('ok' in addresses) return addresses;
  const smtp = await smtpServer(config, context);
  if (smtp !== undefined && 'ok' in smtp) return smtp;
  const mail: Mail = {
    ...addresses,
    ...mailContent(config, notification, renderer),
    ...(smtp === undefined ? {} : { smtp }),
  };
  return withFallback(await deliver(() => context.mailer.send(mail)), renderer.problem());
}

function renderAddresses(config: EmailConfig, renderer: Renderer): Pick<Mail, 'from' | 'to'> | DeliveryFailure {
  const from = renderList(config.from, 'from', renderer);
  if ('ok' in from) return from;
  if (from.length !== 1) return permanentFailure(`must be exactly one 'from' address (got: ${from.length})`);
  const to = renderList(config.to, 'to', renderer);
  return 'ok' in to ? to : { from: from[0], to };
}

function renderList(template: string, name: 'from' | 'to', renderer: Renderer): readonly string[] | DeliveryFailure {
  const text = renderer.required(template);
  if (text === undefined) return permanentFailure(`execute '${name}' template: ${renderer.problem()}`);
  try {
    return parseAddressList(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return permanentFailure(`parse '${name}' addresses: ${error.message}`);
  }
}

function mailContent(
  config: EmailConfig,
  notification: Notification,
  renderer: Renderer,
): Pick<Mail, 'messageId' | 'subject' | 'headers' | 'text' | 'html'> {
  const headers = Object.fromEntries(
    Object.entries(config.headers).map(([name, template]) => [name, renderHeader(name, template, renderer)]),
  );
  const { Subject: subject = renderHeader('Subject', DEFAULT_SUBJECT, renderer), ...others } = headers;
  const html = config.html === '' ? '' : renderer.html(config.html);
  const text = config.text === '' ? '' : renderer.text(config.text, 'body');
  // Where the HTML was asked for and failed, there must be something to read.
  const plain = html === '' && text === '' ? renderer.plain('body') : text;
  return {
    messageId: `${notification.id}@emberwatch`,
    subject,
    ...(Object.keys(others).length === 0 ? {} : { headers: others }),
    ...(plain === '' ? {} : { text: plain }),
    ...(html === '' ? {} : { html }),
  };
}

/** A header is one line: what alerts say must not begin another. */
function renderHeader(name: string, template: string, renderer: Renderer): string {
  return oneLine(renderer.text(template, name === 'Subject' ? 'title' : { text: '' }));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

async function smtpServer(
  config: EmailConfig,
  context: ReceiverContext,
): Promise<SmtpServer | DeliveryFailure | undefined> {
  if (config.smarthost === undefined) return undefined;
  const password = await smtpPassword(config, context);
  if (typeof password === 'object') return password;
  return {
    ...config.smarthost,
    hello: config.hello,
    requireTls: config.requireTls,
    implicitTls: config.forceImplicitTls || config.smarthost.port === 465,
    insecureSkipVerify: config.insecureSkipVerify,
    ...(config.serverName === undefined ? {} : { serverName: config.serverName }),
    ...(config.authUsername === undefined ? {} : { username: config.authUsername, password }),
  };
}

async function smtpPassword(
  config: EmailConfig,
  context: ReceiverContext,
): Promise<string | DeliveryFailure | undefined> {
  if (config.authPassword === undefined && config.authPasswordFile === undefined) return undefined;
  const place = { text: config.authPassword, file: config.authPasswordFile, name: 'auth_password_file' };
  return readSecret(context, place);
}
