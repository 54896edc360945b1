import type { EmailConfig } from '#shared/alerting/config.ts';
import type { HttpClientConfig, SecretText, TlsConfig } from './http-config.ts';
import { DEFAULT_HTTP_CONFIG, readHttpConfigField, readPath, readTlsConfig } from './read-http-config.ts';
import { checkHttpUrl, checkSecretUrl } from './read-url.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';

/** What receivers inherit. Absent is not set. */
export interface AlertmanagerGlobal {
  readonly resolveTimeoutMs: number;
  readonly http: HttpClientConfig;
  readonly smtp: SmtpGlobal;
  readonly slack: SlackGlobal;
  readonly pagerdutyUrl: string;
}

export interface SmtpGlobal {
  readonly from: string;
  readonly hello: string;
  readonly smarthost: EmailConfig['smarthost'];
  readonly authUsername: string;
  readonly authPassword?: SecretText;
  readonly authPasswordFile?: string;
  readonly requireTls: boolean;
  readonly tls?: TlsConfig;
  readonly forceImplicitTls?: boolean;
}

export interface SlackGlobal {
  readonly apiUrl?: SecretText;
  readonly apiUrlFile?: string;
  readonly appToken?: SecretText;
  readonly appTokenFile?: string;
  readonly appUrl: string;
}

const DEFAULT_RESOLVE_TIMEOUT_MS = 300_000;

/** Fields for receivers that are refused: nothing but their shape matters. */
const OTHER_URLS = [
  'jira_api_url',
  'opsgenie_api_url',
  'wechat_api_url',
  'victorops_api_url',
  'telegram_api_url',
  'webex_api_url',
  'rocketchat_api_url',
];
const OTHER_TEXTS = ['wechat_api_corp_id'];

/** A secret and the file with it: not both. */
const SECRET_PAIRS = [
  'slack_app_token',
  'slack_api_url',
  'opsgenie_api_key',
  'victorops_api_key',
  'telegram_bot_token',
  'smtp_auth_password',
  'rocketchat_token',
  'rocketchat_token_id',
  'smtp_auth_secret',
  'wechat_api_secret',
  'mattermost_webhook_url',
];

/** Reads the `global` section. @see alertmanager/config/config.go GlobalConfig */
export function readAlertmanagerGlobal(value: YamlValue, folder: string): AlertmanagerGlobal {
  const fields = new YamlFields(value, 'config.plain');
  const global = {
    resolveTimeoutMs: fields.duration('resolve_timeout') ?? DEFAULT_RESOLVE_TIMEOUT_MS,
    http: readHttpConfigField(fields, 'http_config', folder) ?? DEFAULT_HTTP_CONFIG,
    smtp: readSmtp(fields, folder),
    slack: readSlack(fields, folder),
    pagerdutyUrl: fields.parsed('pagerduty_url', checkHttpUrl, '') || 'https://events.pagerduty.com/v2/enqueue',
  };
  for (const name of OTHER_URLS) fields.parsed(name, checkHttpUrl, '');
  for (const name of OTHER_TEXTS) fields.text(name);
  for (const name of SECRET_PAIRS) {
    const [text, file] = [fields.text(name), fields.text(`${name}_file`)];
    if (text && file) fields.report(`at most one of ${name} & ${name}_file must be configured`, `${name}_file`);
  }
  fields.finish();
  checkSlack(fields, global.slack);
  return global;
}

function readSmtp(fields: YamlFields, folder: string): SmtpGlobal {
  fields.refuse('smtp_auth_secret');
  fields.refuse('smtp_auth_secret_file');
  fields.refuse('smtp_auth_identity');
  return {
    from: fields.text('smtp_from') ?? '',
    hello: fields.text('smtp_hello') ?? 'localhost',
    smarthost: readSmarthost(fields, 'smtp_smarthost'),
    authUsername: fields.text('smtp_auth_username') ?? '',
    authPassword: fields.secret('smtp_auth_password'),
    authPasswordFile: readPath(fields, 'smtp_auth_password_file', folder),
    requireTls: fields.bool('smtp_require_tls') ?? true,
    tls: readTlsConfig(fields, 'smtp_tls_config', folder),
    forceImplicitTls: fields.isSet('smtp_force_implicit_tls') ? fields.bool('smtp_force_implicit_tls') : undefined,
  };
}

function readSlack(fields: YamlFields, folder: string): SlackGlobal {
  fields.parsed('slack_api_url', checkSecretUrl, '');
  return {
    apiUrl: fields.secret('slack_api_url'),
    apiUrlFile: readPath(fields, 'slack_api_url_file', folder),
    appToken: fields.secret('slack_app_token'),
    appTokenFile: readPath(fields, 'slack_app_token_file', folder),
    appUrl: fields.parsed('slack_app_url', checkHttpUrl, '') || 'https://slack.com/api/chat.postMessage',
  };
}

function checkSlack(fields: YamlFields, { apiUrl, apiUrlFile, appToken, appTokenFile, appUrl }: SlackGlobal): void {
  const both = (appToken || appTokenFile) && (apiUrl || apiUrlFile);
  // The app's own URL as `slack_api_url` is how tokens were used before there was a field for them.
  if (!both || apiUrl?.reveal() === appUrl) return;
  fields.report(
    'at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured',
    'slack_app_token',
    'slack_app_token_file',
  );
}

/** Reads `host:port`; an IPv6 host is in brackets. */
export function readSmarthost(fields: YamlFields, name: string): EmailConfig['smarthost'] {
  return fields.parsed(name, parseHostPort, undefined);
}

function parseHostPort(text: string): EmailConfig['smarthost'] {
  if (text === '') return undefined;
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  if (match === null) throw new SyntaxError(hostPortProblem(text));
  const port = Number(match[3]);
  if (match[3] === '') throw new SyntaxError(`address "${text}": port cannot be empty`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new SyntaxError(`address "${text}": port is "${match[3]}", expected 1 to 65535`);
  }
  return { host: match[1] ?? match[2], port };
}

/** @see Go net.SplitHostPort */
function hostPortProblem(text: string): string {
  if (!text.includes(':')) return `address ${text}: missing port in address`;
  return `address ${text}: too many colons in address`;
}
