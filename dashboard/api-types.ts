/** What the HTTP API answers, as JSON: see docs/http-api.md. Times are RFC 3339. */

export type LabelRecord = Readonly<Record<string, string>>;

/** Unix seconds, and the value as text. */
export type WirePoint = readonly [timeSeconds: number, value: string];

export interface VectorItem {
  readonly metric: LabelRecord;
  readonly value: WirePoint;
}

export interface MatrixItem {
  readonly metric: LabelRecord;
  readonly values?: readonly WirePoint[];
}

export type QueryData =
  | { readonly resultType: 'vector'; readonly result: readonly VectorItem[] }
  | { readonly resultType: 'matrix'; readonly result: readonly MatrixItem[] }
  | { readonly resultType: 'scalar'; readonly result: WirePoint }
  | { readonly resultType: 'string'; readonly result: WirePoint };

/** The data of an answer with what Prometheus remarks on it. */
export interface Annotated<T> {
  readonly data: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export interface ActiveTarget {
  readonly discoveredLabels: LabelRecord;
  readonly labels: LabelRecord;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly lastError: string;
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: 'up' | 'down' | 'unknown';
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface DroppedTarget {
  readonly discoveredLabels: LabelRecord;
  readonly scrapePool: string;
}

export interface TargetsData {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly DroppedTarget[];
}

export interface RegisteredTarget {
  readonly id: string;
  readonly address: string;
  readonly job: string;
  readonly labels: LabelRecord;
  readonly scrapeInterval: string;
  readonly ttl?: string;
  readonly expiresAt?: string;
}

/** What a registration sends; what is absent gets the server's default. */
export interface TargetInput {
  readonly address: string;
  readonly job?: string;
  readonly scheme?: string;
  readonly metricsPath?: string;
  readonly labels?: LabelRecord;
  readonly scrapeInterval?: string;
  readonly ttl?: string;
}

/** One thing wrong with a registration; `field` such as `labels.env`. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

export type AlertState = 'inactive' | 'pending' | 'firing';

export interface RuleAlert {
  readonly labels: LabelRecord;
  readonly annotations: LabelRecord;
  readonly state: AlertState;
  readonly activeAt: string;
  readonly value: string;
}

interface RuleEvaluation {
  readonly name: string;
  readonly query: string;
  readonly labels: LabelRecord;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  /** Seconds. */
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

export interface AlertingRule extends RuleEvaluation {
  readonly type: 'alerting';
  readonly state: AlertState;
  /** Seconds, as the next one. */
  readonly duration: number;
  readonly keepFiringFor: number;
  readonly annotations: LabelRecord;
  readonly alerts: readonly RuleAlert[];
}

export interface RecordingRule extends RuleEvaluation {
  readonly type: 'recording';
}

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly (AlertingRule | RecordingRule)[];
  /** Seconds. */
  readonly interval: number;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

/** An alert as Alertmanager knows it. */
export interface ReceivedAlert {
  readonly labels: LabelRecord;
  readonly annotations: LabelRecord;
  readonly startsAt: string;
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly status: {
    readonly state: 'active' | 'suppressed' | 'unprocessed';
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
  };
}

export interface WireMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

export interface Silence {
  readonly id: string;
  readonly status: { readonly state: 'active' | 'pending' | 'expired' };
  readonly matchers: readonly WireMatcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export type SilenceInput = Pick<Silence, 'matchers' | 'startsAt' | 'endsAt' | 'createdBy' | 'comment'> & {
  /** Of the silence that is edited. */
  readonly id?: string;
};

/** One try to deliver a notification. */
export interface NotificationAttempt {
  readonly time: string;
  readonly id: string;
  readonly receiver: string;
  readonly integration: string;
  readonly groupLabels: LabelRecord;
  readonly status: string;
  readonly reason: string;
  readonly alerts: number;
  readonly attempt: number;
  readonly ok: boolean;
  readonly error?: string;
}

export interface OutboxMail {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly date: string;
  readonly sizeBytes: number;
}

interface NamedCount {
  readonly name: string;
  readonly value: number;
}

export interface TsdbStatus {
  readonly headStats: { readonly numSeries: number; readonly numLabelPairs: number };
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}
