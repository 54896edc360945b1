import type {
  Annotated,
  FieldProblem,
  NotificationAttempt,
  OutboxMail,
  QueryData,
  ReceivedAlert,
  RegisteredTarget,
  RuleGroup,
  Silence,
  SilenceInput,
  TargetInput,
  TargetsData,
  TsdbStatus,
} from './api-types.ts';
import { token } from './settings.ts';

/** All that the dashboard asks of the server. Every function takes a signal that cancels it, and throws `ApiFailure`. */

/** A request that did not succeed; `message` is the server's own words where there are any. */
export class ApiFailure extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Of single fields, where the server tells. */
  readonly problems: readonly FieldProblem[];

  constructor(message: string, details: ErrorOptions & { status: number; problems?: readonly FieldProblem[] }) {
    super(message, { cause: details.cause });
    this.name = 'ApiFailure';
    this.status = details.status;
    this.problems = details.problems ?? [];
  }
}

/** Put before each path of the API: empty, or the path below which an API Gateway stage serves it. */
let apiBase = '';

/** Reads `config.json`, which a deployment may replace. Without it the API is on the site's own origin. */
export async function readSiteConfig(): Promise<void> {
  const response = await fetch('/config.json').catch(() => undefined);
  if (!response?.ok) return;
  const config: unknown = await response.json().catch(() => undefined);
  const base = (config as { apiBase?: unknown } | undefined)?.apiBase;
  if (typeof base === 'string') apiBase = base.replace(/\/$/, '');
}

type Params = Readonly<Record<string, string | readonly string[]>>;

export function queryInstant(params: Params, signal: AbortSignal): Promise<Annotated<QueryData>> {
  return postForm('/api/v1/query', params, signal);
}

export function queryRange(params: Params, signal: AbortSignal): Promise<Annotated<QueryData>> {
  return postForm('/api/v1/query_range', params, signal);
}

/** The query, printed as Prometheus does. */
export async function formatQuery(query: string, signal: AbortSignal): Promise<string> {
  return (await postForm<string>('/api/v1/format_query', { query }, signal)).data;
}

/** Names of metrics that contain `part`, at most `limit`. */
export async function metricNames(part: string, limit: number, signal: AbortSignal): Promise<readonly string[]> {
  const escaped = part.replace(/[^a-zA-Z0-9_:]/g, '');
  const params = { 'match[]': `{__name__=~"(?i).*${escaped}.*"}`, limit: String(limit) };
  return prometheus(`/api/v1/label/__name__/values?${search(params)}`, signal);
}

export function listTargets(signal: AbortSignal): Promise<TargetsData> {
  return prometheus('/api/v1/targets', signal);
}

export async function registerTarget(target: TargetInput, signal: AbortSignal): Promise<RegisteredTarget> {
  const response = await send('/api/v1/registry/targets', jsonRequest(target, signal));
  return ((await response.json()) as { data: RegisteredTarget }).data;
}

export async function deleteTarget(id: string, signal: AbortSignal): Promise<void> {
  await send(`/api/v1/registry/targets/${encodeURIComponent(id)}`, { method: 'DELETE', signal });
}

export async function listRuleGroups(signal: AbortSignal): Promise<readonly RuleGroup[]> {
  return (await prometheus<{ groups: RuleGroup[] }>('/api/v1/rules', signal)).groups;
}

/** @param filters Matchers such as `job="api"`; all must hold. */
export function listReceivedAlerts(filters: readonly string[], signal: AbortSignal): Promise<readonly ReceivedAlert[]> {
  return plain(`/api/v2/alerts?${search({ filter: filters })}`, signal);
}

export function listSilences(signal: AbortSignal): Promise<readonly Silence[]> {
  return plain('/api/v2/silences', signal);
}

/** @returns The id of the silence. */
export async function saveSilence(silence: SilenceInput, signal: AbortSignal): Promise<string> {
  const response = await send('/api/v2/silences', jsonRequest(silence, signal));
  return ((await response.json()) as { silenceID: string }).silenceID;
}

export async function expireSilence(id: string, signal: AbortSignal): Promise<void> {
  await send(`/api/v2/silence/${encodeURIComponent(id)}`, { method: 'DELETE', signal });
}

export async function listNotifications(signal: AbortSignal): Promise<readonly NotificationAttempt[]> {
  const path = '/api/v1/notifications/log?limit=200';
  return (await prometheus<{ notifications: NotificationAttempt[] }>(path, signal)).notifications;
}

export async function listMails(signal: AbortSignal): Promise<readonly OutboxMail[]> {
  return (await prometheus<{ mails: OutboxMail[] }>('/api/v1/outbox', signal)).mails;
}

/** A mail as it was sent. */
export async function readMail(id: string, signal: AbortSignal): Promise<string> {
  return (await send(`/api/v1/outbox/${encodeURIComponent(id)}`, { signal })).text();
}

export interface ServerStatus {
  readonly build: Readonly<Record<string, string>>;
  readonly runtime: Readonly<Record<string, unknown>>;
  readonly flags: Readonly<Record<string, string>>;
  readonly prometheusYaml: string;
  readonly alertmanagerYaml: string;
  readonly tsdb: TsdbStatus;
}

export async function readStatus(signal: AbortSignal): Promise<ServerStatus> {
  const [build, runtime, flags, config, tsdb, alertmanager] = await Promise.all([
    prometheus<Record<string, string>>('/api/v1/status/buildinfo', signal),
    prometheus<Record<string, unknown>>('/api/v1/status/runtimeinfo', signal),
    prometheus<Record<string, string>>('/api/v1/status/flags', signal),
    prometheus<{ yaml: string }>('/api/v1/status/config', signal),
    prometheus<TsdbStatus>('/api/v1/status/tsdb', signal),
    plain<{ config: { original: string } }>('/api/v2/status', signal),
  ]);
  return { build, runtime, flags, prometheusYaml: config.yaml, alertmanagerYaml: alertmanager.config.original, tsdb };
}

/** The data in Prometheus's envelope. */
async function prometheus<T>(path: string, signal: AbortSignal): Promise<T> {
  return (await plain<{ data: T }>(path, signal)).data;
}

async function plain<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await send(path, { signal });
  return (await response.json()) as T;
}

async function postForm<T>(path: string, params: Params, signal: AbortSignal): Promise<Annotated<T>> {
  const response = await send(path, { method: 'POST', body: search(params), signal });
  const { data, warnings = [], infos = [] } = (await response.json()) as Partial<Annotated<T>> & { data: T };
  return { data, warnings, infos };
}

function search(params: Params): URLSearchParams {
  const pairs = Object.entries(params).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new URLSearchParams(pairs);
}

function jsonRequest(body: unknown, signal: AbortSignal): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal };
}

async function send(path: string, request: RequestInit): Promise<Response> {
  const headers = new Headers(request.headers);
  if (token.value !== '') headers.set('authorization', `Bearer ${token.value}`);
  let response: Response;
  try {
    // Without this a 401 makes browsers ask for a name and a password, before the page can ask for a token.
    response = await fetch(apiBase + path, { ...request, headers, credentials: 'omit' });
  } catch (cause) {
    if (request.signal?.aborted) throw cause;
    throw new ApiFailure('Cannot reach the server', { cause, status: 0 });
  }
  if (!response.ok) throw failureOf(response, await response.text());
  return response;
}

/** Prometheus's routes answer errors in their envelope, Alertmanager's a text, or a code and a message. */
function failureOf({ status, statusText }: Response, body: string): ApiFailure {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return new ApiFailure(body.trim() || `The server answered ${status} ${statusText}`.trim(), { status });
  }
  if (typeof parsed === 'string') return new ApiFailure(parsed, { status });
  const { error, message, data } = (parsed ?? {}) as {
    error?: string;
    message?: string;
    data?: { problems?: readonly FieldProblem[] };
  };
  return new ApiFailure(error ?? message ?? `The server answered ${status}`, { status, problems: data?.problems });
}
