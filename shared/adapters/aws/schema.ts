/** What the infrastructure and the functions have to agree on: the names of attributes and of environment variables. */

/** The attributes of the table. A record's own fields lie beside them, under their names. */
export const TABLE_SCHEMA = {
  /** String, the partition key. */
  partitionKey: 'pk',
  /** String, the sort key. */
  sortKey: 'sk',
  /** Number, ≥ 1. */
  version: 'version',
  /** Number, whole Unix seconds: the table's time-to-live attribute. */
  expiresAt: 'expiresAt',
} as const;

/** The environment variables of the functions, but for those of queues. */
export const ENVIRONMENT = {
  tableName: 'TABLE_NAME',
  bucketName: 'BUCKET_NAME',
  /** Under which the configuration's files lie in the bucket: `config/`. */
  configPrefix: 'CONFIG_PREFIX',
  /** Under which users reach the API. */
  externalUrl: 'EXTERNAL_URL',
  /** The ARN of the secret that is the API's token. */
  apiTokenSecret: 'API_TOKEN_SECRET',
  /** How long samples are kept: a duration as Prometheus writes it. */
  retention: 'RETENTION',
  /** What is turned on, as `--enable-feature` of Prometheus: names with commas between them. */
  features: 'ENABLE_FEATURE',
  /** The least level that is logged: debug, info, warn or error. */
  logLevel: 'LOG_LEVEL',
  /** The function's own name, such as `scrape`: in its logs and metrics. */
  service: 'POWERTOOLS_SERVICE_NAME',
  /** The deployment's name: in its metrics. */
  stage: 'STAGE',
} as const;

/** The tag of objects that the bucket drops a day after they got it. */
export const EXPIRY_TAG = { key: 'emberwatch', value: 'expires' } as const;

/** Of our metrics in CloudWatch; each has the dimensions `service` and `stage`. */
export const METRIC_NAMESPACE = 'Emberwatch';

/** Where the configuration's files lie when the environment does not say. */
export const DEFAULT_CONFIG_PREFIX = 'config/';

/** The environment variable with the URL of a queue: `dispatch-alerts` → `QUEUE_URL_DISPATCH_ALERTS`. */
export function queueUrlVariable(name: string): string {
  return `QUEUE_URL_${name.toUpperCase().replaceAll('-', '_')}`;
}
