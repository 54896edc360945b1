import { isThrottle } from './errors.ts';

/** One request that went to AWS: retries count one by one, as they are paid for. */
export interface AwsRequest {
  /** `S3`, `DynamoDB` … */
  readonly service: string;
  /** `PutObject`, `Query` … */
  readonly operation: string;
  /** `refused`: answered by an error, which may be the one that was expected. `lost`: not answered. */
  readonly outcome: 'ok' | 'refused' | 'throttled' | 'lost';
}

/** As much of a client as it takes to see its requests. */
export interface MeterableClient {
  // biome-ignore lint/suspicious/noExplicitAny: each client has a stack of its own type
  readonly middlewareStack: { add(middleware: any, options: any): void };
}

interface CallContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

type Next = (args: unknown) => Promise<unknown>;

/** Reports each request of a client, as it ends. */
export function meterRequests(client: MeterableClient, report: (request: AwsRequest) => void): void {
  const middleware = (next: Next, context: CallContext) => async (args: unknown) => {
    const about = { service: nameOf(context.clientName, 'Client'), operation: nameOf(context.commandName, 'Command') };
    try {
      const answer = await next(args);
      report({ ...about, outcome: 'ok' });
      return answer;
    } catch (error) {
      report({ ...about, outcome: outcomeOf(error) });
      throw error;
    }
  };
  // This step is inside of the retries.
  client.middlewareStack.add(middleware, { step: 'deserialize', priority: 'high', name: 'meterRequests' });
}

function outcomeOf(error: unknown): AwsRequest['outcome'] {
  if (isThrottle(error)) return 'throttled';
  const answered = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return answered === undefined && (error as { readonly $response?: unknown }).$response === undefined
    ? 'lost'
    : 'refused';
}

/** `DynamoDBClient` → `DynamoDB`. */
function nameOf(full: string | undefined, suffix: string): string {
  if (full === undefined) return 'unknown';
  return full.endsWith(suffix) ? full.slice(0, -suffix.length) : full;
}
