import { compareStrings, getLabel, goQuote, type Labels } from '#shared/model/labels.ts';
import { fingerprint } from './fingerprint.ts';

/** An alert as rules and `POST /api/v2/alerts` deliver it. Times are Unix milliseconds. */
export interface PostedAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Absent: the end if there is one, else now. */
  readonly startsAtMs?: number;
  /** Absent: firing until `resolve_timeout` after now. */
  readonly endsAtMs?: number;
  readonly generatorUrl: string;
}

/** A stored alert. It is resolved from `endsAtMs` on. Times are Unix milliseconds. */
export interface Alert {
  readonly fingerprint: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** When it was last posted. */
  readonly updatedAtMs: number;
  /** Whether `endsAtMs` is only a guess from `resolve_timeout`. */
  readonly timeout: boolean;
  readonly generatorUrl: string;
}

/** Fills in what a posted alert left open.
 *  @see alertmanager/api/v2/api.go postAlertsHandler */
export function receiveAlert(posted: PostedAlert, options: { nowMs: number; resolveTimeoutMs: number }): Alert {
  const { nowMs, resolveTimeoutMs } = options;
  return {
    fingerprint: fingerprint(posted.labels),
    labels: posted.labels,
    annotations: posted.annotations,
    startsAtMs: posted.startsAtMs ?? posted.endsAtMs ?? nowMs,
    endsAtMs: posted.endsAtMs ?? nowMs + resolveTimeoutMs,
    updatedAtMs: nowMs,
    timeout: posted.endsAtMs === undefined,
    generatorUrl: posted.generatorUrl,
  };
}

/** Why Alertmanager would refuse the alert, in its words; `undefined` when it is valid. The times are checked as
 *  `receiveAlert` fills them in, so a missing one is no error.
 *  @see alertmanager/alert/alert.go Alert.Validate */
export function validatePostedAlert(posted: PostedAlert): string | undefined {
  const { startsAtMs, endsAtMs } = posted;
  if (startsAtMs !== undefined && endsAtMs !== undefined && endsAtMs < startsAtMs) {
    return 'start time must be before end time';
  }
  if (posted.labels.length === 0) return 'at least one label pair required';
  const labelProblem = validateLabels(posted.labels);
  if (labelProblem !== undefined) return `invalid label set: ${labelProblem}`;
  const annotationProblem = validateLabels(posted.annotations);
  return annotationProblem === undefined ? undefined : `invalid annotations: ${annotationProblem}`;
}

function validateLabels(labels: Labels): string | undefined {
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === '' || !labels[i].isWellFormed()) return `invalid name ${goQuote(labels[i])}`;
    if (!labels[i + 1].isWellFormed()) return `invalid value ${goQuote(labels[i + 1])}`;
  }
  return undefined;
}

export function isResolved(alert: Pick<Alert, 'endsAtMs'>, nowMs: number): boolean {
  return alert.endsAtMs <= nowMs;
}

/** What is stored when `posted` arrives for the same labels as `stored`: the posted alert, merged where the two overlap.
 *  An equal end counts as an overlap, so that a resolved alert which is posted again without a start keeps its start.
 *  @see alertmanager/provider/mem/mem.go Alerts.Put */
export function updateAlert(stored: Alert, posted: Alert, nowMs: number): Alert {
  const endsInside = posted.endsAtMs > stored.startsAtMs && posted.endsAtMs <= stored.endsAtMs;
  const startsInside = posted.startsAtMs > stored.startsAtMs && posted.startsAtMs < stored.endsAtMs;
  return endsInside || startsInside ? mergeAlerts(stored, posted, nowMs) : posted;
}

/** Merges two reports of one alert: the younger one, with the earliest start. An end that was reported outlives an
 *  earlier one; an end that was only a timeout does not.
 *  @see alertmanager/alert/alert.go Alert.Merge */
export function mergeAlerts(a: Alert, b: Alert, nowMs: number): Alert {
  const [older, younger] = b.updatedAtMs < a.updatedAtMs ? [b, a] : [a, b];
  const startsAtMs = Math.min(older.startsAtMs, younger.startsAtMs);
  const keepsEnd = isResolved(younger, nowMs) ? isResolved(older, nowMs) : !older.timeout;
  const endsAtMs = keepsEnd ? Math.max(older.endsAtMs, younger.endsAtMs) : younger.endsAtMs;
  return { ...younger, startsAtMs, endsAtMs };
}

/** Orders alerts as notifications list them: by `job`, by `instance` (without one: last), then by all labels.
 *  @see alertmanager/alert/alert.go AlertSlice.Less */
export function compareAlerts(a: Pick<Alert, 'labels'>, b: Pick<Alert, 'labels'>): number {
  for (const name of ['job', 'instance']) {
    const x = getLabel(a.labels, name);
    const y = getLabel(b.labels, name);
    if (x === y) continue;
    if (x === '') return 1;
    return y === '' ? -1 : compareStrings(x, y);
  }
  return compareLabelSets(a.labels, b.labels);
}

/** Orders label sets as Alertmanager does: fewer labels first, then by the first name or value that differs.
 *  @see prometheus/common/model/labelset.go LabelSet.Before */
export function compareLabelSets(a: Labels, b: Labels): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i += 2) {
    // The set that has the smaller name is the later one: the other lacks that name, and lacking comes first.
    if (a[i] !== b[i]) return compareStrings(b[i], a[i]);
    if (a[i + 1] !== b[i + 1]) return compareStrings(a[i + 1], b[i + 1]);
  }
  return 0;
}
