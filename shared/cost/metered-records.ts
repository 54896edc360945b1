import type { RecordStore, RecordWrite } from '#shared/ports/record-store.ts';
import { itemBytes, readUnits, writeUnits } from './item-size.ts';
import { aboutOf, type RequestListener } from './request.ts';

/** A page of a query ends at 1 MB of items. */
const PAGE_BYTES = 1024 * 1024;

/** Counts what a record store's calls would be on DynamoDB, as our adapter makes them: reads are strongly consistent; a put
 *  without a condition that finds a record there is made again; transactions cost twice.
 *  @param records Reads of it are free here: sizes of what is there are looked up.
 *  @see shared/adapters/aws/record-store.ts */
export function meterRecords(records: RecordStore, listener: RequestListener): RecordStore {
  const report = async (
    operation: string,
    partition: string,
    { units, bytes }: { readonly units: number; readonly bytes: number },
  ): Promise<void> => {
    await listener({ service: 'DynamoDB', operation, about: aboutOf(partition), units, bytes });
  };
  const present = async ({ partition, sort }: RecordWrite): Promise<number> => {
    const current = await records.get(partition, sort);
    return current === undefined ? 0 : itemBytes(current);
  };
  return {
    async get(partition, sort) {
      const record = await records.get(partition, sort);
      const bytes = record === undefined ? 0 : itemBytes(record);
      await report('GetItem', partition, { units: readUnits(bytes), bytes });
      return record;
    },
    async query(query) {
      const page = await records.query(query);
      const bytes = page.records.reduce((sum, record) => sum + itemBytes(record), 0);
      // The store in memory gives in one page what are several.
      const requests = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
      for (let i = 0; i < requests; i++) {
        await report('Query', query.partition, { units: readUnits(bytes / requests), bytes: bytes / requests });
      }
      return page;
    },
    async write(write) {
      const before = await present(write);
      const result = await records.write(write);
      if (write.kind === 'check') {
        await report('GetItem', write.partition, { units: readUnits(before), bytes: before });
        return result;
      }
      // A refused write costs what the item costs that refused it.
      if (isRepeated(write, before)) await report('PutItem', write.partition, { units: writeUnits(before), bytes: 0 });
      const units = writeUnits(result.ok ? Math.max(before, bytesAfter(write)) : before);
      const operation = write.kind === 'put' ? 'PutItem' : 'DeleteItem';
      await report(operation, write.partition, { units, bytes: bytesAfter(write) });
      return result;
    },
    async transact(writes) {
      const before = await Promise.all(writes.map(present));
      const result = await records.transact(writes);
      const larger = writes.map((write, i) => writeUnits(Math.max(before[i], bytesAfter(write))));
      const units = 2 * larger.reduce((sum, some) => sum + some, 0);
      const bytes = writes.reduce((sum, write) => sum + bytesAfter(write), 0);
      const [{ partition }] = writes;
      const isFirstInVain = writes.some((write, i) => isRepeated(write, before[i]));
      if (isFirstInVain) await report('TransactWriteItems', partition, { units, bytes: 0 });
      await report('TransactWriteItems', partition, { units, bytes });
      return result;
    },
  };
}

/** Whether the adapter, which expects no record where nothing else is said, has to ask again. */
function isRepeated(write: RecordWrite, bytesBefore: number): boolean {
  return write.kind === 'put' && write.condition === undefined && bytesBefore > 0;
}

function bytesAfter(write: RecordWrite): number {
  if (write.kind !== 'put') return 0;
  const version = write.condition?.kind === 'version' ? write.condition.version + 1 : 1;
  return itemBytes({ ...write, version });
}
