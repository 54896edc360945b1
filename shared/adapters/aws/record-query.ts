import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { compareStrings } from '#shared/model/labels.ts';
import type { RecordQuery } from '#shared/ports/record-store.ts';
import { keyOf } from './attribute-values.ts';
import { liveFilter } from './record-conditions.ts';
import { TABLE_SCHEMA } from './schema.ts';

/** The request for one page, or `undefined` when the bounds leave nothing, which DynamoDB would refuse. */
export function queryRequest(
  query: RecordQuery,
  options: { readonly tableName: string; readonly limit: number; readonly nowMs: number },
): QueryCommandInput | undefined {
  const { partition, from = '', to, next, descending = false } = query;
  if (to === '' || (to !== undefined && compareStrings(from, to) > 0)) return undefined;
  const live = liveFilter(options.nowMs);
  return {
    TableName: options.tableName,
    ConsistentRead: true,
    ScanIndexForward: !descending,
    Limit: options.limit,
    KeyConditionExpression: `#partition = :partition${sortCondition(from, to)}`,
    FilterExpression: live.FilterExpression,
    ExpressionAttributeNames: {
      ...live.ExpressionAttributeNames,
      '#partition': TABLE_SCHEMA.partitionKey,
      ...((from !== '' || to !== undefined) && { '#sort': TABLE_SCHEMA.sortKey }),
    },
    ExpressionAttributeValues: {
      ...live.ExpressionAttributeValues,
      ':partition': { S: partition },
      ...(from !== '' && { ':from': { S: from } }),
      ...(to !== undefined && { ':to': { S: to } }),
    },
    ...(next !== undefined && { ExclusiveStartKey: keyOf({ partition, sort: next }) }),
  };
}

/** A key condition may name the sort key once only. */
function sortCondition(from: string, to: string | undefined): string {
  if (from !== '' && to !== undefined) return ' AND #sort BETWEEN :from AND :to';
  if (from !== '') return ' AND #sort >= :from';
  return to === undefined ? '' : ' AND #sort <= :to';
}
