import { readDiscovery } from '#shared/discovery/discovery-store.ts';
import { compareStrings, getLabel } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { parseMetricSelector } from '#shared/promql/syntax/parser.ts';
import { publicLabels } from '#shared/scrape/target.ts';
import { readTargetHealth, type TargetHealth } from '#shared/scrape/target-health.ts';
import type { ApiDeps } from '../deps.ts';
import { enveloped, type Reply } from '../envelope.ts';
import { badData } from '../errors.ts';
import { goTime, type JsonValue } from '../json/go-json.ts';
import { labelsJson } from '../json/result.ts';
import { type Params, parseInteger, readParam } from '../params.ts';
import type { ApiRequest, Route } from '../request.ts';
import { globalUrlOf } from './global-url.ts';

/** The routes that show targets and what they say of their metrics. */
export function targetRoutes(deps: ApiDeps): readonly Route[] {
  const methods = ['GET'];
  return [
    { methods, path: '/api/v1/targets', handle: enveloped((request) => listTargets(request, deps)) },
    { methods, path: '/api/v1/targets/metadata', handle: enveloped((request) => targetMetadata(request, deps)) },
    { methods, path: '/api/v1/scrape_pools', handle: enveloped(() => scrapePools(deps)) },
    { methods, path: '/api/v1/metadata', handle: enveloped((request) => metricMetadata(request, deps)) },
  ];
}

/** @see prometheus/web/api/v1/api.go targets */
async function listTargets({ query }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const state = query.get('state').toLowerCase();
  const pool = query.get('scrapePool');
  const inPool = (name: string) => pool === '' || name === pool;
  const active = showsState('active', state) ? await readTargetHealth(deps, deps.clock.nowMs()) : [];
  const dropped = showsState('dropped', state) ? ((await readDiscovery(deps))?.dropped ?? []) : undefined;
  const shownDropped = (dropped ?? []).filter((target) => inPool(target.pool));
  return {
    data: {
      activeTargets: active.filter(({ target }) => inPool(target.pool)).map((health) => targetJson(health, deps)),
      droppedTargets: shownDropped
        .toSorted((a, b) => compareStrings(a.pool, b.pool))
        .map((target) => ({ discoveredLabels: labelsJson(target.discoveredLabels), scrapePool: target.pool })),
      droppedTargetCounts: dropped === undefined ? null : countByPool(dropped, await poolNames(deps)),
    },
  };
}

function showsState(wanted: 'active' | 'dropped', state: string): boolean {
  return state === '' || state === 'any' || state === wanted;
}

function targetJson(health: TargetHealth, deps: ApiDeps): JsonValue {
  const { target, lastError, lastScrapeMs, lastScrapeDurationSeconds } = health;
  return {
    discoveredLabels: labelsJson(target.discoveredLabels),
    labels: labelsJson(publicLabels(target)),
    scrapePool: target.pool,
    scrapeUrl: target.scrapeUrl,
    globalUrl: globalUrlOf(target.scrapeUrl, {
      externalUrl: deps.externalUrl,
      listenAddress: deps.flags['web.listen-address'],
    }),
    lastError,
    lastScrape: goTime(lastScrapeMs),
    lastScrapeDuration: lastScrapeDurationSeconds,
    health: health.health,
    scrapeInterval: getLabel(target.labels, '__scrape_interval__'),
    scrapeTimeout: getLabel(target.labels, '__scrape_timeout__'),
  };
}

function countByPool(dropped: readonly { readonly pool: string }[], pools: readonly string[]): JsonValue {
  const counts = new Map(pools.map((name) => [name, 0]));
  for (const { pool } of dropped) counts.set(pool, (counts.get(pool) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => compareStrings(a, b)));
}

/** The configured jobs, and the pools of registered targets. */
async function poolNames(deps: ApiDeps): Promise<readonly string[]> {
  const { prometheus } = await deps.configuration();
  const streams = await deps.plans.streams();
  const plans = await Promise.all(streams.map(({ stream }) => deps.plans.get(stream)));
  const planned = plans.flatMap((plan) => plan?.targets.map(({ pool }) => pool) ?? []);
  const names = new Set([...prometheus.scrapeConfigs.map(({ jobName }) => jobName), ...planned]);
  return [...names].sort(compareStrings);
}

async function scrapePools(deps: ApiDeps): Promise<Reply> {
  return { data: { scrapePools: await poolNames(deps) } };
}

/** @see prometheus/web/api/v1/api.go targetMetadata */
async function targetMetadata({ params }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const limit = countParam(params, 'limit') ?? -1;
  const text = params.get('match_target');
  const matchers: readonly Matcher[] =
    text === '' ? [] : readParam('match_target', () => parseMetricSelector(text, deps.parser));
  const metric = params.get('metric');
  const found: JsonValue[] = [];
  for (const health of await readTargetHealth(deps, deps.clock.nowMs())) {
    if (limit >= 0 && found.length >= limit) break;
    const labels = publicLabels(health.target);
    if (!matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name)))) continue;
    for (const { metric: name, type, help, unit } of health.metadata) {
      if (metric !== '' && metric !== name) continue;
      found.push({ target: labelsJson(labels), metric: metric === '' ? name : undefined, type, help, unit });
    }
  }
  return { data: found };
}

/** @see prometheus/web/api/v1/api.go metricMetadata */
async function metricMetadata({ params }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const limit = countParam(params, 'limit') ?? -1;
  const limitPerMetric = countParam(params, 'limit_per_metric') ?? -1;
  const wanted = params.get('metric');
  const byMetric = new Map<string, JsonValue[]>();
  for (const { metric, type, help, unit } of await deps.metadata()) {
    if (wanted !== '' && wanted !== metric) continue;
    const entries = byMetric.get(metric) ?? [];
    if (limitPerMetric > 0 && entries.length >= limitPerMetric) continue;
    byMetric.set(metric, [...entries, { type, unit, help }]);
  }
  const sorted = [...byMetric].sort(([a], [b]) => compareStrings(a, b));
  return { data: Object.fromEntries(limit >= 0 ? sorted.slice(0, limit) : sorted) };
}

function countParam(params: Params, name: string): number | undefined {
  const text = params.get(name);
  if (text === '') return undefined;
  try {
    return parseInteger(text);
  } catch {
    throw badData(`${name} must be a number`);
  }
}
