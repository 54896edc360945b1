/** Whether a counter began anew between two samples, by what they say of when it began: 0 is unknown, and so is a start at
 *  the sample itself.
 *  @see prometheus/promql/functions.go isStartTimestampReset */
export function isStartReset(beforeStartMs: number, beforeMs: number, startMs: number, timeMs: number): boolean {
  if (beforeStartMs === startMs || startMs === 0 || startMs >= timeMs) return false;
  if (startMs !== beforeMs) return startMs > beforeMs;
  // It starts where the sample before was: a delta, unless that one's own start is unknown or makes no sense.
  return beforeStartMs < beforeMs && beforeStartMs !== 0;
}

/** Whether a counter began anew after `thenMs`.
 *  @see prometheus/promql/functions.go isStartTimestampResetAfter */
export function isStartResetAfter(thenMs: number, startMs: number, timeMs: number): boolean {
  return startMs > thenMs && timeMs > thenMs && isStartReset(thenMs, thenMs, startMs, timeMs);
}

/** Whether a sample counts from before the one before it, and not from the same time.
 *  @see prometheus/promql/functions.go checkStartTimeOverlap */
export function overlapsBefore(beforeStartMs: number, beforeMs: number, startMs: number): boolean {
  return startMs !== 0 && startMs < beforeMs && startMs !== beforeStartMs;
}
