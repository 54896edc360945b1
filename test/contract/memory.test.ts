import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryCompression } from '#shared/adapters/memory/compression.ts';
import { createMemoryFiles } from '#shared/adapters/memory/files.ts';
import { createMemoryObjectStore } from '#shared/adapters/memory/object-store.ts';
import { createMemoryQueue, type MemoryQueue } from '#shared/adapters/memory/queue.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { createMemoryRecordStore } from '#shared/adapters/memory/record-store.ts';
import { createMemorySecrets } from '#shared/adapters/memory/secrets.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Open } from './harness.ts';
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

describeObjectStore('memory', inMemory(createMemoryObjectStore));
describeRecordStore(
  'memory',
  inMemory((clock) => createMemoryRecordStore({ clock })),
);
describeLease(
  'memory',
  inMemory((clock) => createMemoryRecordStore({ clock })),
);
describeQueue(
  'memory',
  inMemory((clock) => ({
    make: async () => createMemoryQueue({ clock, settings: CONTRACT_QUEUE_SETTINGS }),
    deadLetters: async (queue) => (queue as MemoryQueue).deadLetters(),
  })),
);
describeClock(
  'memory',
  inMemory((clock) => clock),
);
describeRandom(
  'memory',
  inMemory(() => createSeededRandom(1)),
);
describeCompression('memory', inMemory(createMemoryCompression));
describeFiles(
  'memory',
  inMemory(() => createMemoryFiles(CONTRACT_FILES)),
);
describeSecrets(
  'memory',
  { present: 'env:KEY', empty: 'env:EMPTY', absent: 'env:NONE' },
  inMemory(() => createMemorySecrets({ 'env:KEY': 's3cret', 'env:EMPTY': '' })),
);

function inMemory<T>(make: (clock: Clock) => T): Open<T> {
  return async () => {
    const clock = createVirtualClock(1_800_000_000_123);
    return {
      port: make(clock),
      nowMs: () => clock.nowMs(),
      passTime: (ms) => clock.advanceTo(clock.nowMs() + ms),
      close: async () => undefined,
    };
  };
}
