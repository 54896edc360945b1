import type { Server } from 'node:http';
import { createDashboard } from '../functions/local/dashboard.ts';
import { serve } from '../functions/local/server.ts';
import { webAnswers } from '../functions/local/web-answers.ts';

/** The paths of the API; all others are the dashboard's. */
const API_PATH = /^\/(?:api\/|alertmanager\/|-\/|metrics$|version$)/;

/** Serves the dashboard and a deployed API under one name, as CloudFront does in a real account.
 *  @param endpoint Of the API, without a slash at the end. */
export function serveDeployment(endpoint: string, port: number): Promise<Server> {
  const dashboard = createDashboard();
  return serve(
    webAnswers((request) => {
      const { pathname, search } = new URL(request.url);
      return API_PATH.test(pathname) ? forward(request, endpoint + pathname + search) : dashboard(pathname);
    }),
    { host: '127.0.0.1', port },
  );
}

async function forward(request: Request, url: string): Promise<Response> {
  const headers = new Headers(request.headers);
  // What belongs to the connection; the origin is ours, which the API does not know.
  for (const name of ['host', 'connection', 'content-length', 'origin', 'accept-encoding']) headers.delete(name);
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const body = hasBody ? await request.arrayBuffer() : undefined;
  const answer = await fetch(url, {
    method: request.method,
    headers,
    body,
    signal: request.signal,
    redirect: 'manual',
  });
  const answered = new Headers(answer.headers);
  for (const name of ['connection', 'content-length', 'content-encoding', 'transfer-encoding']) answered.delete(name);
  const empty = answer.status === 204 || answer.status === 304;
  return new Response(empty ? null : await answer.arrayBuffer(), { status: answer.status, headers: answered });
}
