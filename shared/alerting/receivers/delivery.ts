import type { Files } from '#shared/ports/files.ts';
import type { HttpClient } from '#shared/ports/http-client.ts';
import type { Mailer } from '#shared/ports/mailer.ts';
import type { Secrets } from '#shared/ports/secrets.ts';
import { DeliveryError, type TopicPublisher } from '#shared/ports/topic.ts';
import type { NotificationData } from '#shared/template/alertmanager-data.ts';
import type { Notification } from '../notification.ts';

/** What receivers need of the outside world. */
export interface ReceiverContext {
  readonly templates: {
    /** @throws {Error} When the template does not parse or execute. */
    text(template: string, data: NotificationData): string;
    html(template: string, data: NotificationData): string;
  };
  readonly http: HttpClient;
  readonly mailer: Mailer;
  readonly topic: TopicPublisher;
  readonly secrets: Secrets;
  readonly files: Files;
  /** Of this system, as links in notifications show it, without a slash at the end. */
  readonly externalUrl: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** Sends a notification by one integration. Expected failures are results; it rejects only for a fault of ours. */
export type Notifier<Config> = (
  config: Config,
  notification: Notification,
  context: ReceiverContext,
) => Promise<DeliveryResult>;

/** `fallback`: templates failed for this reason, and plain text was sent in their place.
 *  `retry`: whether the same may be accepted later. Reasons hold no secrets. */
export type DeliveryResult = { readonly ok: true; readonly fallback?: string } | DeliveryFailure;

export interface DeliveryFailure {
  readonly ok: false;
  readonly retry: boolean;
  readonly reason: string;
  /** How long the other side asked to wait. */
  readonly retryAfterMs?: number;
  readonly fallback?: string;
}

/** A failure that the same notification will meet again. */
export function permanentFailure(reason: string): DeliveryFailure {
  return { ok: false, retry: false, reason };
}

/** Adds what the templates had to be replaced for, if anything. */
export function withFallback(result: DeliveryResult, fallback: string | undefined): DeliveryResult {
  return fallback === undefined ? result : { ...result, fallback };
}

/** Turns the errors that ports throw for an effect that was not accepted into results.
 *  @throws {Error} Everything else, as it is. */
export async function deliver(send: () => Promise<unknown>): Promise<DeliveryResult> {
  try {
    await send();
    return { ok: true };
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    const { message: reason, retry, retryAfterMs } = error;
    return retryAfterMs === undefined ? { ok: false, retry, reason } : { ok: false, retry, reason, retryAfterMs };
  }
}
