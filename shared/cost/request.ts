/** A request to AWS, as a port's call becomes one and as it is paid for. */
export interface CloudRequest {
  readonly service: 'DynamoDB' | 'S3' | 'SQS' | 'SNS' | 'SecretsManager';
  /** By the API's name: `PutItem`, `GetObject` … */
  readonly operation: string;
  /** What it is about: of a key or a partition the part before the first `/` or `#`; of a byte range of an
   *  object with ` part` behind it. */
  readonly about: string;
  /** What is paid for: of DynamoDB write or read units, of SQS and SNS 64 KB pieces, of others requests. */
  readonly units: number;
  /** Of the body, in or out. */
  readonly bytes: number;
}

/** Gets each request as it ends; what it returns is awaited, so that it can take time. */
export type RequestListener = (request: CloudRequest) => Promise<void> | void;

/** What requests of one kind come to. */
export interface RequestTotal {
  readonly requests: number;
  readonly units: number;
  readonly bytes: number;
}

const CHUNK_BYTES = 64 * 1024;

/** Messages are paid for by the 64 KB, at least one. @see AWS, SQS and SNS pricing */
export function messageUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

/** `windows/scrape-15000-0/…` → `windows`. */
export function aboutOf(key: string): string {
  return /^[^/#]*/.exec(key)![0];
}

const encoder = new TextEncoder();

/** In UTF-8. */
export function textBytes(text: string): number {
  return encoder.encode(text).length;
}
