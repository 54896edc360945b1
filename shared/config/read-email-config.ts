import type { EmailConfig } from '#shared/alerting/config.ts';
import type { TlsConfig } from './http-config.ts';
import { type AlertmanagerGlobal, readSmarthost } from './read-alertmanager-global.ts';
import { canonicalHeaderName, readPath, readTlsConfig } from './read-http-config.ts';
import type { YamlFields } from './yaml-fields.ts';
import { readEntries, readText } from './yaml-values.ts';

/** The port on which servers speak TLS from the first byte. */
const IMPLICIT_TLS_PORT = 465;

/** Unlike upstream, a smarthost is not needed: the process has a mailer of its own.
 *  @see alertmanager/config/notifiers.go EmailConfig */
export function readEmailConfig(fields: YamlFields, { smtp }: AlertmanagerGlobal, folder: string): EmailConfig {
  const to = fields.text('to') ?? '';
  if (to === '') fields.report('missing to address in email config', 'to');
  const from = fields.text('from') || smtp.from;
  if (from === '') fields.report('no global SMTP from set');
  const smarthost = readSmarthost(fields, 'smarthost') ?? smtp.smarthost;
  const forced = fields.isSet('force_implicit_tls') ? fields.bool('force_implicit_tls') : smtp.forceImplicitTls;
  const tls = readTlsConfig(fields, 'tls_config', folder) ?? smtp.tls;
  refuseClientCertificates(fields, tls);
  const headers = readHeaders(fields);
  readThreading(fields, headers);
  for (const name of ['auth_secret', 'auth_secret_file', 'auth_identity']) fields.refuse(name);
  return {
    kind: 'email',
    sendResolved: fields.bool('send_resolved') ?? false,
    to,
    from,
    smarthost,
    hello: fields.text('hello') || smtp.hello,
    authUsername: fields.text('auth_username') || smtp.authUsername || undefined,
    ...readPassword(fields, smtp, folder),
    requireTls: fields.isSet('require_tls') ? (fields.bool('require_tls') ?? true) : smtp.requireTls,
    forceImplicitTls: forced ?? smarthost?.port === IMPLICIT_TLS_PORT,
    insecureSkipVerify: tls?.insecureSkipVerify ?? false,
    serverName: tls?.serverName,
    headers: { Subject: '{{ template "email.default.subject" . }}', ...headers },
    html: fields.text('html') ?? '{{ template "email.default.html" . }}',
    text: fields.text('text') ?? '',
  };
}

function readPassword(fields: YamlFields, smtp: AlertmanagerGlobal['smtp'], folder: string) {
  const authPassword = fields.secret('auth_password');
  const authPasswordFile = readPath(fields, 'auth_password_file', folder);
  if (authPassword || authPasswordFile) return { authPassword, authPasswordFile };
  return { authPassword: smtp.authPassword, authPasswordFile: smtp.authPasswordFile };
}

function readHeaders(fields: YamlFields): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const value = fields.value('headers');
  for (const entry of value === undefined ? [] : (readEntries(value, 'map[string]string') ?? [])) {
    const name = canonicalHeaderName(entry.key);
    if (Object.hasOwn(headers, name)) {
      entry.value.document.report(entry.keyOffset, `duplicate header "${name}" in email config`);
    }
    headers[name] = readText(entry.value) ?? '';
  }
  return headers;
}

function readThreading(fields: YamlFields, headers: Readonly<Record<string, string>>): void {
  const threading = fields.fields('threading', 'config.ThreadingConfig');
  if (threading === undefined) return;
  const byDate = threading.text('thread_by_date') ?? '';
  const clash = ['References', 'In-Reply-To'].find((name) => Object.hasOwn(headers, name));
  if (!threading.bool('enabled')) {
    threading.finish();
    return;
  }
  if (clash !== undefined) {
    threading.report(`conflicting configuration: threading.enabled conflicts with custom ${clash} header`, 'enabled');
  } else if (byDate !== 'none' && byDate !== 'daily') {
    threading.report("threading.thread_by_date must be either 'none' or 'daily'", 'thread_by_date');
  } else fields.refuse('threading');
  threading.finish();
}

function refuseClientCertificates(fields: YamlFields, tls: TlsConfig | undefined): void {
  const certificates = tls && (tls.ca || tls.caFile || tls.caRef || tls.cert || tls.certFile || tls.certRef);
  if (certificates) fields.report('certificates in tls_config of email are not supported yet', 'tls_config');
}
