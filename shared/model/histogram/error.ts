/** A histogram that breaks a rule; the message has Prometheus's words.
 *  @see prometheus/model/histogram/generic.go Error */
export class HistogramError extends Error {
  override readonly name = 'HistogramError';
}
