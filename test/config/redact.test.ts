import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAlertmanagerConfig } from '#shared/config/load-alertmanager.ts';
import { redactConfig } from '#shared/config/redact.ts';

test('redactConfig() masks secrets and keeps the rest', () => {
  const table = [
    { input: '', expected: '' },
    { input: 'a: 1 # note\n\n# password: old\nb: [x, "y"]\n', expected: 'a: 1\nb: [x, "y"]\n' },
    {
      input: 'basic_auth: {username: u, password: "p"}\n',
      expected: 'basic_auth: {username: u, password: <secret>}\n',
    },
    { input: 'password: |\n  a\n  b\nc: |\n  d\n', expected: 'password: <secret>\nc: |\n  d\n' },
    { input: 'password_file: p\npassword: ""\n', expected: 'password_file: p\npassword: ""\n' },
    {
      input: 'key: k\ntls_config: {key: PEM, key_file: f}\n',
      expected: 'key: k\ntls_config: {key: <secret>, key_file: f}\n',
    },
    {
      input: 'http_headers:\n  X-A:\n    values: [v]\n    secrets: [s, t]\n',
      expected: 'http_headers:\n  X-A:\n    values: [v]\n    secrets: [<secret>, <secret>]\n',
    },
    {
      input: 'url: http://h\nwebhook_configs:\n  - url: http://s/t\n',
      expected: 'url: http://h\nwebhook_configs:\n  - url: <secret>\n',
    },
    { input: 'proxy_url: http://u:pw@h:1/x\n', expected: 'proxy_url: http://u:xxxxx@h:1/x\n' },
    { input: 'username: &u same\npassword: *u\n', expected: 'username: &u <secret>\npassword: *u\n' },
    { input: 'password: !!binary cHc=\n', expected: 'password: <secret>\n' },
    { input: '# head\n---\na: 1\n---\npassword: p\n', expected: 'a: 1\n' },
  ];
  for (const { input, expected } of table) assert.equal(redactConfig(input), expected, input);
});

test('redactConfig() gives a configuration that loads', () => {
  const text = `
global: {slack_api_url: http://s3cret/, smtp_from: a, smtp_auth_password: s3cret}
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{channel: c}]
    webhook_configs: [{url: http://s3cret/}]
    pagerduty_configs: [{routing_key: s3cret}]
`;
  const masked = redactConfig(text);
  assert.ok(!masked.includes('s3cret'));
  assert.equal(loadAlertmanagerConfig('am.yml', masked).receivers[0].integrations.length, 3);
});
