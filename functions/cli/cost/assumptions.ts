/* What a simulation in memory cannot know. docs/cost.md says where each figure comes from. */

/** Which part of a processor's second a function gets: Lambda gives one at this much memory. */
export const MEMORY_OF_A_PROCESSOR_MB = 1769;

/** How long one request takes, without its bytes. */
export const LATENCY_MS: Readonly<Record<string, number>> = {
  'DynamoDB.GetItem': 5,
  'DynamoDB.Query': 6,
  'DynamoDB.PutItem': 6,
  'DynamoDB.DeleteItem': 6,
  'DynamoDB.TransactWriteItems': 15,
  'S3.GetObject': 25,
  'S3.HeadObject': 15,
  'S3.PutObject': 40,
  'S3.ListObjectsV2': 40,
  'S3.DeleteObject': 20,
  'SQS.SendMessageBatch': 10,
  'SNS.Publish': 20,
  'SecretsManager.GetSecretValue': 20,
};

/** Of one connection to S3. */
export const BYTES_PER_MS = 80_000;

/** The slowest target of a shard answers after this: a function waits for it. */
export const SLOWEST_TARGET_MS = 250;

/** From a message being due to the function at work. */
export const DELIVERY_MS = 100;

/** Of a whole processor. */
export const CPU = {
  /** An invocation by itself: the event, the log, the metrics. */
  invocationMs: 1.5,
  /** A request to AWS: written, signed, read. */
  requestMs: 0.6,
  /** A sample that is scraped: asked, unpacked, parsed, put into a batch, compressed. */
  scrapedSampleNs: 800,
  /** A byte of stored samples that is read: decompressed, decoded, appended to its series. */
  readByteNs: 65,
  /** A byte of a layout: its series are made, numbered, and found again. */
  layoutByteNs: 700,
  /** A byte of anything else that is read. */
  plainByteNs: 5,
  /** A sample that a query looks at. */
  queriedSampleNs: 60,
} as const;

/** What a cold start takes before the handler. Initialisation is paid for. */
export const COLD_START_MS = 350;

/** What CloudWatch takes of an invocation: Lambda's three lines, and one with the metrics. */
export const LOG_BYTES_PER_INVOCATION = 1100;
/** The gateway's line of a request. */
export const ACCESS_LOG_BYTES = 350;

/** Lambda's pollers of a queue: so many connections, each asking again after this long.
 *  AWS documents five to begin with; SQS lets nobody wait longer.
 *  @see AWS, Lambda Developer Guide, "Using Lambda with Amazon SQS" */
export const POLLERS = { connections: 5, waitSeconds: 20 } as const;

/** The alarms of a deployment whose configuration sends the heartbeat. */
export const ALARMS = 24;

/** Samples as they are in a function's memory. */
export const HEAD_BYTES_PER_SAMPLE = 8;
/** Of the head's memory, what is for windows. @see createHead of shared/tsdb/head/head.ts */
export const HEAD_WINDOWS_SHARE = 0.6;
/** The gateway gives up an answer that takes longer. */
export const GATEWAY_TIMEOUT_MS = 29_000;
/** What a window of the head spans. */
export const HEAD_WINDOW_MS = 7_200_000;
