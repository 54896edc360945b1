/** What an AWS client throws, as far as adapters look at it. Read by shape: each client has classes of its own. */
interface AwsError {
  readonly name?: string;
  readonly message?: string;
  readonly $fault?: 'client' | 'server';
  readonly $retryable?: { readonly throttling?: boolean };
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

const THROTTLES = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|ProvisionedThroughputExceeded/;

/** The error's name, as the service's documentation has it: `NoSuchKey`. */
export function awsErrorName(error: unknown): string {
  return (error as AwsError | null)?.name ?? '';
}

/** The HTTP status of the service's answer; `undefined` when there was none. */
export function awsErrorStatus(error: unknown): number | undefined {
  return (error as AwsError | null)?.$metadata?.httpStatusCode;
}

/** Whether the client had sent the request before the one that was answered so: the earlier one may have been carried out. */
export function wasRetried(error: unknown): boolean {
  return ((error as AwsError | null)?.$metadata?.attempts ?? 1) > 1;
}

/** Whether the same request may be accepted later: the service is overloaded or broken, or did not answer. */
export function isTransient(error: unknown): boolean {
  const status = awsErrorStatus(error);
  if (status === undefined) return isNetworkError(error);
  return status >= 500 || status === 429 || isThrottle(error);
}

/** Whether the service answered that it is asked too often. */
export function isThrottle(error: unknown): boolean {
  return (error as AwsError).$retryable?.throttling === true || THROTTLES.test(awsErrorName(error));
}

/** An error that came from the wire or from a deadline, not from what we asked for. */
function isNetworkError(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return /Timeout|Abort/.test(awsErrorName(error)) || typeof code === 'string';
}

/** `name: message`, for an error of ours. */
export function describeAwsError(error: unknown): string {
  const { name, message } = error as AwsError;
  return `${name ?? 'Error'}: ${message || 'no message'}`;
}
