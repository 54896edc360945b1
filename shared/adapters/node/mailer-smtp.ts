import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { createTransport } from 'nodemailer';
import type { Clock } from '#shared/ports/clock.ts';
import { HttpRequestError } from '#shared/ports/http-client.ts';
import type { Mail, Mailer, SmtpServer } from '#shared/ports/mailer.ts';
import { DeliveryError } from '#shared/ports/topic.ts';
import { createEgressGuard, type EgressGuard, type Resolve } from './egress-guard.ts';
import type { EgressPolicy } from './egress-policy.ts';
import { translateNetworkError } from './http-errors.ts';
import { toMessage } from './mail-message.ts';

/** How mail is sent. */
export interface SmtpMailerOptions {
  readonly clock: Clock;
  readonly egress: EgressPolicy;
  /** Where mails go that do not say. */
  readonly server?: SmtpServer;
  /** For one mail, from name resolution to the server's last word. @default 40000 */
  readonly timeoutMs?: number;
  readonly resolve?: Resolve;
}

const DEFAULT_TIMEOUT_MS = 40_000;

/** A mailer by SMTP. A permanent refusal (5xx) is not to be retried, all else is. A mail to several recipients of which some
 *  are refused fails as a whole although the others got it: `retry` follows the refusals. */
export function createSmtpMailer(options: SmtpMailerOptions): Mailer {
  const guard = createEgressGuard(options.egress, options.resolve);
  const { clock, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  return {
    async send(mail) {
      const server = mail.smtp ?? options.server;
      if (server === undefined)
        throw new DeliveryError('Cannot send mail: no SMTP server is configured', { retry: false });
      try {
        await sendBy(server, mail, { guard, timeoutMs, nowMs: clock.nowMs() });
      } catch (error) {
        throw toDeliveryError(server, error);
      }
    },
  };
}

async function sendBy(
  server: SmtpServer,
  mail: Mail,
  options: { readonly guard: EgressGuard; readonly timeoutMs: number; readonly nowMs: number },
): Promise<void> {
  const { guard, timeoutMs, nowMs } = options;
  let socket: Socket | undefined;
  const deadline = setTimeout(() => socket?.destroy(new TimeoutError(timeoutMs)), timeoutMs);
  try {
    socket = await dial(server, guard, timeoutMs);
    const transport = createTransport(transportOptions(server, socket, timeoutMs));
    const result = await transport.sendMail(toMessage(mail, nowMs));
    const [refusal] = result.rejectedErrors ?? [];
    if (refusal !== undefined) throw refusal;
  } finally {
    clearTimeout(deadline);
    socket?.destroy();
  }
}

class TimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1000} s`);
    this.name = 'TimeoutError';
  }
}

/** Connects, to an address that the guard has seen. */
function dial({ host, port }: SmtpServer, guard: EgressGuard, timeoutMs: number): Promise<Socket> {
  guard.checkLiteral(host);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: guard.lookup });
    const timer = setTimeout(() => socket.destroy(new TimeoutError(timeoutMs)), timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      // Between now and nodemailer's own listener, and after its last.
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

function transportOptions(server: SmtpServer, socket: Socket, timeoutMs: number) {
  const name = server.serverName ?? server.host;
  return {
    host: server.host,
    port: server.port,
    name: server.hello,
    secure: server.implicitTls,
    requireTLS: server.requireTls && !server.implicitTls,
    // As Alertmanager: without require_tls there is no STARTTLS, offered or not.
    ignoreTLS: !server.requireTls,
    tls: {
      // RFC 6066 has no addresses as server names; the certificate has to name them all the same.
      servername: isIP(name) === 0 ? name : undefined,
      checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate),
      rejectUnauthorized: server.insecureSkipVerify !== true,
    },
    ...(server.username !== undefined && { auth: { user: server.username, pass: server.password ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    getSocket: (_: unknown, callback: (error: Error | null, socket: { connection: Socket }) => void) =>
      callback(null, { connection: socket }),
  };
}

interface SmtpError extends Error {
  readonly responseCode?: number;
  readonly response?: string;
}

function toDeliveryError(server: SmtpServer, error: unknown): DeliveryError {
  const { responseCode, response, message } = error as SmtpError;
  const by = `Cannot send mail by "${server.host}:${server.port}"`;
  if (responseCode !== undefined) {
    const retry = responseCode < 500;
    return new DeliveryError(`${by}: ${response ?? message}`, { cause: error, retry });
  }
  const problem =
    (error as { syscall?: string }).syscall === 'connect' ? translateNetworkError(error).message : message;
  const blocked = error instanceof HttpRequestError && error.kind === 'blocked';
  return new DeliveryError(`${by}: ${problem}`, { cause: error, retry: !blocked });
}
