import type { Answer } from '../answer.ts';

/** A JSON answer as Alertmanager gives it, never to be kept by caches. */
export function jsonReply(body: string | null, status = 200): Answer {
  // Go's encoder ends a document with a line break.
  return reply(body === null ? null : `${body}\n`, status, {});
}

/** An answer of Alertmanager's framework, which refuses what does not fit its API's description. */
export function frameworkReply(body: string, status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return reply(body, status, headers);
}

function reply(text: string | null, status: number, headers: Readonly<Record<string, string>>): Answer {
  const type: Record<string, string> = text === null ? {} : { 'content-type': 'application/json' };
  return { status, headers: { 'cache-control': 'no-store', ...type, ...headers }, body: text };
}
