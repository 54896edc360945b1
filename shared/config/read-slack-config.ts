import type { SlackAction, SlackConfig } from '#shared/alerting/config.ts';
import { type HttpClientConfig, SecretText } from './http-config.ts';
import type { AlertmanagerGlobal } from './read-alertmanager-global.ts';
import { readHttpConfigField, readPath } from './read-http-config.ts';
import { checkHttpUrl, checkSecretUrl } from './read-url.ts';
import { readGoTimeout } from './read-webhook-config.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';

const defaultTemplate = (part: string) => `{{ template "slack.default.${part}" . }}`;

/** @see alertmanager/config/notifiers.go SlackConfig */
export function readSlackConfig(fields: YamlFields, global: AlertmanagerGlobal, folder: string): SlackConfig {
  const text = (name: string, part: string) => fields.text(name) ?? defaultTemplate(part);
  const endpoint = readEndpoint(fields, global, folder);
  fields.refuse('message_text');
  return {
    kind: 'slack',
    sendResolved: fields.bool('send_resolved') ?? false,
    ...endpoint,
    channel: fields.text('channel') ?? '',
    username: text('username', 'username'),
    color: text('color', 'color'),
    title: text('title', 'title'),
    titleLink: text('title_link', 'titlelink'),
    pretext: text('pretext', 'pretext'),
    text: text('text', 'text'),
    fields: fields.list('fields', '*config.SlackField', readField) ?? [],
    shortFields: fields.bool('short_fields') ?? false,
    footer: text('footer', 'footer'),
    fallback: text('fallback', 'fallback'),
    callbackId: text('callback_id', 'callbackid'),
    iconEmoji: text('icon_emoji', 'iconemoji'),
    iconUrl: text('icon_url', 'iconurl'),
    imageUrl: fields.text('image_url') ?? '',
    thumbUrl: fields.text('thumb_url') ?? '',
    linkNames: fields.bool('link_names') ?? false,
    mrkdwnIn: fields.textList('mrkdwn_in') ?? [],
    actions: fields.list('actions', '*config.SlackAction', readAction) ?? [],
    timeoutMs: readGoTimeout(fields),
  };
}

/** Where to post, and with which authorization: a webhook's URL, or the app's URL with a token. */
function readEndpoint(
  fields: YamlFields,
  { slack, http: globalHttp }: AlertmanagerGlobal,
  folder: string,
): Pick<SlackConfig, 'apiUrl' | 'apiUrlFile' | 'http'> {
  fields.parsed('api_url', checkSecretUrl, '');
  const ownUrl = fields.secret('api_url');
  const ownUrlFile = readPath(fields, 'api_url_file', folder);
  const ownToken = fields.secret('app_token');
  const ownTokenFile = readPath(fields, 'app_token_file', folder);
  const appUrl = fields.parsed('app_url', checkHttpUrl, '') || slack.appUrl;
  const ownHttp = readHttpConfigField(fields, 'http_config', folder);
  checkOwn(fields, Boolean(ownUrl), Boolean(ownUrlFile), Boolean(ownToken), Boolean(ownTokenFile));
  readUpdateMessage(fields, ownUrl);

  const takesToken = !ownToken && !ownTokenFile && !ownHttp?.authorization && !ownUrl;
  const appToken = takesToken ? slack.appToken : ownToken;
  const appTokenFile = takesToken ? slack.appTokenFile : ownTokenFile;
  const apiUrl = ownUrl || ownUrlFile ? ownUrl : slack.apiUrl;
  const apiUrlFile = ownUrl || ownUrlFile ? ownUrlFile : slack.apiUrlFile;
  const http = ownHttp ?? globalHttp;
  if (appToken || appTokenFile) {
    if (http.authorization) fields.report("http authorization can't be set when using Slack App tokens", 'http_config');
    return { apiUrl: new SecretText(appUrl), http: withToken(http, appToken, appTokenFile) };
  }
  if (!apiUrl && !apiUrlFile) fields.report('no Slack API URL nor App token set either inline or in a file');
  return { apiUrl, apiUrlFile, http };
}

function withToken(http: HttpClientConfig, credentials?: SecretText, credentialsFile?: string): HttpClientConfig {
  return { ...http, authorization: { type: 'Bearer', credentials, credentialsFile } };
}

function checkOwn(fields: YamlFields, url: boolean, urlFile: boolean, token: boolean, tokenFile: boolean): void {
  if (url && urlFile) fields.report('at most one of api_url & api_url_file must be configured', 'api_url_file');
  if (token && tokenFile)
    fields.report('at most one of app_token & app_token_file must be configured', 'app_token_file');
  if ((url || urlFile) && (token || tokenFile)) {
    fields.report('at most one of api_url/api_url_file & app_token/app_token_file must be configured', 'app_token');
  }
}

function readUpdateMessage(fields: YamlFields, ownUrl: SecretText | undefined): void {
  if (!fields.bool('update_message')) return;
  if (ownUrl?.reveal() === 'https://slack.com/api/chat.postMessage') fields.refuse('update_message');
  else {
    fields.report(
      'update_message can only be used with bot tokens. api_url must be set to https://slack.com/api/chat.postMessage',
      'update_message',
    );
  }
}

function readField(value: YamlValue): SlackConfig['fields'][number] {
  const fields = new YamlFields(value, 'config.plain');
  const field = {
    title: fields.text('title') ?? '',
    value: fields.text('value') ?? '',
    short: fields.isSet('short') ? fields.bool('short') : undefined,
  };
  fields.finish();
  if (field.title === '') fields.report('missing title in Slack field configuration');
  else if (field.value === '') fields.report('missing value in Slack field configuration');
  return field;
}

/** An action with a URL is a link; else it is a message's button. */
function readAction(value: YamlValue): SlackAction {
  const fields = new YamlFields(value, 'config.plain');
  const action = {
    type: fields.text('type') ?? '',
    text: fields.text('text') ?? '',
    url: fields.text('url') ?? '',
    style: fields.text('style') ?? '',
    name: fields.text('name') ?? '',
    value: fields.text('value') ?? '',
  };
  // Of a link it is dropped.
  if (action.url === '') fields.refuse('confirm');
  else fields.value('confirm');
  fields.finish();
  if (action.type === '') fields.report('missing type in Slack action configuration');
  else if (action.text === '') fields.report('missing text in Slack action configuration');
  else if (action.url === '' && action.name === '') {
    fields.report('missing name or url in Slack action configuration');
  }
  return action.url === '' ? action : { ...action, name: '', value: '' };
}
