import { isDeepStrictEqual } from 'node:util';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type {
  RecordCondition,
  RecordPage,
  RecordQuery,
  RecordStore,
  RecordWrite,
  StoredRecord,
  TransactResult,
  WriteResult,
} from '#shared/ports/record-store.ts';
import {
  checkRecordKey,
  checkRecordWrite,
  checkTransaction,
  isExpired,
  queryLimit,
} from '#shared/ports/record-store-rules.ts';
import { type Item, keyOf, toItem, toRecord } from './attribute-values.ts';
import { type Backoff, MAX_TRIES, waitBeforeTry } from './backoff.ts';
import { awsErrorName, describeAwsError, wasRetried } from './errors.ts';
import { conditionExpression } from './record-conditions.ts';
import { queryRequest } from './record-query.ts';
import { TABLE_SCHEMA } from './schema.ts';

/** A record store in a DynamoDB table with the keys and the time-to-live attribute of `TABLE_SCHEMA`. */
export function createDynamoRecordStore(options: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly backoff: Backoff;
}): RecordStore {
  return new DynamoRecordStore(options.client, options.tableName, options.backoff);
}

/** What a put without a condition finds there. It writes the record whole with the version that follows, so it has to know
 *  which one is there: it expects none, as most such records are new, and learns the version when that was wrong. */
type Learned = Map<RecordWrite, RecordCondition>;

class DynamoRecordStore implements RecordStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #backoff: Backoff;

  constructor(client: DynamoDBClient, tableName: string, backoff: Backoff) {
    this.#client = client;
    this.#tableName = tableName;
    this.#backoff = backoff;
  }

  async get(partition: string, sort: string): Promise<StoredRecord | undefined> {
    checkRecordKey(partition, sort);
    try {
      const { Item } = await this.#client.send(
        new GetItemCommand({ TableName: this.#tableName, Key: keyOf({ partition, sort }), ConsistentRead: true }),
      );
      return this.#live(Item);
    } catch (error) {
      throw failure(`read record "${partition}" "${sort}"`, error);
    }
  }

  async write(write: RecordWrite): Promise<WriteResult> {
    checkRecordWrite(write);
    if (write.kind === 'check') return this.#check(write.partition, write.sort, write.condition);
    const learned: Learned = new Map();
    for (let tried = 1; ; tried++) {
      try {
        await this.#send(write, learned);
        return { ok: true, version: versionAfter(write, learned) };
      } catch (error) {
        const failed = awsErrorName(error) === 'ConditionalCheckFailedException';
        const { Item: item } = error as { readonly Item?: Item };
        if (failed && wasRetried(error) && isDone(write, item, learned)) {
          return { ok: true, version: versionAfter(write, learned) };
        }
        if (failed && write.condition !== undefined) return { ok: false };
        if (tried === MAX_TRIES || !(failed || awsErrorName(error) === 'TransactionConflictException')) {
          throw failure(`write record "${write.partition}" "${write.sort}"`, error);
        }
        if (failed) learned.set(write, this.#stateOf(item));
        // What was learnt is used at once; only others who write the same record are waited for.
        if (!failed || tried > 1) await waitBeforeTry(tried, this.#backoff);
      }
    }
  }

  async transact(writes: readonly RecordWrite[]): Promise<TransactResult> {
    checkTransaction(writes);
    const learned: Learned = new Map();
    for (let tried = 1; ; tried++) {
      try {
        // Each command gets a request token, so the client's own retries cannot carry it out twice.
        await this.#client.send(
          new TransactWriteItemsCommand({ TransactItems: writes.map((write) => this.#transactItem(write, learned)) }),
        );
        return { ok: true };
      } catch (error) {
        const reasons = cancellationReasons(error);
        const failed = reasons.flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []));
        const refused = failed.filter((index) => writes[index].condition !== undefined);
        if (refused.length > 0) return { ok: false, failed: refused };
        for (const index of failed) learned.set(writes[index], this.#stateOf(reasons[index].Item));
        const conflicts = isConflict(error, reasons);
        if (tried === MAX_TRIES || !(failed.length > 0 || conflicts)) throw transactionFailure(error, reasons);
        if (conflicts || tried > 1) await waitBeforeTry(tried, this.#backoff);
      }
    }
  }

  async query(query: RecordQuery): Promise<RecordPage> {
    const limit = queryLimit(query);
    const nowMs = this.#backoff.clock.nowMs();
    const request = queryRequest(query, { tableName: this.#tableName, limit, nowMs });
    if (request === undefined) return { records: [] };
    try {
      const { Items = [], LastEvaluatedKey: last } = await this.#client.send(new QueryCommand(request));
      return { records: Items.map(toRecord), ...(last && { next: last[TABLE_SCHEMA.sortKey].S! }) };
    } catch (error) {
      throw failure(`query records of "${query.partition}"`, error);
    }
  }

  /** Conditions alone exist only in transactions, which cost twice a read. */
  async #check(partition: string, sort: string, condition: RecordCondition): Promise<WriteResult> {
    const version = (await this.get(partition, sort))?.version;
    const holds = condition.kind === 'absent' ? version === undefined : version === condition.version;
    return holds ? { ok: true, version: version ?? 0 } : { ok: false };
  }

  async #send(write: Exclude<RecordWrite, { kind: 'check' }>, learned: Learned): Promise<void> {
    const guard = this.#guard(write, learned);
    if (write.kind === 'put') {
      const Item = toItem({ ...write, version: versionAfter(write, learned) });
      await this.#client.send(new PutItemCommand({ TableName: this.#tableName, Item, ...guard }));
    } else {
      await this.#client.send(new DeleteItemCommand({ TableName: this.#tableName, Key: keyOf(write), ...guard }));
    }
  }

  #transactItem(write: RecordWrite, learned: Learned): TransactWriteItem {
    const base = { TableName: this.#tableName, ...this.#guard(write, learned) };
    switch (write.kind) {
      case 'put':
        return { Put: { ...base, Item: toItem({ ...write, version: versionAfter(write, learned) }) } };
      case 'delete':
        return { Delete: { ...base, Key: keyOf(write) } };
      case 'check':
        return { ConditionCheck: { ...base, Key: keyOf(write), ConditionExpression: base.ConditionExpression } };
    }
  }

  #guard(write: RecordWrite, learned: Learned) {
    const condition = write.kind === 'put' ? expectation(write, learned) : write.condition;
    if (condition === undefined) return { ConditionExpression: undefined };
    return {
      ...conditionExpression(condition, this.#backoff.clock.nowMs()),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const;
  }

  /** The condition that holds of what is there. */
  #stateOf(item: Item | undefined): RecordCondition {
    const record = this.#live(item);
    return record === undefined ? { kind: 'absent' } : { kind: 'version', version: record.version };
  }

  #live(item: Item | undefined): StoredRecord | undefined {
    if (item === undefined) return undefined;
    const record = toRecord(item);
    return isExpired(record, this.#backoff.clock.nowMs()) ? undefined : record;
  }
}

function expectation(write: RecordWrite, learned: Learned): RecordCondition {
  return write.condition ?? learned.get(write) ?? { kind: 'absent' };
}

/** 0 when the write leaves no record. */
function versionAfter(write: RecordWrite, learned: Learned): number {
  if (write.kind === 'delete') return 0;
  const expected = expectation(write, learned);
  return expected.kind === 'absent' ? 1 : expected.version + 1;
}

/** A write whose answer was lost is sent again, and then fails on what it has itself done: whether the table is as the
 *  write leaves it. */
function isDone(write: RecordWrite, item: Item | undefined, learned: Learned): boolean {
  if (write.kind !== 'put') return item === undefined;
  if (item === undefined) return false;
  return isDeepStrictEqual(toRecord(item), toRecord(toItem({ ...write, version: versionAfter(write, learned) })));
}

interface CancellationReason {
  readonly Code?: string;
  readonly Message?: string;
  readonly Item?: Item;
}

function cancellationReasons(error: unknown): readonly CancellationReason[] {
  if (awsErrorName(error) !== 'TransactionCanceledException') return [];
  return (error as { readonly CancellationReasons?: readonly CancellationReason[] }).CancellationReasons ?? [];
}

const CONFLICTS = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];

function isConflict(error: unknown, reasons: readonly CancellationReason[]): boolean {
  if (['TransactionConflictException', 'TransactionInProgressException'].includes(awsErrorName(error))) return true;
  return reasons.some(({ Code }) => CONFLICTS.includes(Code ?? ''));
}

function transactionFailure(error: unknown, reasons: readonly CancellationReason[]): Error {
  const described = reasons.flatMap(({ Code = '', Message = '' }, index) =>
    Code === '' || Code === 'None' ? [] : [`write ${index}: ${Code} ${Message}`.trim()],
  );
  if (described.length === 0) return failure('commit transaction', error);
  return new Error(`Cannot commit transaction: ${described.join('; ')}`, { cause: error });
}

function failure(attempted: string, error: unknown): Error {
  return new Error(`Cannot ${attempted}: ${describeAwsError(error)}`, { cause: error });
}
