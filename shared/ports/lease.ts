import type { RecordStore } from './record-store.ts';

/** A lease keeps others from doing the same work at the same time, for thrift. Correctness never rests on it: writers
 *  also condition on a version. `token` rises with every new holder, so that a store can refuse a stale one. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly token: number;
  readonly expiresAtMs: number;
}

const PARTITION = 'lease';

/** Takes or renews the lease; `undefined` while another holder has it. */
export async function acquireLease(
  store: RecordStore,
  request: { readonly name: string; readonly holder: string; readonly ttlMs: number; readonly nowMs: number },
): Promise<Lease | undefined> {
  const { name, holder, ttlMs, nowMs } = request;
  const current = await store.get(PARTITION, name);
  const held = current !== undefined && Number(current.data.expiresAtMs) > nowMs;
  if (held && current.data.holder !== holder) return undefined;
  const lastToken = Number(current?.data.token ?? 0);
  const token = held ? lastToken : lastToken + 1;
  const expiresAtMs = nowMs + ttlMs;
  const result = await store.write({
    kind: 'put',
    partition: PARTITION,
    sort: name,
    data: { holder, token, expiresAtMs },
    condition: current === undefined ? { kind: 'absent' } : { kind: 'version', version: current.version },
  });
  return result.ok ? { name, holder, token, expiresAtMs } : undefined;
}

/** Gives the lease back, if it is still ours. The token is kept so that it goes on rising. */
export async function releaseLease(store: RecordStore, lease: Lease): Promise<void> {
  const current = await store.get(PARTITION, lease.name);
  if (current === undefined || current.data.holder !== lease.holder || current.data.token !== lease.token) return;
  await store.write({
    kind: 'put',
    partition: PARTITION,
    sort: lease.name,
    data: { ...current.data, expiresAtMs: 0 },
    condition: { kind: 'version', version: current.version },
  });
}
