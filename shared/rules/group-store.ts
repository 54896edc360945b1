import type { Clock } from '#shared/ports/clock.ts';
import { type DocumentKey, prepareDocument, readDocument, type VersionedDocument } from '#shared/ports/document.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Random } from '#shared/ports/random.ts';
import { queryAll, type RecordStore, type RecordWrite } from '#shared/ports/record-store.ts';
import type { GroupState } from './state.ts';

const PARTITION = 'rule-group';

export interface GroupStorePorts {
  readonly records: RecordStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** The state of the group that writes `stream`. */
export function readGroupState(
  ports: GroupStorePorts,
  stream: string,
): Promise<VersionedDocument<GroupState> | undefined> {
  return readDocument<GroupState>(ports, keyOf(stream));
}

/** The write that makes `state` the group's next state. @param version The version read; `undefined` when there was none. */
export function prepareGroupState(
  ports: GroupStorePorts,
  stream: string,
  next: { readonly state: GroupState; readonly version: number | undefined },
): Promise<RecordWrite> {
  return prepareDocument(ports, keyOf(stream), {
    value: next.state,
    version: next.version,
  });
}

/** The write that forgets a group. */
export function deleteGroupState(stream: string, version: number): RecordWrite {
  return { kind: 'delete', ...keyOf(stream), condition: { kind: 'version', version } };
}

/** The streams of all groups that have a state. */
export async function storedGroups(records: RecordStore): Promise<readonly string[]> {
  return (await queryAll(records, { partition: PARTITION })).map((record) => record.sort);
}

function keyOf(stream: string): DocumentKey {
  return { partition: PARTITION, sort: stream };
}
