import { getLabel, goQuote, type Labels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { RouteConfig } from './config.ts';
import { compareMatchers } from './matchers.ts';

/** A node of the routing tree. */
export interface Route extends Omit<RouteConfig, 'routes'> {
  /** The matchers from the root to here: `{}/{team="db"}`. Routes with equal matchers share it. */
  readonly key: string;
  /** As `key`, made unique by positions: `{}/{team="db"}/0`. */
  readonly id: string;
  readonly routes: readonly Route[];
}

/** Builds the routing tree.
 *  @see alertmanager/dispatch/route.go NewRoute, Route.Key, Route.ID */
export function buildRouteTree(config: RouteConfig): Route {
  const own = formatMatchers(config.matchers);
  return buildRoute(config, { key: own, id: own });
}

function buildRoute(config: RouteConfig, names: Pick<Route, 'key' | 'id'>): Route {
  const routes = config.routes.map((child, index) => {
    const own = formatMatchers(child.matchers);
    return buildRoute(child, { key: `${names.key}/${own}`, id: `${names.id}/${own}/${index}` });
  });
  return { ...config, ...names, routes };
}

/** The routes that take an alert, in order: depth first, a route only where none of its children takes it, siblings
 *  after a match only when it says `continue`. Empty only when the root does not match.
 *  @see alertmanager/dispatch/route.go Route.Match */
export function matchRoutes(route: Route, labels: Labels): readonly Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const matches = matchRoutes(child, labels);
    found.push(...matches);
    if (matches.length > 0 && !child.continue) break;
  }
  return found.length === 0 ? [route] : found;
}

/** All routes of the tree by id. */
export function routesById(root: Route): ReadonlyMap<string, Route> {
  const walk = (route: Route): [string, Route][] => [[route.id, route], ...route.routes.flatMap(walk)];
  return new Map(walk(root));
}

/** Whether every matcher holds; a missing label has the value `''`. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name)));
}

/** Matchers in Alertmanager's notation, ordered: `{a="b",c=~"d|e"}`.
 *  @see alertmanager/pkg/labels/matcher.go Matchers.String */
export function formatMatchers(matchers: readonly Matcher[]): string {
  return `{${[...matchers].sort(compareMatchers).map(formatMatcher).join(',')}}`;
}

function formatMatcher({ name, operator, value }: Matcher): string {
  if (/[\s{}!=~,\\"'`]/u.test(name)) return `${goQuote(name)}${operator}${goQuote(value)}`;
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  return `${name}${operator}"${escaped}"`;
}
