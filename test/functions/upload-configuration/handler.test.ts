import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { substitute, uploadConfiguration } from '#functions/upload-configuration/handler.ts';
import { createMemoryObjectStore } from '#shared/adapters/memory/object-store.ts';

const PROPERTIES = { prefix: 'config/1/', substitutions: { TOPIC: 'arn:$&:1' } };

function eventOf(RequestType: string): CloudFormationCustomResourceEvent {
  return { RequestType, ResourceProperties: PROPERTIES } as unknown as CloudFormationCustomResourceEvent;
}

test('uploadConfiguration() writes the files under the prefix, with what is known at deployment', async () => {
  const objects = createMemoryObjectStore();
  const files = { 'a.yml': `topic: \${TOPIC} \${OTHER}`, 'rules/b.yml': 'groups: []' };
  for (const type of ['Create', 'Update']) {
    const result = await uploadConfiguration(eventOf(type), { objects, files });
    assert.deepEqual(result, { Status: 'SUCCESS', PhysicalResourceId: 'config/1/' });
  }
  const text = async (key: string) => new TextDecoder().decode((await objects.get(key))?.body);
  assert.equal(await text('config/1/a.yml'), `topic: arn:$&:1 \${OTHER}`);
  assert.equal(await text('config/1/rules/b.yml'), 'groups: []');
  assert.equal((await uploadConfiguration(eventOf('Delete'), { objects, files: {} })).Status, 'SUCCESS');
  assert.equal(await text('config/1/rules/b.yml'), 'groups: []');
});

test('uploadConfiguration() tells CloudFormation why it failed', async () => {
  const objects = {
    ...createMemoryObjectStore(),
    put: () => Promise.reject(new Error('no access')),
  };
  const result = await uploadConfiguration(eventOf('Create'), { objects, files: { a: 'b' } });
  assert.deepEqual(result, {
    Status: 'FAILED',
    Reason: 'Cannot upload configuration: no access',
    PhysicalResourceId: 'config/1/',
  });
});

test('substitute() replaces every occurrence and nothing else', () => {
  assert.equal(substitute(`\${A}\${A} $A \${B}`, { A: '1' }), `11 $A \${B}`);
});
