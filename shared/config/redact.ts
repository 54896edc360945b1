import { type Document, isScalar, type Node, type Pair, parseDocument, type Scalar, visit } from 'yaml';

const MASK = '<secret>';

/** Fields whose texts are secrets, in both servers' files. @see the fields of type Secret and SecretURL upstream */
const SECRET_FIELDS = new Set([
  'access_key_secret',
  'api_key',
  'api_secret',
  'app_token',
  'application_secret',
  'auth_password',
  'auth_secret',
  'auth_token',
  'bearer_token',
  'bot_token',
  'client_certificate_key',
  'client_secret',
  'consumer_key',
  'credentials',
  'key_passphrase',
  'opsgenie_api_key',
  'password',
  'private_key',
  'rocketchat_token',
  'rocketchat_token_id',
  'routing_key',
  'secret_key',
  'service_account_key',
  'service_key',
  'slack_api_url',
  'slack_app_token',
  'smtp_auth_password',
  'smtp_auth_secret',
  'telegram_bot_token',
  'token',
  'token_id',
  'user_key',
  'victorops_api_key',
  'webhook_url',
  'mattermost_webhook_url',
  'wechat_api_secret',
]);

/** Fields that are secret only below one of these. */
const SECRET_BELOW: Readonly<Record<string, readonly string[]>> = {
  api_url: ['slack_configs'],
  key: ['tls_config', 'smtp_tls_config'],
  secrets: ['http_headers'],
  proxy_connect_header: ['http_config', 'scrape_configs'],
  url: ['webhook_configs', 'incidentio_configs'],
  alert_source_token: ['incidentio_configs'],
};

/** A configuration's YAML with every secret masked as `<secret>`, passwords in URLs as `xxxxx`, and without comments,
 *  which may hold former secrets. For `/api/v1/status/config` and Alertmanager's status. Of a file with several documents
 *  only the first, which is the one in use.
 *  @param text Of a configuration that has been loaded. */
export function redactConfig(text: string): string {
  const [first] = splitDocuments(text);
  const document = parseDocument(first, { schema: 'failsafe', uniqueKeys: false, strict: false, logLevel: 'silent' });
  document.commentBefore = null;
  document.comment = null;
  visit(document, { Node: (_key, node) => removeComments(node) });
  visit(document, {
    Pair: (_key, pair, path) => {
      if (isSecretField(keyOf(pair), fieldNames(path))) maskTexts(pair.value as Node, document);
    },
  });
  visit(document, { Scalar: (_key, node) => maskUrlPassword(node) });
  return document.contents === null ? '' : stringify(document);
}

function stringify(document: Document): string {
  return document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false });
}

/** Everything up to the second `---`. */
function splitDocuments(text: string): readonly string[] {
  const second = /\n(?:---(?=\s|$)|\.\.\.(?=\s|$))/g;
  const start = /^(?:\s*(?:#[^\n]*)?\n)*---(?=\s|$)/.exec(text)?.[0].length ?? 0;
  second.lastIndex = start;
  const end = second.exec(text)?.index;
  return end === undefined ? [text] : [text.slice(0, end + 1), text.slice(end + 1)];
}

function removeComments(node: Node): void {
  node.comment = null;
  node.commentBefore = null;
  node.spaceBefore = false;
}

function fieldNames(path: readonly unknown[]): readonly string[] {
  return path.flatMap((part) => keyOf(part as Pair) ?? []);
}

function keyOf(pair: Pair | undefined): string | undefined {
  const key = pair?.key;
  return isScalar(key) ? String((key as Scalar).source ?? key.value) : undefined;
}

function isSecretField(name: string | undefined, below: readonly string[]): boolean {
  if (name === undefined) return false;
  if (SECRET_FIELDS.has(name)) return true;
  return Object.hasOwn(SECRET_BELOW, name) && SECRET_BELOW[name].some((parent) => below.includes(parent));
}

/** Masks every text of a secret field's value, and what its aliases stand for. */
function maskTexts(value: Node, document: Document): void {
  visit(value, {
    Scalar: (key, node) => {
      if (key !== 'key' && node.source !== '') maskScalar(node);
    },
    Alias: (_key, node) => {
      const target = node.resolve(document);
      if (isScalar(target)) maskScalar(target);
    },
  });
}

function maskScalar(node: Scalar): void {
  node.value = MASK;
  node.source = MASK;
  node.type = 'PLAIN';
  node.tag = undefined;
}

function maskUrlPassword(node: Scalar): void {
  if (typeof node.value !== 'string') return;
  const masked = node.value.replace(/^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#@:]*):[^/?#]*@/, '$1:xxxxx@');
  if (masked !== node.value) node.value = masked;
}
