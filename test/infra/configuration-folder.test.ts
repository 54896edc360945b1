import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { PLACEHOLDERS, readConfigurationFolder } from '../../infra/configuration-folder.ts';

const PROMETHEUS = `
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: api
    authorization:
      credentials_ref: secretsmanager:\${API_TOKEN_SECRET_ARN}
  - job_name: other
    basic_auth:
      username: me
      password_file: secrets/password
`;
const ALERTMANAGER = `
route:
  receiver: team
receivers:
  - name: team
    sns_configs:
      - topic_arn: \${ALERT_TOPIC_ARN}
        sigv4: {}
      - topic_arn: arn:aws:sns:eu-west-1:123456789012:other
        sigv4: {}
      - topic_arn: 'arn:aws:sns:eu-west-1:123456789012:{{ .GroupLabels.team }}'
        sigv4: {}
`;
const FILES = { 'prometheus.yml': PROMETHEUS, 'alertmanager.yml': ALERTMANAGER, 'rules/a.yml': 'groups: []\n' };

async function read(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'emberwatch-config-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return await readConfigurationFolder('.', folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the files are read as they are, and what they need access to is found', async () => {
  const found = await read(FILES);
  assert.deepEqual(found.files, FILES);
  assert.deepEqual(found.topicArns, [PLACEHOLDERS.ALERT_TOPIC_ARN, 'arn:aws:sns:eu-west-1:123456789012:other']);
  assert.deepEqual(found.secretReferences, {
    scrape: [`secretsmanager:${PLACEHOLDERS.API_TOKEN_SECRET_ARN}`],
    notify: [],
  });
  assert.match(found.warnings.join('\n'), /\{\{ \.GroupLabels\.team \}\} is a template: allow function notify/);
});

test('the prefix changes with the content and nothing else', async () => {
  const { prefix } = await read(FILES);
  assert.equal((await read(FILES)).prefix, prefix);
  assert.notEqual((await read({ ...FILES, 'rules/a.yml': 'groups: [ ]\n' })).prefix, prefix);
});

test('what cannot be deployed is refused with its place', async () => {
  const cases: readonly { input: Record<string, string>; expected: RegExp }[] = [
    { input: { ...FILES, 'rules/a.yml': 'groups:\n  - name: 5s\n    rule: []\n' }, expected: /rules\/a\.yml:3:5: / },
    { input: { 'alertmanager.yml': ALERTMANAGER }, expected: /open prometheus\.yml: no such file/ },
    { input: { 'prometheus.yml': PROMETHEUS }, expected: /open alertmanager\.yml: no such file/ },
    { input: { ...FILES, 'a b.yml': '' }, expected: /Cannot upload ".*a b\.yml": its path has characters beside/ },
  ];
  for (const { input, expected } of cases) await assert.rejects(read(input), expected);
});
