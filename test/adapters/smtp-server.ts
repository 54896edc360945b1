import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Identity } from '../contract/certificate.ts';
import { type Loopback, serveTcp } from '../contract/loopback.ts';

/** How an SMTP server behaves. */
export interface SmtpBehaviour {
  /** Command → reply in place of the usual one: `{ 'RCPT TO:<a@x>': '550 no' }`. The longest prefix counts. */
  readonly replies?: Readonly<Record<string, string>>;
  /** Offers STARTTLS. */
  readonly identity?: Identity;
  /** Starts with TLS. */
  readonly implicitTls?: boolean;
  readonly auth?: boolean;
}

/** What a server was told. */
export interface SmtpServerLog extends Loopback {
  /** The commands, with `TLS` where it began. */
  readonly commands: readonly string[];
  /** The messages, as they came. */
  readonly messages: readonly string[];
}

/** A server that takes mail, as much of RFC 5321 as a client sees. */
export async function serveSmtp(behaviour: SmtpBehaviour = {}): Promise<SmtpServerLog> {
  const commands: string[] = [];
  const messages: string[] = [];
  const server = await serveTcp((socket) => {
    const session = behaviour.implicitTls ? secure(socket, behaviour.identity!, commands) : socket;
    session.write('220 mail.example ESMTP\r\n');
    converse(session, behaviour, { commands, messages });
  });
  return Object.assign(server, { commands, messages });
}

function secure(socket: Socket, { key, cert }: Identity, commands: string[]): TLSSocket {
  commands.push('TLS');
  const session = new TLSSocket(socket, { isServer: true, key, cert });
  session.on('error', () => undefined);
  return session;
}

function converse(socket: Socket, behaviour: SmtpBehaviour, log: { commands: string[]; messages: string[] }): void {
  let pending = '';
  let message: string[] | undefined;
  const onLine = (line: string) => {
    if (message !== undefined) {
      if (line !== '.') return void message.push(line.replace(/^\./, ''));
      log.messages.push(message.join('\r\n'));
      message = undefined;
      return void socket.write(reply('.'));
    }
    log.commands.push(line);
    if (line === 'STARTTLS' && behaviour.identity !== undefined) {
      socket.removeAllListeners('data');
      socket.write('220 go\r\n');
      return converse(secure(socket, behaviour.identity, log.commands), { ...behaviour, implicitTls: true }, log);
    }
    const answer = reply(line);
    if (line === 'DATA' && answer.startsWith('354')) message = [];
    socket.write(answer);
    if (line === 'QUIT') socket.end();
  };
  const reply = (line: string): string => {
    const special = Object.keys(behaviour.replies ?? {}).filter((prefix) => line.startsWith(prefix));
    const longest = special.sort((a, b) => b.length - a.length)[0];
    if (longest !== undefined) return `${behaviour.replies![longest]}\r\n`;
    return usualReply(line, behaviour);
  };
  socket.on('data', (chunk) => {
    pending += chunk;
    const lines = pending.split('\r\n');
    pending = lines.pop()!;
    for (const line of lines) onLine(line);
  });
}

function usualReply(line: string, { identity, implicitTls, auth }: SmtpBehaviour): string {
  const [verb] = line.split(' ', 1);
  switch (verb) {
    case 'EHLO':
      return [
        ...(identity !== undefined && implicitTls !== true ? ['250-STARTTLS'] : []),
        ...(auth === true ? ['250-AUTH PLAIN LOGIN'] : []),
        '250 mail.example\r\n',
      ].join('\r\n');
    case 'STARTTLS':
      return '502 not here\r\n';
    case 'AUTH':
      return '235 welcome\r\n';
    case 'DATA':
      return '354 go on\r\n';
    case 'QUIT':
      return '221 bye\r\n';
    default:
      return '250 ok\r\n';
  }
}
