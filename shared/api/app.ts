import { createAccessCheck } from './access.ts';
import { alertmanagerErrorResponse, alertmanagerRoutes, isAlertmanagerPath } from './alertmanager/routes.ts';
import { type Answer, fromResponse, toResponse } from './answer.ts';
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
import { type IncomingRequest, type Route, readRequest } from './request.ts';
import { createRouteFinder } from './router.ts';

/** The HTTP API: requests in, answers out, never an exception. */
export interface Api {
  answer: Answers;
  /** The same, as the web platform has it. */
  fetch(request: IncomingRequest, caller: Caller): Promise<Response>;
}

/** What the connection says of the caller; headers are not believed. */
export interface Caller {
  readonly remoteIsLoopback: boolean;
}

export type Answers = (request: IncomingRequest, caller: Caller) => Promise<Answer>;

/** Makes the API of Prometheus, of Alertmanager and our own.
 *  @param around Is put around the answering of each request. @default Nothing. */
export function createApi(deps: ApiDeps, around: (answer: Answers) => Answers = (answer) => answer): Api {
  const findRoute = createRouteFinder(allRoutes(deps));
  const checkAccess = createAccessCheck(deps);
  const answer = around(async (request, caller) => {
    const { method, headers } = request;
    const url = new URL(request.url);
    try {
      checkAccess({ method, headers, url }, caller);
      const found = findRoute(request);
      const given =
        found === undefined
          ? await notFound(method, url.pathname, deps)
          : await found.route.handle(await readRequest(request, { url, ...found }));
      return secured(method === 'HEAD' ? withoutBody(given) : given);
    } catch (error) {
      return secured(failure(error, url.pathname, deps));
    }
  });
  return { answer, fetch: async (request, caller) => toResponse(await answer(request, caller)) };
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

async function notFound(method: string, path: string, { dashboard }: ApiDeps): Promise<Answer> {
  const isPage = ['GET', 'HEAD'].includes(method) && !/^\/(?:alertmanager\/)?(?:api|-)\//.test(path);
  if (isPage && dashboard !== undefined) return fromResponse(await dashboard(path));
  throw new ApiError('not_found', `there is no ${method} ${path} here`);
}

/** The answer to a request that failed. Of our own faults the client only gets a number to ask for. */
function failure(error: unknown, path: string, { logger, random }: ApiDeps): Answer {
  let shown = publicError(error);
  if (shown === undefined) {
    const requestId = random.uuid();
    logger.error('Cannot answer request because of a failure of our own', { requestId, path, error });
    shown = new ApiError('internal', `internal error, see the log for request ${requestId}`);
  }
  return isAlertmanagerPath(path) ? alertmanagerErrorResponse(shown, path) : errorResponse(shown);
}

function withoutBody(answer: Answer): Answer {
  if (answer.body instanceof ReadableStream) void answer.body.cancel();
  return { ...answer, body: null };
}

/** No browser may guess another type for an answer than the one it has. */
function secured(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'x-content-type-options': 'nosniff' } };
}
