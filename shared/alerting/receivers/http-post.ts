import type { HttpClientConfig, SecretText } from '#shared/config/http-config.ts';
import { type HttpOptions, resolveHttpOptions } from '#shared/config/http-options.ts';
import { type HttpFailure, HttpRequestError, type HttpResponse } from '#shared/ports/http-client.ts';
import { type DeliveryFailure, type DeliveryResult, permanentFailure, type ReceiverContext } from './delivery.ts';

/** Upstream waits without an end where no timeout is configured. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** Answers are only looked at for an error message. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** As much of an answer as a reason shows. */
const MAX_DETAIL_LENGTH = 300;

export interface JsonPost {
  /** May hold a secret. */
  readonly url: string;
  readonly body: string;
  readonly http: HttpClientConfig;
  /** 0: the default. */
  readonly timeoutMs: number;
  /** Who is called, for reasons: `webhook`, `Slack`, … */
  readonly name: string;
  /** What a reason must not show, besides the URL. */
  readonly secrets?: readonly string[];
  /** Statuses besides 429 and 5xx after which the same may be accepted later. */
  readonly retryStatuses?: readonly number[];
  /** What of a refusal's body is shown. @default all of it */
  readonly details?: (status: number, body: string) => string;
}

/** Posts JSON and judges the answer by its status.
 *  @param inspect Judges the body of an answer that the status says is fine.
 *  @see alertmanager/notify/util.go PostJSON, Retrier.Check */
export async function postJson(
  context: ReceiverContext,
  post: JsonPost,
  inspect: (response: HttpResponse) => DeliveryResult = () => ({ ok: true }),
): Promise<DeliveryResult> {
  const response = await request(context, post);
  if ('ok' in response) return response;
  const result = Math.trunc(response.status / 100) === 2 ? inspect(response) : refusal(response, post, context.nowMs);
  return result.ok ? result : { ...result, reason: redact(result.reason, [post.url, ...(post.secrets ?? [])]) };
}

async function request(context: ReceiverContext, post: JsonPost): Promise<HttpResponse | DeliveryFailure> {
  const resolved = await resolveOptions(context, post);
  if ('ok' in resolved) return resolved;
  const { headers, ...options } = resolved;
  try {
    return await context.http.request({
      method: 'POST',
      url: post.url,
      headers: { ...headers, 'Content-Type': 'application/json', 'User-Agent': 'Emberwatch' },
      body: post.body,
      timeoutMs: post.timeoutMs || DEFAULT_TIMEOUT_MS,
      maxBodyBytes: MAX_ANSWER_BYTES,
      ...options,
    });
  } catch (error) {
    if (!(error instanceof HttpRequestError)) throw error;
    return { ok: false, retry: error.kind !== 'blocked', reason: `post to ${post.name}: ${FAILURES[error.kind]}` };
  }
}

async function resolveOptions(context: ReceiverContext, post: JsonPost): Promise<HttpOptions | DeliveryFailure> {
  try {
    return await resolveHttpOptions(post.http, context);
  } catch (error) {
    return { ok: false, retry: true, reason: `post to ${post.name}: ${errorMessage(error)}` };
  }
}

/** The client's own message is not shown: it may name the URL, and webhook URLs are secrets. */
const FAILURES: Readonly<Record<HttpFailure, string>> = {
  timeout: 'timed out',
  refused: 'connection refused',
  dns: 'host name not found',
  tls: 'TLS handshake failed',
  blocked: 'the address is not allowed',
  'too-large': 'the answer is too large',
  protocol: 'no valid HTTP answer',
  aborted: 'aborted',
};

function refusal(response: HttpResponse, post: JsonPost, nowMs: number): DeliveryFailure {
  const { status, headers } = response;
  const body = bodyText(response);
  const details = post.details === undefined ? body : post.details(status, body);
  const reason = `unexpected status code ${status}${details === '' ? '' : `: ${details.slice(0, MAX_DETAIL_LENGTH)}`}`;
  const retry = status >= 500 || status === 429 || (post.retryStatuses ?? []).includes(status);
  const retryAfterMs = retry ? parseRetryAfter(headers['retry-after'], nowMs) : undefined;
  return retryAfterMs === undefined ? { ok: false, retry, reason } : { ok: false, retry, reason, retryAfterMs };
}

/** The body of an answer as text. */
export function bodyText(response: HttpResponse): string {
  return new TextDecoder().decode(response.body);
}

/** How long `Retry-After` (seconds or a date) asks to wait; `undefined` when it is absent or neither.
 *  @see RFC 9110 10.2.3 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : Math.max(0, timeMs - nowMs);
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((shown, secret) => shown.replaceAll(secret, '<secret>'), text);
}

/** A secret that is written in the configuration, or else in a file of its own.
 *  @returns A failure when the file cannot be read. */
export async function readSecret(
  context: ReceiverContext,
  place: { readonly text: SecretText | undefined; readonly file: string | undefined; readonly name: string },
): Promise<string | DeliveryFailure> {
  if (place.text !== undefined) return place.text.reveal();
  try {
    return (await context.files.read(place.file ?? '')).trim();
  } catch (error) {
    return permanentFailure(`read ${place.name}: ${errorMessage(error)}`);
  }
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
