import type { Clock } from '#shared/ports/clock.ts';
import { jsonOf, prepareDocument } from '#shared/ports/document.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Random } from '#shared/ports/random.ts';
import type { RecordStore, RecordWrite } from '#shared/ports/record-store.ts';
import type { PostedAlert } from './alert.ts';

/** Alerts on their way from rules and the API to the alerting side: written in the transaction that decided on them,
 *  deleted in the one that took them in. */
export interface OutboxEntry {
  readonly sort: string;
  readonly version: number;
  readonly alerts: readonly PostedAlert[];
}

const PARTITION = 'outbox';

interface OutboxPorts {
  readonly records: RecordStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** @param name Unique and in the order in which entries are to be taken in: `<slot>#<stream>`. */
export function prepareOutbox(ports: OutboxPorts, name: string, alerts: readonly PostedAlert[]): Promise<RecordWrite> {
  const key = { partition: PARTITION, sort: name };
  return prepareDocument(ports, key, { value: alerts, version: undefined });
}

/** The oldest entries, at most `limit`. */
export async function readOutbox(ports: OutboxPorts, limit: number): Promise<readonly OutboxEntry[]> {
  const { records } = await ports.records.query({ partition: PARTITION, limit });
  return Promise.all(
    records.map(async ({ sort, version, data }) => {
      return { sort, version, alerts: JSON.parse(await jsonOf(ports, data)) as PostedAlert[] };
    }),
  );
}

/** The write that takes an entry out. */
export function takeOut(entry: OutboxEntry): RecordWrite {
  const condition = { kind: 'version', version: entry.version } as const;
  return { kind: 'delete', partition: PARTITION, sort: entry.sort, condition };
}
