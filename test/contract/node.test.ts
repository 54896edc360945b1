import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createVirtualClock, type VirtualClock } from '#shared/adapters/memory/clock.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { LOCAL_EGRESS } from '#shared/adapters/node/egress-policy.ts';
import { createNodeHttpClient } from '#shared/adapters/node/http-client.ts';
import { type NodePorts, openNodePorts } from '#shared/adapters/node/node-ports.ts';
import type { SqliteQueue } from '#shared/adapters/node/queue.ts';
import { type Open, temporaryFolder, uniqueName } from './harness.ts';
import { describeHttpClient } from './http-client.ts';
import { describeLease } from './lease.ts';
import { describeObjectStore } from './object-store.ts';
import { CONTRACT_QUEUE_SETTINGS, describeQueue } from './queue.ts';
import { describeRecordStore } from './record-store.ts';
import {
  CONTRACT_FILES,
  describeClock,
  describeCompression,
  describeFiles,
  describeRandom,
  describeSecrets,
} from './small-ports.ts';

describeObjectStore(
  'node',
  onDisk(({ objects }) => objects),
);
describeRecordStore(
  'node',
  onDisk(({ records }) => records),
);
describeLease(
  'node',
  onDisk(({ records }) => records),
);
describeQueue(
  'node',
  onDisk((ports) => ({
    make: async () => ports.queue(QUEUE_NAMES.shift()!),
    deadLetters: async (queue) => (queue as SqliteQueue).deadLetters(),
  })),
);
describeClock('node', async () => {
  const clock = createSystemClock();
  return {
    port: clock,
    nowMs: () => clock.nowMs(),
    passTime: (ms) => clock.sleep(ms),
    close: async () => undefined,
  };
});
describeRandom(
  'node',
  onDisk(({ random }) => random),
);
describeCompression(
  'node',
  onDisk(({ compression }) => compression),
);
describeFiles(
  'node',
  onDisk(({ files }) => files),
);
describeSecrets(
  'node',
  { present: 'env:KEY', empty: 'env:EMPTY', absent: 'env:NONE' },
  onDisk(({ secrets }) => secrets),
);
describeSecrets(
  'node',
  { present: 'file:key', empty: 'file:empty', absent: 'file:none' },
  onDisk(({ secrets }) => secrets),
);
describeHttpClient('node', () => createNodeHttpClient({ egress: LOCAL_EGRESS }));

const QUEUE_NAMES = Array.from({ length: 20 }, () => uniqueName('queue'));

function onDisk<T>(pick: (ports: NodePorts) => T): Open<T> {
  return async () => {
    const folder = await temporaryFolder();
    const clock = createVirtualClock(1_800_000_000_123);
    const ports = await openPorts(folder.path, clock);
    return {
      port: pick(ports),
      nowMs: () => clock.nowMs(),
      passTime: (ms) => clock.advanceTo(clock.nowMs() + ms),
      async close() {
        await ports.close();
        await folder.remove();
      },
    };
  };
}

async function openPorts(folder: string, clock: VirtualClock): Promise<NodePorts> {
  const files = { ...CONTRACT_FILES, key: ' s3cret\n', empty: '\n' };
  const baseFolder = join(folder, 'configuration');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(baseFolder, path)), { recursive: true });
    await writeFile(join(baseFolder, path), text);
  }
  return openNodePorts({
    dataDir: join(folder, 'data'),
    baseFolder,
    environment: { KEY: 's3cret', EMPTY: '' },
    queues: Object.fromEntries(QUEUE_NAMES.map((name) => [name, CONTRACT_QUEUE_SETTINGS])),
    clock,
  });
}
