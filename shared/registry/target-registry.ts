import { queryAll, type RecordStore, type StoredRecord } from '#shared/ports/record-store.ts';
import type { RegisteredTarget, TargetSettings } from './registered-target.ts';

/** The targets that were registered through the API. Each write is conditional on the version that the writer saw. */
export interface TargetRegistry {
  create(settings: TargetSettings): Promise<VersionedTarget>;
  get(id: string): Promise<VersionedTarget | undefined>;
  /** All targets that have not lapsed, ordered by id. */
  list(): Promise<readonly VersionedTarget[]>;
  /** Replaces a target's settings and starts its time to live again.
   *  @param version The version it must have; absent: any. */
  replace(id: string, settings: TargetSettings, version?: number): Promise<VersionedTarget | 'missing' | 'changed'>;
  /** @param version The version it must have; absent: any. */
  delete(id: string, version?: number): Promise<'deleted' | 'missing' | 'changed'>;
}

export interface VersionedTarget {
  readonly target: RegisteredTarget;
  readonly version: number;
}

const PARTITION = 'registry';
const MAX_TRIES = 3;

export function createTargetRegistry(
  records: RecordStore,
  { nowMs, newId }: { readonly nowMs: () => number; readonly newId: () => string },
): TargetRegistry {
  async function get(id: string): Promise<VersionedTarget | undefined> {
    const record = await records.get(PARTITION, id);
    return record && fromRecord(record);
  }

  async function put(target: RegisteredTarget, version: number | undefined): Promise<VersionedTarget | undefined> {
    const result = await records.write({
      kind: 'put',
      partition: PARTITION,
      sort: target.id,
      data: { json: JSON.stringify(target) },
      expiresAtMs: target.ttlMs === undefined ? undefined : target.updatedAtMs + target.ttlMs,
      condition: version === undefined ? { kind: 'absent' } : { kind: 'version', version },
    });
    return result.ok ? { target, version: result.version } : undefined;
  }

  return {
    get,
    async create(settings) {
      const now = nowMs();
      const target = { id: newId(), ...settings, createdAtMs: now, updatedAtMs: now };
      const created = await put(target, undefined);
      if (created === undefined) throw new Error(`Cannot register target: id "${target.id}" is taken`);
      return created;
    },
    async list() {
      return (await queryAll(records, { partition: PARTITION })).map(fromRecord);
    },
    async replace(id, settings, version) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const current = await get(id);
        if (current === undefined) return 'missing';
        if (version !== undefined && version !== current.version) return 'changed';
        const { createdAtMs } = current.target;
        const written = await put({ id, ...settings, createdAtMs, updatedAtMs: nowMs() }, current.version);
        if (written !== undefined) return written;
      }
      return 'changed';
    },
    async delete(id, version) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const current = await get(id);
        if (current === undefined) return 'missing';
        if (version !== undefined && version !== current.version) return 'changed';
        const condition = { kind: 'version', version: current.version } as const;
        if ((await records.write({ kind: 'delete', partition: PARTITION, sort: id, condition })).ok) return 'deleted';
      }
      return 'changed';
    },
  };
}

function fromRecord(record: StoredRecord): VersionedTarget {
  return { target: JSON.parse(String(record.data.json)) as RegisteredTarget, version: record.version };
}
