import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { CLOUD_EGRESS, LOCAL_EGRESS } from '#shared/adapters/node/egress-policy.ts';
import { parseMailHeaders } from '#shared/adapters/node/mail-headers.ts';
import { type MailOutbox, openMailOutbox } from '#shared/adapters/node/mail-outbox.ts';
import { createSmtpMailer } from '#shared/adapters/node/mailer-smtp.ts';
import type { Mail, SmtpServer } from '#shared/ports/mailer.ts';
import { DeliveryError } from '#shared/ports/topic.ts';
import { makeIdentity } from '../contract/certificate.ts';
import { temporaryFolder } from '../contract/harness.ts';
import { closedPort, serveTcp } from '../contract/loopback.ts';
import { serveSmtp } from './smtp-server.ts';

const MAIL: Mail = {
  messageId: 'group-1.slot-7@emberwatch.example',
  from: 'Emberwatch <alerts@emberwatch.example>',
  to: ['ann@example.org', 'bob@example.org'],
  subject: '[FIRING:1] Größe überschritten',
  text: 'It is too large.\n.\n.leading dot\n',
  html: '<b>It is too large.</b>',
  headers: { 'X-Mailer': 'Emberwatch', References: '<thread@emberwatch.example>' },
};

const CLOCK = createVirtualClock(Date.UTC(2026, 10, 22, 19, 53));

const serverAt = (port: number, more: Partial<SmtpServer> = {}): SmtpServer => {
  return { host: '127.0.0.1', port, hello: 'client.example', requireTls: false, implicitTls: false, ...more };
};

const mailerTo = (server: SmtpServer, more = {}) =>
  createSmtpMailer({ clock: CLOCK, egress: LOCAL_EGRESS, server, ...more });

async function failure(sending: Promise<void>): Promise<DeliveryError> {
  const error = await sending.then(
    () => undefined,
    (caught) => caught,
  );
  assert.ok(error instanceof DeliveryError, String(error));
  return error;
}

describe('the SMTP mailer', () => {
  it('hands the message over with its envelope and headers', async () => {
    await using server = await serveSmtp();
    await mailerTo(serverAt(server.port)).send(MAIL);
    assert.deepEqual(server.commands, [
      'EHLO client.example',
      'MAIL FROM:<alerts@emberwatch.example>',
      'RCPT TO:<ann@example.org>',
      'RCPT TO:<bob@example.org>',
      'DATA',
    ]);
    const [message] = server.messages;
    const headers = parseMailHeaders(message);
    assert.equal(headers.get('message-id'), '<group-1.slot-7@emberwatch.example>');
    assert.equal(headers.get('subject'), MAIL.subject);
    assert.equal(headers.get('to'), 'ann@example.org, bob@example.org');
    assert.equal(headers.get('x-mailer'), 'Emberwatch');
    assert.equal(headers.get('references'), '<thread@emberwatch.example>');
    assert.equal(Date.parse(headers.get('date')!), CLOCK.nowMs());
    assert.match(message, /text\/plain.*It is too large\.\r\n\.\r\n\.leading dot.*text\/html/s);
  });

  it('lets headers say something else than the envelope, and makes no second header of a line break', async () => {
    await using server = await serveSmtp();
    const headers = { To: 'Team <team@example.org>', Subject: 'other\r\nBcc: eve@example.org', 'X-A': 'a\r\nX-B: b' };
    await mailerTo(serverAt(server.port)).send({ ...MAIL, headers });
    const seen = parseMailHeaders(server.messages[0]);
    assert.equal(seen.get('to'), 'Team <team@example.org>');
    assert.ok(!seen.has('bcc') && !seen.has('x-b'));
    assert.ok(server.commands.includes('RCPT TO:<ann@example.org>'));
    assert.ok(!server.commands.some((command) => command.includes('team@') || command.includes('eve@')));
  });

  it('prefers the server that the mail names', async () => {
    await using server = await serveSmtp();
    const mailer = mailerTo(serverAt(await closedPort()));
    await mailer.send({ ...MAIL, smtp: serverAt(server.port) });
    assert.equal(server.messages.length, 1);
  });

  it('retries what is refused for now, not what is refused for good', async () => {
    const rows: { replies: Record<string, string>; retry: boolean; reason: string }[] = [
      { replies: { 'RCPT TO:<bob': '451 4.3.0 later' }, retry: true, reason: '451 4.3.0 later' },
      { replies: { 'RCPT TO:<bob': '550 5.1.1 no such user' }, retry: false, reason: '550 5.1.1 no such user' },
      { replies: { RCPT: '550 5.1.1 nobody here' }, retry: false, reason: '550 5.1.1 nobody here' },
      { replies: { 'MAIL FROM': '421 4.7.0 too busy' }, retry: true, reason: '421 4.7.0 too busy' },
      {
        replies: { 'MAIL FROM': '530 5.7.0 authenticate first' },
        retry: false,
        reason: '530 5.7.0 authenticate first',
      },
      { replies: { '.': '552 5.3.4 too large' }, retry: false, reason: '552 5.3.4 too large' },
      { replies: { '.': '452 4.2.2 mailbox full' }, retry: true, reason: '452 4.2.2 mailbox full' },
    ];
    for (const { replies, retry, reason } of rows) {
      await using server = await serveSmtp({ replies });
      const error = await failure(mailerTo(serverAt(server.port)).send(MAIL));
      assert.equal(error.message, `Cannot send mail by "127.0.0.1:${server.port}": ${reason}`);
      assert.equal(error.retry, retry, reason);
    }
  });

  it('logs in, and tells no password when that fails', async () => {
    await using server = await serveSmtp({ auth: true });
    const login = { username: 'user', password: 'hunter2' };
    await mailerTo(serverAt(server.port, login)).send(MAIL);
    assert.ok(server.commands.includes(`AUTH PLAIN ${Buffer.from('\0user\0hunter2').toString('base64')}`));
    await using strict = await serveSmtp({ auth: true, replies: { AUTH: '535 5.7.8 bad credentials' } });
    const error = await failure(mailerTo(serverAt(strict.port, login)).send(MAIL));
    assert.equal(error.retry, false);
    assert.ok(!error.message.includes('hunter2'));
  });

  it('uses TLS where it is asked for, and checks the certificate', async () => {
    const identity = makeIdentity(['mail.example']);
    const trusted = { serverName: 'mail.example', insecureSkipVerify: true };
    await using starting = await serveSmtp({ identity });
    await mailerTo(serverAt(starting.port, { requireTls: true, ...trusted })).send(MAIL);
    assert.deepEqual(starting.commands.slice(0, 4), ['EHLO client.example', 'STARTTLS', 'TLS', 'EHLO client.example']);
    assert.equal(starting.messages.length, 1);
    await using implicit = await serveSmtp({ identity, implicitTls: true });
    await mailerTo(serverAt(implicit.port, { requireTls: true, implicitTls: true, ...trusted })).send(MAIL);
    assert.equal(implicit.commands[0], 'TLS');
    assert.equal(implicit.messages.length, 1);
    const distrust = await failure(mailerTo(serverAt(starting.port, { requireTls: true })).send(MAIL));
    assert.match(distrust.message, /self-signed certificate/);
    assert.equal(starting.messages.length, 1);
    await using without = await serveSmtp();
    const refused = await failure(mailerTo(serverAt(without.port, { requireTls: true })).send(MAIL));
    assert.equal(without.messages.length, 0);
    assert.ok(!without.commands.some((command) => command.startsWith('MAIL')), refused.message);
  });

  it('does not start TLS where it is not required, as Alertmanager', async () => {
    await using server = await serveSmtp({ identity: makeIdentity(['mail.example']) });
    await mailerTo(serverAt(server.port)).send(MAIL);
    assert.ok(!server.commands.includes('STARTTLS'));
  });

  it('gives up in time, and says why it could not connect', async () => {
    await using silent = await serveTcp(() => undefined);
    const late = await failure(mailerTo(serverAt(silent.port), { timeoutMs: 80 }).send(MAIL));
    assert.equal(late.retry, true);
    const port = await closedPort();
    const refused = await failure(mailerTo(serverAt(port)).send(MAIL));
    assert.equal(
      refused.message,
      `Cannot send mail by "127.0.0.1:${port}": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
    assert.equal(refused.retry, true);
    const blocked = await failure(mailerTo(serverAt(port), { egress: CLOUD_EGRESS }).send(MAIL));
    assert.match(blocked.message, /"127\.0\.0\.1" is a loopback address, which is not allowed here$/);
    assert.equal(blocked.retry, false);
    const none = await failure(createSmtpMailer({ clock: CLOCK, egress: LOCAL_EGRESS }).send(MAIL));
    assert.equal(none.message, 'Cannot send mail: no SMTP server is configured');
  });
});

describe('the mail outbox', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let outbox: MailOutbox;
  const clock = createVirtualClock(Date.UTC(2026, 10, 22, 19, 53));
  before(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder.path, 'tmp'));
    outbox = await openMailOutbox(folder.path, { clock });
  });
  after(() => folder.remove());

  it('writes a mail once for its Message-ID', async () => {
    await outbox.send(MAIL);
    const id = 'group-1.slot-7@emberwatch.example.eml';
    const first = await outbox.read(id);
    await clock.advanceTo(clock.nowMs() + 60_000);
    await outbox.send({ ...MAIL, text: 'changed' });
    assert.equal(await outbox.read(id), first);
    assert.deepEqual(await outbox.list(), [
      {
        id,
        messageId: MAIL.messageId,
        from: 'Emberwatch <alerts@emberwatch.example>',
        to: 'ann@example.org, bob@example.org',
        subject: MAIL.subject,
        dateMs: Date.UTC(2026, 10, 22, 19, 53),
        sizeBytes: Buffer.byteLength(first!),
      },
    ]);
    assert.deepEqual(await readdir(join(folder.path, 'tmp')), []);
  });

  it('lists the newest first, and finds names for all Message-IDs', async () => {
    const ids = [
      '../../etc/passwd',
      '.hidden',
      'a/b\\c:d@x',
      `${'long'.repeat(100)}@x`,
      `${'long'.repeat(100)}@y`,
      'CON@x',
      'ä@x',
    ];
    for (const messageId of ids) {
      await clock.advanceTo(clock.nowMs() + 1000);
      await outbox.send({ ...MAIL, messageId });
    }
    const listed = await outbox.list();
    assert.equal(listed.length, ids.length + 1);
    assert.equal(listed.at(-1)?.messageId, MAIL.messageId);
    for (const { id } of listed) assert.match((await outbox.read(id))!, /It is too large/);
    assert.deepEqual((await readdir(join(folder.path, 'outbox'))).length, listed.length);
  });

  it('of sends that race one is written', async () => {
    await Promise.all(Array.from({ length: 5 }, () => outbox.send({ ...MAIL, messageId: 'race@x' })));
    assert.equal((await outbox.list()).filter(({ id }) => id === 'race@x.eml').length, 1);
  });

  it('reads nothing but its own files', async () => {
    for (const name of ['none.eml', '../emberwatch.json', '..', '', 'a/b.eml', '../outbox/race@x.eml']) {
      assert.equal(await outbox.read(name), undefined, name);
    }
  });

  it('refuses a mail to nobody', async () => {
    const error = await failure(outbox.send({ ...MAIL, messageId: 'nobody@x', to: [] }));
    assert.equal(error.retry, false);
  });
});

describe('parseMailHeaders()', () => {
  it('unfolds lines and decodes words', () => {
    const rows = [
      { line: 'Subject: plain', expected: 'plain' },
      { line: 'Subject: folded\r\n over\r\n\tlines', expected: 'folded over lines' },
      { line: 'Subject: =?UTF-8?Q?Gr=C3=B6=C3=9Fe_1?=', expected: 'Größe 1' },
      { line: 'Subject: =?UTF-8?B?R3LDtsOfZQ==?= and =?utf-8?q?more?=', expected: 'Größe and more' },
      { line: 'Subject: =?UTF-8?Q?Gr=C3?=\r\n =?UTF-8?Q?=B6=C3=9Fe?=', expected: 'Größe' },
      { line: 'Subject: first\r\nSubject: second', expected: 'first' },
      { line: 'subject:', expected: '' },
    ];
    for (const { line, expected } of rows)
      assert.equal(parseMailHeaders(`${line}\r\n\r\nbody`).get('subject'), expected, line);
  });
});
