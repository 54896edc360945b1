import { QueryError } from '#shared/promql/engine/query-error.ts';

/** What a request can fail by: Prometheus's names, and below them what only we answer. */
export type ErrorType =
  | 'bad_data'
  | 'execution'
  | 'canceled'
  | 'timeout'
  | 'internal'
  | 'unavailable'
  | 'not_found'
  | 'not_acceptable'
  | 'unauthorized'
  | 'forbidden'
  | 'method_not_allowed'
  | 'precondition_failed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'unprocessable';

/** The HTTP status of each failure. @see prometheus/web/api/v1/api.go getDefaultErrorCode */
export const ERROR_STATUS: Readonly<Record<ErrorType, number>> = {
  bad_data: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  execution: 422,
  unprocessable: 422,
  canceled: 499,
  internal: 500,
  unavailable: 503,
  timeout: 503,
};

/** A request that cannot be answered; `message` is for the client. */
export class ApiError extends Error {
  readonly type: ErrorType;
  /** What the envelope has in `data`, and headers such as `allow`. */
  readonly details: ErrorDetails;

  constructor(type: ErrorType, message: string, options: ErrorOptions & ErrorDetails = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.type = type;
    this.details = { data: options.data, headers: options.headers };
  }
}

export interface ErrorDetails {
  /** Plain JSON. */
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function badData(message: string): ApiError {
  return new ApiError('bad_data', message);
}

/** @see prometheus/web/api/v1/api.go invalidParamError */
export function invalidParameter(name: string, problem: string): ApiError {
  return badData(`invalid parameter "${name}": ${problem}`);
}

/** What the client is told of an error; `undefined` of one that is our own fault, whose text is not for the client. */
export function publicError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (!(error instanceof QueryError)) return undefined;
  // A query that cannot even be prepared is a wrong parameter.
  return error.type === 'bad_data'
    ? invalidParameter('query', error.message)
    : new ApiError(error.type, error.message, { cause: error });
}
