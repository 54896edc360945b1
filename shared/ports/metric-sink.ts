/** Of what the values of a metric are. */
export type MetricUnit = 'Count' | 'Milliseconds';

/** Where the numbers of a process go besides its `/metrics`: outside it, so that they outlive it. */
export interface MetricSink {
  /** Adds a value. Values of one name are of one unit; what comes together is summed, averaged and ranked by the reader.
   *  @param station The function that it is about. @default The one that says so. */
  add(name: string, unit: MetricUnit, value: number, station?: string): void;
}
