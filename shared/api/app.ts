import { Hono } from 'hono';
import { checkAccess } from './access.ts';
import { alertmanagerErrorResponse, alertmanagerRoutes, isAlertmanagerPath } from './alertmanager/routes.ts';
import type { ApiDeps } from './deps.ts';
import { errorResponse } from './envelope.ts';
import { ApiError, publicError } from './errors.ts';
import { operationRoutes } from './operations/routes.ts';
import { featureRoutes } from './prometheus/features.ts';
import { labelRoutes } from './prometheus/labels.ts';
import { queryRoutes } from './prometheus/query.ts';
import { ruleRoutes } from './prometheus/rules.ts';
import { statusRoutes } from './prometheus/status.ts';
import { targetRoutes } from './prometheus/targets.ts';
import { registryRoutes } from './registry/targets.ts';
import { type Route, readBody, toApiRequest } from './request.ts';

/** The HTTP API: requests in, responses out, never an exception. */
export interface Api {
  /** @param caller What the connection says of the caller; headers are not believed. */
  fetch(request: Request, caller: { readonly remoteIsLoopback: boolean }): Promise<Response>;
}

/** Makes the API of Prometheus, of Alertmanager and our own. */
export function createApi(deps: ApiDeps): Api {
  const app = createRouter(allRoutes(deps), deps);
  return {
    async fetch(request, { remoteIsLoopback }) {
      const path = new URL(request.url).pathname;
      try {
        checkAccess(request, { auth: deps.auth, remoteIsLoopback, externalUrl: deps.externalUrl });
        return secured(await app.fetch(request));
      } catch (error) {
        return secured(failure(error, path, deps));
      }
    },
  };
}

function allRoutes(deps: ApiDeps): readonly Route[] {
  return [
    ...queryRoutes(deps),
    ...labelRoutes(deps),
    ...targetRoutes(deps),
    ...ruleRoutes(deps),
    ...statusRoutes(deps),
    ...featureRoutes(deps),
    ...registryRoutes(deps),
    ...operationRoutes(deps),
    ...alertmanagerRoutes(deps),
  ];
}

function createRouter(routes: readonly Route[], deps: ApiDeps): Hono {
  const app = new Hono();
  for (const { methods, path, handle } of routes) {
    app.on([...methods], path, async ({ req }) => {
      const body = await readBody(req.raw);
      return handle(toApiRequest(req.raw, body, (name) => req.param(name) ?? ''));
    });
  }
  for (const [path, members] of Map.groupBy(routes, (route) => route.path)) {
    const allowed = [...new Set(members.flatMap(({ methods }) => methods))];
    app.all(path, ({ req }) => {
      const message = `method ${req.method} is not allowed, but [${allowed}] are`;
      throw new ApiError('method_not_allowed', message, { headers: { allow: allowed.join(', ') } });
    });
  }
  app.notFound(({ req }) => notFound(req.raw, deps));
  app.onError((error) => {
    throw error;
  });
  return app;
}

function notFound(request: Request, { dashboard }: ApiDeps): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  const isPage = ['GET', 'HEAD'].includes(request.method) && !/^\/(?:alertmanager\/)?(?:api|-)\//.test(pathname);
  if (isPage && dashboard !== undefined) return dashboard(pathname);
  throw new ApiError('not_found', `there is no ${request.method} ${pathname} here`);
}

/** The answer to a request that failed. Of our own faults the client only gets a number to ask for. */
function failure(error: unknown, path: string, { logger, random }: ApiDeps): Response {
  let shown = publicError(error);
  if (shown === undefined) {
    const requestId = random.uuid();
    logger.error('Cannot answer request because of a failure of our own', { requestId, path, error });
    shown = new ApiError('internal', `internal error, see the log for request ${requestId}`);
  }
  return isAlertmanagerPath(path) ? alertmanagerErrorResponse(shown, path) : errorResponse(shown);
}

/** No browser may guess another type for an answer than the one it has. */
function secured(response: Response): Response {
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}
