import type { Clock } from '#shared/ports/clock.ts';
import { prepareDocument, readDocument, type VersionedDocument } from '#shared/ports/document.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Random } from '#shared/ports/random.ts';
import type { RecordStore, RecordWrite, StoredRecord } from '#shared/ports/record-store.ts';
import type { NotificationOutcome } from './notification.ts';
import { type AlertingState, EMPTY_ALERTING_STATE } from './state.ts';

export interface AlertingStorePorts {
  readonly records: RecordStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** The alerting side's whole memory: one document, replaced by compare-and-set. */
export interface StoredAlerting {
  readonly alerting: AlertingState;
  /** Notifications without an outcome yet, by id. */
  readonly inFlight: Readonly<Record<string, InFlight>>;
  /** When a wake-up that was sent will arrive. */
  readonly wakeAtMs?: number;
}

export interface InFlight {
  readonly place: NotificationPlace;
  /** When the message that asks for its delivery was last sent. */
  readonly sentAtMs: number;
}

/** Where a notification's content is: entry `index` of a JSON list. */
export interface NotificationPlace {
  readonly object: string;
  readonly index: number;
}

const KEY = { partition: 'alerting', sort: 'state' };
const OUTCOMES = 'outcome';

export const EMPTY_ALERTING: StoredAlerting = { alerting: EMPTY_ALERTING_STATE, inFlight: {} };

export function readAlerting(ports: AlertingStorePorts): Promise<VersionedDocument<StoredAlerting> | undefined> {
  return readDocument<StoredAlerting>(ports, KEY);
}

export function prepareAlerting(
  ports: AlertingStorePorts,
  next: StoredAlerting,
  version: number | undefined,
): Promise<RecordWrite> {
  return prepareDocument(ports, KEY, { value: next, version });
}

/** The write that reports what became of a notification. */
export function putOutcome(outcome: NotificationOutcome): RecordWrite {
  return { kind: 'put', partition: OUTCOMES, sort: outcome.id, data: { json: JSON.stringify(outcome) } };
}

/** Reported outcomes, at most `limit`, each with the write that takes it out. */
export async function readOutcomes(
  records: RecordStore,
  limit: number,
): Promise<readonly { readonly outcome: NotificationOutcome; readonly takeOut: RecordWrite }[]> {
  const page = await records.query({ partition: OUTCOMES, limit });
  return page.records.map((record) => ({
    outcome: JSON.parse(String(record.data.json)) as NotificationOutcome,
    takeOut: deletion(record),
  }));
}

function deletion({ partition, sort, version }: StoredRecord): RecordWrite {
  return { kind: 'delete', partition, sort, condition: { kind: 'version', version } };
}
