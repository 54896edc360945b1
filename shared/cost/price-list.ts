/** What things cost, in US dollars. */
export interface PriceList {
  readonly region: string;
  /** When the prices were looked up, `2026-11-22`. */
  readonly date: string;
  /** By name, such as `lambda.gbSecond`. */
  readonly prices: ReadonlyMap<string, Price>;
  readonly managedPrometheus: ManagedPrometheusPrices;
}

export interface Price {
  readonly usd: number;
  /** What that is for one of. */
  readonly per: string;
  readonly source: string;
}

/** Amazon Managed Service for Prometheus. */
export interface ManagedPrometheusPrices {
  /** In order; the last one has no end. */
  readonly ingestion: readonly { readonly samples: number; readonly usdPerSample: number }[];
  readonly storageUsdPerGbMonth: number;
  readonly bytesPerSample: number;
  readonly queryUsdPerSample: number;
}

/** Reads a price list. @throws {TypeError} Naming what is missing or wrong. */
export function parsePriceList(text: string): PriceList {
  const list = objectAt(JSON.parse(text), 'the list');
  const named = Object.entries(objectAt(list.prices, 'prices')).map(([name, value]): [string, Price] => {
    const price = objectAt(value, name);
    return [name, { usd: amountAt(price.usd, name), per: textAt(price.per, name), source: textAt(price.source, name) }];
  });
  const managed = objectAt(list.managedPrometheus, 'managedPrometheus');
  if (!Array.isArray(managed.ingestion)) throw wrong('managedPrometheus.ingestion', managed.ingestion, 'a list');
  const ingestion = managed.ingestion.map((value: unknown) => {
    const tier = objectAt(value, 'managedPrometheus.ingestion');
    return {
      samples: tier.samples === null ? Number.POSITIVE_INFINITY : amountAt(tier.samples, 'samples'),
      usdPerSample: amountAt(tier.usdPerSample, 'usdPerSample'),
    };
  });
  return {
    region: textAt(list.region, 'region'),
    date: textAt(list.date, 'date'),
    prices: new Map(named),
    managedPrometheus: {
      ingestion,
      storageUsdPerGbMonth: amountAt(managed.storageUsdPerGbMonth, 'storageUsdPerGbMonth'),
      bytesPerSample: amountAt(managed.bytesPerSample, 'bytesPerSample'),
      queryUsdPerSample: amountAt(managed.queryUsdPerSample, 'queryUsdPerSample'),
    },
  };
}

function objectAt(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw wrong(name, value, 'an object');
}

function amountAt(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw wrong(name, value, 'a number that is not negative');
}

function textAt(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(name, value, 'a text');
}

function wrong(name: string, value: unknown, expected: string): TypeError {
  return new TypeError(`Cannot read prices: ${name} is ${JSON.stringify(value)}, expected ${expected}`);
}
