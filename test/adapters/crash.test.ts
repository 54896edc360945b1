import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type NodePorts, openNodePorts } from '#shared/adapters/node/node-ports.ts';
import { queryAll } from '#shared/ports/record-store.ts';
import { temporaryFolder, textOf } from '../contract/harness.ts';

const WRITER = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

it('what was acknowledged survives kill -9, and no object is torn', async () => {
  const folder = await temporaryFolder();
  for (const afterLines of [1, 40, 150]) {
    const dataDir = join(folder.path, `killed-after-${afterLines}`);
    const acknowledged = await writeUntilKilled(dataDir, afterLines);
    const ports = await openNodePorts({ dataDir });
    try {
      assert.ok(acknowledged.length >= afterLines);
      await checkObjects(ports, acknowledged);
      await checkRecords(ports, acknowledged);
      await checkMessages(ports, acknowledged);
      assert.deepEqual(await readdir(join(dataDir, 'tmp')), []);
    } finally {
      await ports.close();
    }
  }
  await folder.remove();
});

/** @returns The lines that the writer said before it was killed, each of one acknowledged write. */
async function writeUntilKilled(dataDir: string, afterLines: number): Promise<string[]> {
  const writer = spawn(process.execPath, [WRITER, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: writer.stdout })) {
    lines.push(line);
    if (lines.length === afterLines) writer.kill('SIGKILL');
  }
  return lines;
}

async function checkObjects(ports: NodePorts, acknowledged: readonly string[]): Promise<void> {
  let lastReplacement = -1;
  for (const line of acknowledged) {
    const [kind, key, n] = line.split(' ');
    if (kind !== 'object') continue;
    if (key === 'replaced') lastReplacement = Number(n);
    else assert.equal(textOf((await ports.objects.get(key))?.body), `${n} `.repeat(20_000), key);
  }
  const { objects } = await ports.objects.list('');
  for (const { key } of objects) {
    const body = textOf((await ports.objects.get(key))?.body)!;
    const [n] = body.split(' ', 1);
    assert.equal(body, `${n} `.repeat(20_000), `${key} is torn`);
    if (key === 'replaced') assert.ok(Number(n) >= lastReplacement);
  }
}

async function checkRecords(ports: NodePorts, acknowledged: readonly string[]): Promise<void> {
  const expected = acknowledged.filter((line) => line.startsWith('record ')).length;
  const effects = await queryAll(ports.records, { partition: 'effects' });
  assert.ok(effects.length >= expected);
  const counter = await ports.records.get('state', 'counter');
  if (effects.length > 0) assert.equal(counter?.data.n, effects.length - 1, 'a transaction was done by half');
}

async function checkMessages(ports: NodePorts, acknowledged: readonly string[]): Promise<void> {
  const bodies = new Set<string>();
  for (;;) {
    const batch = await ports.queue('work').receive(10);
    if (batch.length === 0) break;
    for (const { body } of batch) bodies.add(body);
  }
  for (const line of acknowledged) if (line.startsWith('message ')) assert.ok(bodies.has(line), line);
}
