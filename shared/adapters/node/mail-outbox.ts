import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Clock } from '#shared/ports/clock.ts';
import type { Mail, Mailer } from '#shared/ports/mailer.ts';
import { DeliveryError } from '#shared/ports/topic.ts';
import { errorCode, makeFolder, moveIfAbsent, writeSynced } from './durable-file.ts';
import { parseMailHeaders } from './mail-headers.ts';
import { toMessage } from './mail-message.ts';
import { explainFullDisk } from './storage-error.ts';

/** A mailer that writes mails into a folder, for where no server is configured. */
export interface MailOutbox extends Mailer {
  /** The mails of the folder, the newest first. */
  list(): Promise<readonly OutboxMail[]>;
  /** A mail as it would have been sent (RFC 5322). @returns `undefined` when there is none. */
  read(id: string): Promise<string | undefined>;
}

/** What the headers of a mail in the folder say. */
export interface OutboxMail {
  /** The name of its file, made of its Message-ID. */
  readonly id: string;
  readonly messageId: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Unix milliseconds. */
  readonly dateMs: number;
  readonly sizeBytes: number;
}

/** Opens `<directory>/outbox`. A mail is written once for its Message-ID; sending it again changes nothing. */
export async function openMailOutbox(directory: string, options: { readonly clock: Clock }): Promise<MailOutbox> {
  const folder = join(directory, 'outbox');
  await makeFolder(folder);
  const list = () => listMails(folder);
  return {
    list,
    read: (id) => readMail(folder, id),
    async send(mail) {
      const body = await compose(mail, options.clock.nowMs());
      await explainFullDisk(directory, async () => {
        const temporary = join(directory, 'tmp', randomUUID());
        await writeSynced(temporary, body);
        await moveIfAbsent(temporary, join(folder, fileName(mail.messageId)));
      });
    },
  };
}

async function listMails(folder: string): Promise<readonly OutboxMail[]> {
  const ids = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
  const mails = await Promise.all(ids.map((id) => describe(folder, id)));
  return mails.sort((a, b) => b.dateMs - a.dateMs || (a.id < b.id ? -1 : 1));
}

async function compose(mail: Mail, dateMs: number): Promise<Uint8Array> {
  if (mail.to.length === 0) throw new DeliveryError('Cannot send mail: it has no recipient', { retry: false });
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail(toMessage(mail, dateMs));
  return message as Uint8Array;
}

const MAX_NAME_LENGTH = 200;

/** A name that no file system objects to; one too long is told apart by its hash. */
function fileName(messageId: string): string {
  const safe = messageId.replaceAll(/[^A-Za-z0-9._@-]|^\./g, (char) => `%${char.codePointAt(0)!.toString(16)}`);
  if (safe.length <= MAX_NAME_LENGTH) return `${safe}.eml`;
  return `${safe.slice(0, MAX_NAME_LENGTH - 64)}${createHash('sha256').update(messageId).digest('hex')}.eml`;
}

async function describe(folder: string, id: string): Promise<OutboxMail> {
  const path = join(folder, id);
  const headers = parseMailHeaders(await readFile(path, 'utf8'));
  const header = (of: string) => headers.get(of) ?? '';
  return {
    id,
    messageId: header('message-id').replace(/^<(.*)>$/, '$1'),
    from: header('from'),
    to: header('to'),
    subject: header('subject'),
    dateMs: Date.parse(header('date')) || 0,
    sizeBytes: (await stat(path)).size,
  };
}

async function readMail(folder: string, id: string): Promise<string | undefined> {
  if (!/^[A-Za-z0-9%@_-][A-Za-z0-9%@._-]*\.eml$/.test(id)) return undefined;
  try {
    return await readFile(join(folder, id), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
