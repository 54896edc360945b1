import type { ObjectStore } from '#shared/ports/object-store.ts';
import { aboutOf, type RequestListener } from './request.ts';

/** Counts what an object store's calls would be on S3, as our adapter makes them: a put is paid for whether or not its
 *  condition holds, and a range past the end takes a second request. @see shared/adapters/aws/object-store.ts */
export function meterObjects(objects: ObjectStore, listener: RequestListener): ObjectStore {
  const report = async (operation: string, about: string, bytes: number): Promise<void> => {
    await listener({ service: 'S3', operation, about, units: 1, bytes });
  };
  return {
    async get(key, range) {
      const object = await objects.get(key, range);
      const part = range === undefined ? '' : ' part';
      await report('GetObject', aboutOf(key) + part, object?.body.length ?? 0);
      const isPastEnd = object !== undefined && range !== undefined && range.offset >= object.sizeBytes;
      if (isPastEnd) await report('HeadObject', aboutOf(key), 0);
      return object;
    },
    async put(key, body, condition) {
      const result = await objects.put(key, body, condition);
      await report('PutObject', aboutOf(key), body.length);
      return result;
    },
    async list(prefix, options) {
      const page = await objects.list(prefix, options);
      await report('ListObjectsV2', aboutOf(prefix), 0);
      return page;
    },
    async delete(key) {
      await objects.delete(key);
      await report('DeleteObject', aboutOf(key), 0);
    },
  };
}
