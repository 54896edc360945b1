import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EmailConfig } from '#shared/alerting/config.ts';
import { notifyEmail } from '#shared/alerting/receivers/email.ts';
import { bareAddress, parseAddressList } from '#shared/alerting/receivers/mail-address.ts';
import { SecretText } from '#shared/config/http-config.ts';
import { DeliveryError } from '#shared/ports/topic.ts';
import { createReceiverWorld, notification } from './receiver-world.ts';

function config(overrides: Partial<EmailConfig> = {}): EmailConfig {
  return {
    kind: 'email',
    sendResolved: false,
    to: 'a@x.test, "B, C" <b@x.test>',
    from: 'ew@x.test',
    hello: 'ew.test',
    requireTls: true,
    forceImplicitTls: false,
    insecureSkipVerify: false,
    headers: { Subject: 'S {{ status }}\nInjected: x' },
    html: '{{ count }}',
    text: '',
    ...overrides,
  };
}

test('notifyEmail() sends one mail with a stable id', async () => {
  const { context, ports } = createReceiverWorld();
  assert.deepEqual(await notifyEmail(config(), notification(), context), { ok: true });
  assert.deepEqual(ports.mailer.sent, [
    {
      messageId: '0123456789abcdef0123456789abcdef@emberwatch',
      from: 'ew@x.test',
      to: ['a@x.test', '"B, C" <b@x.test>'],
      subject: 'S firing Injected: x',
      html: '<p>2</p>',
    },
  ]);
});

test('notifyEmail() names the server and reads its password', async () => {
  const { context, ports } = createReceiverWorld({ files: { pass: 'pw\n' } });
  const smtp = { smarthost: { host: 'mx.test', port: 465 }, authUsername: 'me' };
  await notifyEmail(config({ ...smtp, authPasswordFile: 'pass' }), notification(), context);
  await notifyEmail(config({ ...smtp, authPassword: new SecretText('direct') }), notification(), context);
  const common = { host: 'mx.test', port: 465, hello: 'ew.test', requireTls: true, implicitTls: true };
  const expected = { ...common, insecureSkipVerify: false, username: 'me' };
  assert.deepEqual(
    ports.mailer.sent.map((mail) => mail.smtp),
    [
      { ...expected, password: 'pw' },
      { ...expected, password: 'direct' },
    ],
  );
});

test('notifyEmail() replaces failing templates by plain text', async () => {
  const { context, ports } = createReceiverWorld();
  const failing = config({
    headers: { Subject: '{{ bad }}', 'X-Team': 't\r\nBcc: {{ receiver }}' },
    html: '{{ bad }}',
  });
  const fallback = 'template: :1: function "bad" not defined';
  assert.deepEqual(await notifyEmail(failing, notification(), context), { ok: true, fallback });
  const [{ headers, html, subject, text }] = ports.mailer.sent;
  assert.deepEqual(
    [subject, html, headers],
    ['[FIRING:1] Down (severity="critical")', undefined, { 'X-Team': 't Bcc: team\\.x' }],
  );
  assert.match(text!, /^\[FIRING:1\] Down[\s\S]*summary: it is <down>/);
});

test('notifyEmail() says what is wrong', async () => {
  const refuse = () => {
    throw new DeliveryError('451 try later', { retry: true });
  };
  const { context } = createReceiverWorld({ mailServer: refuse });
  const cases = [
    { config: {}, expected: { retry: true, reason: '451 try later' } },
    {
      config: { to: '{{ bad }}' },
      expected: { retry: false, reason: `execute 'to' template: template: :1: function "bad" not defined` },
    },
    {
      config: { to: 'nobody' },
      expected: { retry: false, reason: `parse 'to' addresses: mail: no mailbox in "nobody"` },
    },
    { config: { from: '' }, expected: { retry: false, reason: `parse 'from' addresses: mail: no address` } },
    { config: { from: 'a@b, c@d' }, expected: { retry: false, reason: `must be exactly one 'from' address (got: 2)` } },
    {
      config: { smarthost: { host: 'm', port: 25 }, authPasswordFile: 'gone' },
      expected: { retry: false, reason: 'read auth_password_file: open gone: no such file or directory' },
    },
  ];
  for (const { config: overrides, expected } of cases) {
    assert.deepEqual(await notifyEmail(config(overrides), notification(), context), { ok: false, ...expected });
  }
});

test('parseAddressList() splits at the commas that count', () => {
  const cases = [
    { input: 'a@b', expected: ['a@b'] },
    { input: ' a@b ,, <c@d> ', expected: ['a@b', '<c@d>'] },
    { input: '"x, \\" y" <a@b>, Z <c@d>', expected: ['"x, \\" y" <a@b>', 'Z <c@d>'] },
  ];
  for (const { input, expected } of cases) assert.deepEqual(parseAddressList(input), expected);
  assert.equal(bareAddress('Z <c@d>'), 'c@d');
  for (const input of ['', 'a', 'a@', '@b', 'a b@c', 'a@b c@d', 'x <a>', 'a@b\r\nBcc: c@d']) {
    assert.throws(() => parseAddressList(input), SyntaxError, input);
  }
});

test('parseAddressList() throws nothing but SyntaxError', () => {
  const text = fc.stringMatching(/^[a@<>", \\;:\r\n.]{0,30}$/);
  fc.assert(
    fc.property(text, (input) => {
      try {
        for (const address of parseAddressList(input))
          assert.match(bareAddress(address), /^[^\s<>,;@"()]+@[^\s<>,;@"()]+$/);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});
