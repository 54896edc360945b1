import { DatabaseSync } from 'node:sqlite';

/** How a database is opened. */
export interface DatabaseOptions {
  /** Run once, on a new file. */
  readonly schema: string;
  /** `full`: what is committed survives a power cut. `normal`: it survives the end of the process. */
  readonly durability: 'full' | 'normal';
}

/** Of the files' schemas; another number is refused. */
const SCHEMA_VERSION = 1;

/** Opens a SQLite file in WAL mode, making it if need be.
 *  @throws {Error} When another version wrote it, or it is no database. */
export function openDatabase(path: string, { schema, durability }: DatabaseOptions): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec(`PRAGMA journal_mode = wal; PRAGMA synchronous = ${durability}`);
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version === SCHEMA_VERSION) return database;
  if (version !== 0) {
    database.close();
    throw new Error(`Cannot open database "${path}": its version is ${version}, expected ${SCHEMA_VERSION}`);
  }
  transaction(database, () => database.exec(`${schema}; PRAGMA user_version = ${SCHEMA_VERSION}`));
  return database;
}

/** Runs `work` in one transaction: committed when it returns, undone when it throws. It must not wait. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk may have ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
