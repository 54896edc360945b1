import { METHOD_NAME_ALL, type Router } from 'hono/router';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';
import { getPath, tryDecodeURIComponent } from 'hono/utils/url';
import { ApiError } from './errors.ts';
import type { IncomingRequest, Route } from './request.ts';

/** A route and how a request matched its path. */
export interface FoundRoute {
  readonly route: Route;
  /** A part of the path by its name in the route's path, decoded. */
  path(name: string): string;
}

/** Finds the route of a request; `undefined` where no route has its path.
 *  @throws {ApiError} When the path's routes have other methods. */
export type RouteFinder = (request: Pick<IncomingRequest, 'method' | 'url'>) => FoundRoute | undefined;

/** Makes a finder of routes: of hono only the routers, for most answers take less time than what is around them. */
export function createRouteFinder(routes: readonly Route[]): RouteFinder {
  const router = createRouter(routes);
  return (request) => {
    // What a HEAD is answered is what a GET is, without the body.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const [[first], stash] = router.match(method, getPath(request as Request));
    if (first === undefined) return undefined;
    const [target, params] = first;
    if ('allowed' in target) throw notAllowed(request.method, target.allowed);
    const text = (name: string) => (stash === undefined ? params[name] : stash[Number(params[name])]);
    return { route: target, path: (name) => tryDecodeURIComponent(String(text(name) ?? '')) };
  };
}

/** What a path is registered for with all methods that no route has. */
interface OtherMethods {
  readonly allowed: readonly string[];
}

function createRouter(routes: readonly Route[]): Router<Route | OtherMethods> {
  const router = new SmartRouter<Route | OtherMethods>({ routers: [new RegExpRouter(), new TrieRouter()] });
  for (const route of routes) for (const method of route.methods) router.add(method, route.path, route);
  for (const [path, members] of Map.groupBy(routes, (route) => route.path)) {
    router.add(METHOD_NAME_ALL, path, { allowed: [...new Set(members.flatMap(({ methods }) => methods))] });
  }
  return router;
}

function notAllowed(method: string, allowed: readonly string[]): ApiError {
  const message = `method ${method} is not allowed, but [${allowed}] are`;
  return new ApiError('method_not_allowed', message, { headers: { allow: allowed.join(', ') } });
}
