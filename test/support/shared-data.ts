import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of upstream's test data and facts beside the checkout; not part of the product. */
const SHARED_FOLDER = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** The absolute path of upstream test data, or `undefined` where it is absent: the test says so and skips.
 *  @param path Below the data folder: `conformance/promql-parse/golden.jsonl`. */
export function sharedData(path: string): string | undefined {
  const full = SHARED_FOLDER + path;
  return existsSync(full) ? full : undefined;
}

/** The `skip` option of a test that needs `path`: false, or why it is skipped. */
export function skipWithout(path: string): string | false {
  return sharedData(path) === undefined ? `upstream test data ${path} is not here` : false;
}
