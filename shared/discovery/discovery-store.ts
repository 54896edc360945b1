import type { Clock } from '#shared/ports/clock.ts';
import { prepareDocument, readDocument } from '#shared/ports/document.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Random } from '#shared/ports/random.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import type { Discovery } from './discover.ts';

const KEY = { partition: 'discovery', sort: 'last' };

export interface DiscoveryStorePorts {
  readonly records: RecordStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** What the last discovery found; `undefined` before the first. */
export async function readDiscovery(ports: DiscoveryStorePorts): Promise<Discovery | undefined> {
  return (await readDocument<Discovery>(ports, KEY))?.value;
}

/** Keeps what a discovery found. Of two at the same time either may win: both are as new. */
export async function writeDiscovery(ports: DiscoveryStorePorts, discovery: Discovery): Promise<void> {
  const before = await readDocument<Discovery>(ports, KEY);
  if (before !== undefined && JSON.stringify(before.value) === JSON.stringify(discovery)) return;
  const next = { value: discovery, version: before?.version };
  await ports.records.write(await prepareDocument(ports, KEY, next));
}
