import { queryAll, type RecordStore } from '#shared/ports/record-store.ts';
import {
  expireSilence,
  type SetSilenceResult,
  type Silence,
  type SilenceInput,
  setSilence,
  silenceExpiresAtMs,
} from './silence.ts';

const PARTITION = 'silence';

/** All silences that are not forgotten yet, in no order. */
export async function listSilences(records: RecordStore): Promise<readonly Silence[]> {
  return (await queryAll(records, { partition: PARTITION })).map(
    ({ data }) => JSON.parse(String(data.json)) as Silence,
  );
}

export async function readSilence(records: RecordStore, id: string): Promise<Silence | undefined> {
  const record = await records.get(PARTITION, id);
  return record === undefined ? undefined : (JSON.parse(String(record.data.json)) as Silence);
}

/** Creates or edits a silence, durably. */
export async function storeSilence(
  records: RecordStore,
  input: SilenceInput,
  options: { readonly nowMs: number; readonly newId: string },
): Promise<SetSilenceResult> {
  const existing = input.id ? await readSilence(records, input.id) : undefined;
  const result = setSilence(existing, input, options);
  if (result.ok) await records.transact(result.changed.map(putSilence));
  return result;
}

/** Ends a silence now. @returns `undefined` when there is none. */
export async function endSilence(records: RecordStore, id: string, nowMs: number): Promise<Silence | undefined> {
  const silence = await readSilence(records, id);
  if (silence === undefined) return undefined;
  const ended = expireSilence(silence, nowMs);
  if (ended !== silence) await records.write(putSilence(ended));
  return ended;
}

function putSilence(silence: Silence) {
  const data = { json: JSON.stringify(silence) };
  return {
    kind: 'put',
    partition: PARTITION,
    sort: silence.id,
    data,
    expiresAtMs: silenceExpiresAtMs(silence),
  } as const;
}
