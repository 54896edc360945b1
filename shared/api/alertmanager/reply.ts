/** A JSON answer as Alertmanager gives it, never to be kept by caches. */
export function jsonReply(body: string | null, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  const type: Record<string, string> = body === null ? {} : { 'content-type': 'application/json' };
  // Go's encoder ends a document with a line break.
  const text = body === null ? null : `${body}\n`;
  return new Response(text, { status, headers: { 'cache-control': 'no-store', ...type, ...headers } });
}
