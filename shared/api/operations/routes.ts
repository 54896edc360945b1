import { readNotificationLog } from '#shared/alerting/notification-log.ts';
import type { Answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { enveloped, jsonResponse, type Reply } from '../envelope.ts';
import { ApiError, badData } from '../errors.ts';
import { encodeJson, goTime, JsonText } from '../json/go-json.ts';
import { limitParam, type Params } from '../params.ts';
import { buildInfo } from '../prometheus/status.ts';
import type { ApiRequest, Route } from '../request.ts';

/** The routes beside the APIs: health, own metrics, reload, and what became of notifications. */
export function operationRoutes(deps: ApiDeps): readonly Route[] {
  const methods = ['GET'];
  const page = (path: string, handle: () => Answer): Route => ({ methods: ['GET', 'HEAD'], path, handle });
  return [
    page('/-/healthy', () => textResponse('Emberwatch is Healthy.\n')),
    page('/-/ready', () => textResponse('Emberwatch is Ready.\n')),
    { methods: ['POST', 'PUT'], path: '/-/reload', handle: () => reload(deps) },
    { methods, path: '/metrics', handle: () => textResponse(deps.selfMetrics(), METRICS_TYPE) },
    { methods, path: '/version', handle: () => jsonResponse(encodeJson(buildInfo(deps)), 200) },
    { methods, path: '/api/v1/notifications/log', handle: enveloped((request) => notificationLog(request, deps)) },
    { methods, path: '/api/v1/outbox', handle: enveloped(() => listOutbox(deps)) },
    { methods, path: '/api/v1/outbox/:id', handle: (request) => readMail(request, deps) },
  ];
}

const TEXT_TYPE = 'text/plain; charset=utf-8';
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

function textResponse(text: string, type = TEXT_TYPE): Answer {
  return { status: 200, headers: { 'content-type': type }, body: text };
}

async function reload(deps: ApiDeps): Promise<Answer> {
  if (deps.reload === undefined) {
    throw new ApiError('forbidden', 'this deployment reads its configuration when it is deployed, not on request');
  }
  try {
    await deps.reload();
  } catch (error) {
    // The text is for the operator, who wrote the configuration and may see it.
    const body = `failed to reload config: ${(error as Error).message}\n`;
    return { status: 500, headers: { 'content-type': TEXT_TYPE }, body };
  }
  return { status: 200, headers: {}, body: null };
}

const DEFAULT_LOG_LIMIT = 100;
const MAX_LOG_LIMIT = 1000;

async function notificationLog({ params }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const entries = await readNotificationLog(deps.records, logLimit(params));
  const notifications = entries.map(({ timeMs, ...entry }) => ({ time: goTime(timeMs), ...entry }));
  return { data: { notifications: new JsonText(JSON.stringify(notifications)) } };
}

function logLimit(params: Params): number {
  const limit = limitParam(params);
  if (limit > MAX_LOG_LIMIT) throw badData(`limit must not exceed ${MAX_LOG_LIMIT}`);
  return limit === 0 ? DEFAULT_LOG_LIMIT : limit;
}

async function listOutbox({ outbox }: ApiDeps): Promise<Reply> {
  const mails = (await outbox?.list()) ?? [];
  return { data: { mails: mails.map(({ dateMs, ...mail }) => ({ ...mail, date: goTime(dateMs) })) } };
}

async function readMail({ path }: ApiRequest, { outbox }: ApiDeps): Promise<Answer> {
  const id = path('id');
  const mail = await outbox?.read(id);
  if (mail === undefined) throw new ApiError('not_found', `no mail has the id "${id}"`);
  // As a download: what a mail holds must never run as a page of this server.
  const headers = { 'content-type': 'message/rfc822', 'content-disposition': 'attachment' };
  return { status: 200, headers, body: mail };
}
