import type { Mail } from '#shared/ports/mailer.ts';

/** Headers that have a field of their own in a message; in `Mail.headers` they replace what the mail's fields would give. */
const OWN_FIELDS = { from: 'from', to: 'to', cc: 'cc', subject: 'subject', 'reply-to': 'replyTo' } as const;

type OwnHeader = keyof typeof OWN_FIELDS;

/** A mail as nodemailer takes it. The envelope is from and to the mail's own addresses, whatever its headers show.
 *  @param dateMs Unix milliseconds, for the Date header. */
export function toMessage(mail: Mail, dateMs: number) {
  const shown: Record<string, string> = { from: mail.from, to: mail.to.join(', '), subject: mail.subject };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(mail.headers ?? {})) {
    const own = OWN_FIELDS[name.toLowerCase() as OwnHeader];
    if (own === undefined) headers[name] = value;
    else shown[own] = value;
  }
  return {
    ...shown,
    headers,
    envelope: { from: mail.from, to: [...mail.to] },
    messageId: `<${mail.messageId}>`,
    date: new Date(dateMs),
    text: mail.text,
    html: mail.html,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
