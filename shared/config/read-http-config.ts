import { goQuote } from '#shared/model/labels.ts';
import { type HttpClientConfig, type HttpHeaderConfig, SecretText, type TlsConfig } from './http-config.ts';
import { joinFolder } from './paths.ts';
import { checkProxyUrl } from './read-url.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';
import { readEntries, readText } from './yaml-values.ts';

/** What an endpoint without `http_config` gets. */
export const DEFAULT_HTTP_CONFIG: HttpClientConfig = { followRedirects: true };

/** Reads `<http_config>` from fields that may hold others as well (a scrape config has it inline).
 *  @param folder Of the configuration file: paths are resolved against it.
 *  @see prometheus/common/config/http_config.go HTTPClientConfig */
export function readHttpConfig(fields: YamlFields, folder: string): HttpClientConfig {
  const bearerToken = fields.secret('bearer_token');
  const bearerTokenFile = readPath(fields, 'bearer_token_file', folder);
  const basicAuth = readBasicAuth(fields, folder);
  const authorization = readAuthorization(fields, folder);
  checkOneCredential(fields, bearerToken, bearerTokenFile);
  fields.refuse('oauth2');
  fields.bool('enable_http2');
  const legacy =
    bearerToken || bearerTokenFile
      ? { type: 'Bearer', credentials: bearerToken, credentialsFile: bearerTokenFile }
      : undefined;
  return {
    basicAuth,
    authorization: authorization ?? legacy,
    followRedirects: fields.bool('follow_redirects') ?? true,
    tls: readTlsConfig(fields, 'tls_config', folder),
    proxyUrl: readProxy(fields),
    httpHeaders: readHttpHeaders(fields.value('http_headers'), folder),
  };
}

/** Reads a field that holds an `<http_config>` of its own. */
export function readHttpConfigField(fields: YamlFields, name: string, folder: string): HttpClientConfig | undefined {
  const inner = fields.fields(name, 'config.plain');
  if (inner === undefined) return undefined;
  const config = readHttpConfig(inner, folder);
  inner.finish();
  return config;
}

function readBasicAuth(fields: YamlFields, folder: string): HttpClientConfig['basicAuth'] {
  const inner = fields.fields('basic_auth', 'config.plain');
  if (inner === undefined) return undefined;
  const auth = {
    username: inner.text('username') ?? '',
    usernameFile: readPath(inner, 'username_file', folder),
    usernameRef: inner.text('username_ref') || undefined,
    password: inner.secret('password'),
    passwordFile: readPath(inner, 'password_file', folder),
    passwordRef: inner.text('password_ref') || undefined,
  };
  inner.finish();
  if (count(auth.username, auth.usernameFile, auth.usernameRef) > 1) {
    inner.report('at most one of basic_auth username, username_file & username_ref must be configured');
  }
  if (count(auth.password, auth.passwordFile, auth.passwordRef) > 1) {
    inner.report('at most one of basic_auth password, password_file & password_ref must be configured');
  }
  return auth;
}

function readAuthorization(fields: YamlFields, folder: string): HttpClientConfig['authorization'] {
  const inner = fields.fields('authorization', 'config.plain');
  if (inner === undefined) return undefined;
  const authorization = {
    type: inner.text('type')?.trim() || 'Bearer',
    credentials: inner.secret('credentials'),
    credentialsFile: readPath(inner, 'credentials_file', folder),
    credentialsRef: inner.text('credentials_ref') || undefined,
  };
  inner.finish();
  if (count(authorization.credentials, authorization.credentialsFile, authorization.credentialsRef) > 1) {
    inner.report('at most one of authorization credentials & credentials_file must be configured');
  }
  if (authorization.type.toLowerCase() === 'basic') {
    inner.report('authorization type cannot be set to "basic", use "basic_auth" instead', 'type');
  }
  return authorization;
}

function checkOneCredential(fields: YamlFields, bearerToken?: SecretText, bearerTokenFile?: string): void {
  const bearer = bearerToken !== undefined || bearerTokenFile !== undefined;
  const basicAuth = fields.isSet('basic_auth');
  const oauth2 = fields.isSet('oauth2');
  if (bearerToken && bearerTokenFile) {
    fields.report('at most one of bearer_token & bearer_token_file must be configured', 'bearer_token_file');
  }
  if ((basicAuth || oauth2) && bearer) {
    fields.report(
      'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
      'bearer_token',
      'bearer_token_file',
    );
  }
  if (fields.isSet('authorization') && bearer) {
    fields.report('authorization is not compatible with bearer_token & bearer_token_file', 'authorization');
  }
  if ((fields.isSet('authorization') && (basicAuth || oauth2)) || (basicAuth && oauth2)) {
    fields.report('at most one of basic_auth, oauth2 & authorization must be configured', 'authorization', 'oauth2');
  }
}

/** Reads a `<tls_config>`. @see prometheus/common/config/http_config.go TLSConfig */
export function readTlsConfig(fields: YamlFields, name: string, folder: string): TlsConfig | undefined {
  const inner = fields.fields(name, 'config.plain');
  if (inner === undefined) return undefined;
  const tls = {
    ca: inner.text('ca') || undefined,
    caFile: readPath(inner, 'ca_file', folder),
    caRef: inner.text('ca_ref') || undefined,
    cert: inner.text('cert') || undefined,
    certFile: readPath(inner, 'cert_file', folder),
    certRef: inner.text('cert_ref') || undefined,
    key: inner.secret('key'),
    keyFile: readPath(inner, 'key_file', folder),
    keyRef: inner.text('key_ref') || undefined,
    serverName: inner.text('server_name') || undefined,
    insecureSkipVerify: inner.bool('insecure_skip_verify') ?? false,
  };
  readTlsVersions(inner);
  inner.finish();
  checkTls(inner, tls);
  return tls;
}

const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'];

function readTlsVersions(fields: YamlFields): void {
  for (const name of ['min_version', 'max_version']) {
    const version = fields.text(name) || undefined;
    if (version === undefined) continue;
    if (!TLS_VERSIONS.includes(version)) fields.report(`unknown TLS version: ${version}`, name);
    // TLS 1.2 to 1.3 is what is spoken anyway.
    else if (version !== (name === 'min_version' ? 'TLS12' : 'TLS13')) fields.refuse(name);
  }
}

function checkTls(fields: YamlFields, tls: TlsConfig): void {
  const certs = count(tls.cert, tls.certFile, tls.certRef);
  const keys = count(tls.key, tls.keyFile, tls.keyRef);
  if (count(tls.ca, tls.caFile, tls.caRef) > 1) {
    fields.report('at most one of ca, ca_file & ca_ref must be configured');
  }
  if (certs > 1) fields.report('at most one of cert, cert_file & cert_ref must be configured');
  if (keys > 1) fields.report('at most one of key and key_file must be configured');
  if (certs > 0 && keys === 0) {
    fields.report('exactly one of key or key_file must be configured when a client certificate is configured');
  }
  if (keys > 0 && certs === 0) {
    fields.report('exactly one of cert or cert_file must be configured when a client key is configured');
  }
}

function readProxy(fields: YamlFields): string | undefined {
  const url = fields.parsed('proxy_url', checkProxyUrl, '') || undefined;
  const noProxy = fields.text('no_proxy') ?? '';
  const fromEnvironment = fields.value('proxy_from_environment');
  const isFromEnvironment = fields.bool('proxy_from_environment') ?? false;
  if (isFromEnvironment && url) {
    fields.report('if proxy_from_environment is configured, proxy_url must not be configured', 'proxy_url');
  } else if (isFromEnvironment && noProxy !== '') {
    fields.report('if proxy_from_environment is configured, no_proxy must not be configured', 'no_proxy');
  } else if (noProxy !== '' && !url) {
    fields.report('if no_proxy is configured, proxy_url must also be configured', 'no_proxy');
  } else {
    fields.refuse('no_proxy');
    if (fromEnvironment) fields.refuse('proxy_from_environment');
  }
  if (fields.isSet('proxy_connect_header') && !url && !isFromEnvironment) {
    fields.report(
      'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
      'proxy_connect_header',
    );
  } else fields.refuse('proxy_connect_header');
  return url;
}

/** Headers that the client sets itself, or that have a field of their own. In canonical form.
 *  @see prometheus/common/config/headers.go ReservedHeaders */
const RESERVED_HEADERS = new Set([
  'Authorization',
  'Host',
  'Content-Encoding',
  'Content-Length',
  'Content-Type',
  'User-Agent',
  'Connection',
  'Keep-Alive',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Www-Authenticate',
  'Accept-Encoding',
  'X-Prometheus-Remote-Write-Version',
  'X-Prometheus-Remote-Read-Version',
  'X-Prometheus-Scrape-Timeout-Seconds',
  'X-Amz-Date',
  'X-Amz-Security-Token',
  'X-Amz-Content-Sha256',
]);

function readHttpHeaders(value: YamlValue | undefined, folder: string): HttpClientConfig['httpHeaders'] {
  if (value === undefined || value.kind === 'null') return undefined;
  const headers: Record<string, HttpHeaderConfig> = {};
  for (const { key, keyOffset, value: header } of readEntries(value, 'config.Headers') ?? []) {
    const canonical = canonicalHeaderName(key);
    if (RESERVED_HEADERS.has(canonical)) {
      value.document.report(keyOffset, `setting header ${goQuote(canonical)} is not allowed`);
    }
    const fields = new YamlFields(header, 'config.Header');
    headers[key] = {
      values: fields.textList('values'),
      secrets: fields.list('secrets', 'config.Secret', (item) => new SecretText(readText(item) ?? '')),
      files: fields.textList('files')?.map((file) => joinFolder(folder, file)),
    };
    fields.finish();
  }
  return headers;
}

/** `content-TYPE` → `Content-Type`; a name with other characters than a header's stays as it is.
 *  @see Go net/textproto CanonicalMIMEHeaderKey */
export function canonicalHeaderName(name: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return name;
  return name
    .split('-')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join('-');
}

/** A field that is a path, resolved against the folder of the file. */
export function readPath(fields: YamlFields, name: string, folder: string): string | undefined {
  const path = fields.text(name);
  return path ? joinFolder(folder, path) : undefined;
}

function count(...values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined && value !== '').length;
}
