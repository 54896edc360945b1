import type { RecordCondition } from '#shared/ports/record-store.ts';
import { TABLE_SCHEMA } from './schema.ts';

const NAMES = {
  '#pk': TABLE_SCHEMA.partitionKey,
  '#version': TABLE_SCHEMA.version,
  '#expiresAt': TABLE_SCHEMA.expiresAt,
} as const;

/** What an expression of ours mentions: the client refuses names that are not used. */
function mentioned(expression: string): Record<string, string> {
  return Object.fromEntries(Object.entries(NAMES).filter(([name]) => expression.includes(name)));
}

/** That the record is not past its expiry: the table's time-to-live deletes only hours later. */
const LIVE = '(attribute_not_exists(#expiresAt) OR #expiresAt > :now)';
const ABSENT = 'attribute_not_exists(#pk) OR #expiresAt <= :now';

/** The condition as an expression of DynamoDB. @param nowMs Unix milliseconds. */
export function conditionExpression(condition: RecordCondition, nowMs: number) {
  const absent = condition.kind === 'absent';
  const expression = absent ? ABSENT : `#version = :version AND ${LIVE}`;
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: mentioned(expression),
    ExpressionAttributeValues: {
      ':now': nowSeconds(nowMs),
      ...(!absent && { ':version': { N: String(condition.version) } }),
    },
  };
}

/** Of a query: what is not expired. To be merged with the names and values of its key condition. */
export function liveFilter(nowMs: number) {
  return {
    FilterExpression: LIVE,
    ExpressionAttributeNames: mentioned(LIVE),
    ExpressionAttributeValues: { ':now': nowSeconds(nowMs) },
  };
}

/** Expiries are whole seconds, so that the record with expiry 5 is absent from 5.000 on. */
function nowSeconds(nowMs: number): { readonly N: string } {
  return { N: String(Math.floor(nowMs / 1000)) };
}
