import type { Answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { type ApiError, ERROR_STATUS } from '../errors.ts';
import type { Route } from '../request.ts';
import { alertRoutes } from './alerts.ts';
import { frameworkReply, jsonReply } from './reply.ts';
import { silenceRoutes } from './silences.ts';
import { alertmanagerStatusRoutes } from './status.ts';

/** Below these the routes are Alertmanager's; the second is where Mimir has them. */
const PREFIXES = ['/api/v2', '/alertmanager/api/v2'];

/** The routes of Alertmanager's API v2. @see alertmanager/api/v2/openapi.yaml */
export function alertmanagerRoutes(deps: ApiDeps): readonly Route[] {
  const routes = [...alertmanagerStatusRoutes(deps), ...alertRoutes(deps), ...silenceRoutes(deps)];
  return PREFIXES.flatMap((prefix) => routes.map((route) => ({ ...route, path: prefix + route.path })));
}

export function isAlertmanagerPath(path: string): boolean {
  return PREFIXES.some((prefix) => path.startsWith(`${prefix}/`));
}

/** A failure as Alertmanager answers it: a text as JSON from its handlers, an object with a code from its framework. */
export function alertmanagerErrorResponse({ type, message, details }: ApiError, path: string): Answer {
  const code = ERROR_STATUS[type];
  const ofHandler = details.data === undefined && (type === 'bad_data' || type === 'internal');
  if (ofHandler) return jsonReply(JSON.stringify(message), code);
  const refusal = details.data ?? { code, message: type === 'not_found' ? `path ${path} was not found` : message };
  return frameworkReply(JSON.stringify(refusal), code, details.headers);
}
