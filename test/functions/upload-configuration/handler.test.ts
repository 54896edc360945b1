import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { uploadConfiguration } from '#functions/upload-configuration/handler.ts';
import { substitute } from '#functions/upload-configuration/substitute.ts';
import { createMemoryObjectStore } from '#shared/adapters/memory/object-store.ts';

const UPLOAD = { action: 'upload', prefix: 'config/1/', substitutions: { TOPIC: 'arn:$&:1' } };
const FILES = { 'a.yml': `topic: \${TOPIC} \${OTHER}`, 'rules/b.yml': 'groups: []' };

function eventOf(RequestType: string, ResourceProperties: object = UPLOAD): CloudFormationCustomResourceEvent {
  return { RequestType, ResourceProperties } as unknown as CloudFormationCustomResourceEvent;
}

const noExpiry = () => Promise.reject(new Error('nothing is to go'));

test('uploadConfiguration() writes the files under the prefix, with what is known at deployment', async () => {
  const objects = createMemoryObjectStore();
  for (const type of ['Create', 'Update', 'Delete']) {
    const result = await uploadConfiguration(eventOf(type), { objects, files: FILES, expire: noExpiry });
    assert.deepEqual(result, { Status: 'SUCCESS', PhysicalResourceId: 'upload config/1/' });
    const text = async (key: string) => new TextDecoder().decode((await objects.get(key))?.body);
    assert.equal(await text('config/1/a.yml'), `topic: arn:$&:1 \${OTHER}`);
    assert.equal(await text('config/1/rules/b.yml'), 'groups: []');
  }
});

test('uploadConfiguration() lets the configurations of before go, and nothing else', async () => {
  const objects = createMemoryObjectStore();
  const others = Array.from({ length: 1200 }, (_, i) => `config/0/rules/${i}.yml`);
  const kept = ['config/1/a.yml', 'config/1/rules/b.yml', 'windows/a'];
  for (const key of ['config/10/a.yml', ...others, ...kept]) await objects.put(key, new Uint8Array(1));
  const expired: string[] = [];
  const expire = async (key: string) => expired.push(key) > 0;
  const keepOnly = { action: 'keep-only', prefix: 'config/1/' };
  const ports = { objects, files: {}, expire };
  for (const type of ['Create', 'Update']) {
    expired.length = 0;
    const result = await uploadConfiguration(eventOf(type, keepOnly), ports);
    assert.deepEqual(result, { Status: 'SUCCESS', PhysicalResourceId: 'keep-only config/1/' });
    assert.deepEqual(expired.sort(), [...others, 'config/10/a.yml'].sort());
  }
  expired.length = 0;
  assert.equal((await uploadConfiguration(eventOf('Delete', keepOnly), ports)).Status, 'SUCCESS');
  assert.deepEqual(expired, []);
});

test('uploadConfiguration() tells CloudFormation why it failed', async () => {
  const objects = {
    ...createMemoryObjectStore(),
    put: () => Promise.reject(new Error('no access')),
  };
  const result = await uploadConfiguration(eventOf('Create'), { objects, files: { a: 'b' }, expire: noExpiry });
  assert.deepEqual(result, {
    Status: 'FAILED',
    Reason: 'Cannot upload configuration: no access',
    PhysicalResourceId: 'upload config/1/',
  });
});

test('substitute() replaces every occurrence and nothing else', () => {
  assert.equal(substitute(`\${A}\${A} $A \${B}`, { A: '1' }), `11 $A \${B}`);
});
