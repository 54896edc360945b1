/** What went wrong, in the words of the API's `errorType`. */
export type QueryErrorType = 'execution' | 'timeout' | 'canceled' | 'bad_data';

/** A query that has no result. `message` is Prometheus's text.
 *  @see prometheus/promql/engine.go ErrQueryTimeout and its neighbours */
export class QueryError extends Error {
  readonly type: QueryErrorType;

  constructor(type: QueryErrorType, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueryError';
    this.type = type;
  }
}

/** An error found while evaluating. */
export function executionError(message: string, options?: ErrorOptions): QueryError {
  return new QueryError('execution', message, options);
}

/** A part of PromQL that is not implemented; the message names it. */
export function notSupported(feature: string): QueryError {
  return new QueryError('execution', `${feature} is not supported yet`);
}
