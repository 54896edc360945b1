import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackConfig } from '#shared/alerting/config.ts';
import { notifySlack } from '#shared/alerting/receivers/slack.ts';
import { SecretText } from '#shared/config/http-config.ts';
import { createReceiverWorld, notification } from './receiver-world.ts';

const URL = 'https://hooks.slack.test/services/T/B/x';

function config(overrides: Partial<SlackConfig> = {}): SlackConfig {
  const texts = { username: '', color: '', title: '', titleLink: '', pretext: '', text: '', footer: '', fallback: '' };
  const more = {
    callbackId: '',
    iconEmoji: '',
    iconUrl: '',
    imageUrl: '',
    thumbUrl: '',
    linkNames: false,
    mrkdwnIn: [],
  };
  return {
    kind: 'slack',
    sendResolved: false,
    apiUrl: new SecretText(URL),
    http: { followRedirects: true },
    channel: '#{{ receiver }}',
    ...texts,
    fields: [],
    shortFields: false,
    ...more,
    actions: [],
    timeoutMs: 0,
    ...overrides,
  };
}

test('notifySlack() posts one attachment', async () => {
  const { context, ports } = createReceiverWorld({ routes: { [URL]: () => ({ body: 'ok' }) } });
  const full = config({
    username: 'ew',
    color: 'danger',
    title: `{{ status }} ${'x'.repeat(1100)}`,
    text: '<{{ count }}>',
    fields: [
      { title: 'a', value: '{{ status }}' },
      { title: 'b', value: '', short: false },
    ],
    shortFields: true,
    linkNames: true,
    actions: [{ type: 'button', text: 'Go', url: 'http://x', style: '', name: '', value: '' }],
  });
  assert.deepEqual(await notifySlack(full, notification(), context), { ok: true });
  assert.equal(
    ports.http.requests[0].body,
    `{"channel":"#team\\\\.x","username":"ew","link_names":true,"attachments":[{"title":"firing ${'x'.repeat(1016)}…",` +
      '"text":"\\u003c2\\u003e","fallback":"","callback_id":"",' +
      '"fields":[{"title":"a","value":"firing","short":true},{"title":"b","short":false}],' +
      '"actions":[{"type":"button","text":"Go","url":"http://x"}],"footer":"","color":"danger",' +
      '"mrkdwn_in":["fallback","pretext","text"]}]}\n',
  );
});

test('notifySlack() judges the answer by its body as well', async () => {
  const json = { 'content-type': 'application/json; charset=utf-8' };
  const failure = (reason: string, retry = false) => ({ ok: false, retry, reason: `channel "#team\\\\.x": ${reason}` });
  const cases = [
    { answer: { body: 'ok' }, expected: { ok: true } },
    { answer: { body: '{"ok":true}', headers: json }, expected: { ok: true } },
    { answer: { body: 'no_team' }, expected: failure('received an error response from Slack: no_team') },
    {
      answer: { body: '{"ok":false,"error":"channel_not_found"}', headers: json },
      expected: failure('error response from Slack: channel_not_found'),
    },
    { answer: { body: '{', headers: json }, expected: failure('could not unmarshal JSON response "{"', true) },
    { answer: { status: 500, body: 'x' }, expected: failure('unexpected status code 500: x', true) },
    { answer: { status: 403, body: 'x' }, expected: failure('unexpected status code 403: x') },
  ];
  for (const { answer, expected } of cases) {
    const { context } = createReceiverWorld({ routes: { [URL]: () => answer } });
    assert.deepEqual(await notifySlack(config(), notification(), context), expected);
  }
});

test('notifySlack() sends plain text where a template fails', async () => {
  const { context, ports } = createReceiverWorld({ routes: { [URL]: () => ({ body: 'ok' }) } });
  const result = await notifySlack(config({ title: '{{ bad }}', text: '{{ bad }}' }), notification(), context);
  assert.deepEqual(result, { ok: true, fallback: 'template: :1: function "bad" not defined' });
  const { attachments } = JSON.parse(String(ports.http.requests[0].body));
  assert.equal(attachments[0].title, '[FIRING:1] Down (severity="critical")');
  assert.match(
    attachments[0].text,
    /Firing\n {2}alertname: Down\n {2}instance: a\n[\s\S]*Resolved\n[\s\S]*http:\/\/ew\.test$/,
  );
});
