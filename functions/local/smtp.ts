import type { SmtpServer } from '#shared/ports/mailer.ts';

/** The default mail server of the process: `EMBERWATCH_SMTP_URL=smtp://user:password@host:587`, `smtps:` for TLS from the
 *  first byte. Mails go into the outbox folder where it is not set.
 *  @throws {TypeError} When it is no such URL; the message does not show it, because it may hold a password. */
export function smtpFromEnvironment(environment: Readonly<Record<string, string | undefined>>): SmtpServer | undefined {
  const text = environment.EMBERWATCH_SMTP_URL;
  if (text === undefined || text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    throw new TypeError('EMBERWATCH_SMTP_URL: expected a URL such as smtp://user:password@mail.example.com:587');
  }
  const implicitTls = url.protocol === 'smtps:';
  return {
    host: url.hostname,
    port: Number(url.port) || (implicitTls ? 465 : 587),
    hello: 'localhost',
    requireTls: url.searchParams.get('tls') !== 'optional',
    implicitTls,
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
  };
}
