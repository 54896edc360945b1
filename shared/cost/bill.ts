import type { ManagedPrometheusPrices, PriceList } from './price-list.ts';
import type { CountedRequests } from './request-counter.ts';
import type { Use } from './usage.ts';

/** What one use costs. */
export interface BillItem extends Use {
  readonly per: string;
  readonly usd: number;
}

const PRICE_OF_OPERATION: Readonly<Record<string, string | undefined>> = {
  'DynamoDB.PutItem': 'dynamodb.write',
  'DynamoDB.DeleteItem': 'dynamodb.write',
  'DynamoDB.TransactWriteItems': 'dynamodb.write',
  'DynamoDB.GetItem': 'dynamodb.read',
  'DynamoDB.Query': 'dynamodb.read',
  'S3.PutObject': 's3.put',
  'S3.ListObjectsV2': 's3.put',
  'S3.GetObject': 's3.get',
  'S3.HeadObject': 's3.get',
  'SQS.SendMessageBatch': 'sqs.request',
  'SNS.Publish': 'sns.publish',
  'SecretsManager.GetSecretValue': 'secrets.request',
};
/** Deleting is free. */
const FREE = new Set(['S3.DeleteObject']);

/** What requests use. @throws {RangeError} When it is not known what an operation costs. */
export function usesOfRequests(requests: readonly CountedRequests[]): readonly Use[] {
  return requests.flatMap(({ by, service, operation, about, units }) => {
    const name = `${service}.${operation}`;
    const price = PRICE_OF_OPERATION[name];
    if (price !== undefined) return [{ by, price, what: `${operation} ${about}`, quantity: units }];
    if (FREE.has(name)) return [];
    throw new RangeError(`Cannot price ${name}: it has no price`);
  });
}

/** Prices uses, the dearest first. @throws {RangeError} When the list has no such price. */
export function bill(uses: readonly Use[], { prices }: PriceList): readonly BillItem[] {
  const items = uses.map((use) => {
    const price = prices.get(use.price);
    if (price === undefined) throw new RangeError(`Cannot price ${use.what}: the list has no "${use.price}"`);
    return { ...use, per: price.per, usd: use.quantity * price.usd };
  });
  return items.sort((a, b) => b.usd - a.usd || (a.what < b.what ? -1 : 1));
}

/** The sum of items. */
export function totalUsd(items: readonly { readonly usd: number }[]): number {
  return items.reduce((sum, { usd }) => sum + usd, 0);
}

/** What Amazon Managed Service for Prometheus counts in a month. */
export interface ManagedLoad {
  readonly samples: number;
  /** How much of a month's samples is kept at a time: 0.5 for half a month. */
  readonly monthsKept: number;
  readonly queriedSamples: number;
}

/** The same load on Amazon Managed Service for Prometheus, without the collectors that scrape for it. */
export function managedPrometheusUsd(load: ManagedLoad, prices: ManagedPrometheusPrices) {
  const storedGb = (load.samples * load.monthsKept * prices.bytesPerSample) / 2 ** 30;
  const ingestion = tiered(load.samples, prices.ingestion);
  const storage = storedGb * prices.storageUsdPerGbMonth;
  const queries = load.queriedSamples * prices.queryUsdPerSample;
  return { ingestion, storage, queries, total: ingestion + storage + queries };
}

function tiered(samples: number, tiers: ManagedPrometheusPrices['ingestion']): number {
  let left = samples;
  let usd = 0;
  for (const tier of tiers) {
    const own = Math.min(left, tier.samples);
    usd += own * tier.usdPerSample;
    left -= own;
  }
  return usd;
}
