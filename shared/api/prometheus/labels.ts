import { compareLabels, compareStrings, getLabel, goQuote, type Labels, labelsKey } from '#shared/model/labels.ts';
import { createMatcher, type Matcher } from '#shared/model/matcher.ts';
import type { ApiDeps } from '../deps.ts';
import { enveloped, type Reply } from '../envelope.ts';
import { badData } from '../errors.ts';
import type { JsonText } from '../json/go-json.ts';
import { labelsJson } from '../json/result.ts';
import { limitParam, MAX_DEFAULT_TIME_MS, MIN_TIME_MS, type Params, readParam, timeParam } from '../params.ts';
import type { ApiRequest, Route } from '../request.ts';
import { openStorage } from '../storage-view.ts';
import { unescapeLabelName } from './label-name.ts';
import { parseMatcherSets } from './matcher-params.ts';

const TRUNCATED = ['results truncated due to limit'];

/** The routes that list series and labels. */
export function labelRoutes(deps: ApiDeps): readonly Route[] {
  const methods = ['GET', 'POST'];
  return [
    { methods, path: '/api/v1/labels', handle: enveloped((request) => labelNames(request, deps)) },
    {
      methods: ['GET'],
      path: '/api/v1/label/:name/values',
      handle: enveloped((request) => labelValues(request, deps)),
    },
    { methods, path: '/api/v1/series', handle: enveloped((request) => listSeries(request, deps)) },
  ];
}

/** @see prometheus/web/api/v1/api.go labelNames */
async function labelNames({ params }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const limit = limitParam(params);
  const range = rangeParams(params);
  const found = await findSeries(
    unprefixed(() => parseMatcherSets(params, deps.parser)),
    range,
    deps,
  );
  const names = new Set<string>();
  for (const labels of found) for (let i = 0; i < labels.length; i += 2) names.add(labels[i]);
  return limited([...names].sort(compareStrings), limit);
}

/** @see prometheus/web/api/v1/api.go labelValues */
async function labelValues({ params, path }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const name = unescapeLabelName(path('name'));
  if (name === '' || !name.isWellFormed()) throw badData(`invalid label name: ${goQuote(name)}`);
  const limit = limitParam(params);
  const range = rangeParams(params);
  const sets = unprefixed(() => parseMatcherSets(params, deps.parser));
  const hasLabel = createMatcher(name, '!=', '');
  const found = await findSeries(sets.length === 0 ? [[hasLabel]] : sets.map((set) => [...set, hasLabel]), range, deps);
  const values = new Set(found.map((labels) => getLabel(labels, name)));
  return limited([...values].sort(compareStrings), limit);
}

/** @see prometheus/web/api/v1/api.go series */
async function listSeries({ params }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  if (params.all('match[]').length === 0) throw badData('no match[] parameter provided');
  const limit = limitParam(params);
  const range = rangeParams(params);
  const found = await findSeries(
    readParam('match[]', () => parseMatcherSets(params, deps.parser)),
    range,
    deps,
  );
  return limited(found.map(labelsJson), limit);
}

interface Range {
  readonly minMs: number;
  readonly maxMs: number;
}

function rangeParams(params: Params): Range {
  const minMs = timeParam(params, 'start', MIN_TIME_MS);
  return { minMs, maxMs: timeParam(params, 'end', MAX_DEFAULT_TIME_MS) };
}

/** Here upstream does not name the parameter. */
function unprefixed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError) throw badData(error.message);
    throw error;
  }
}

/** The series that match one of the sets, ordered, each once. No set means all series. */
async function findSeries(
  sets: readonly (readonly Matcher[])[],
  range: Range,
  deps: ApiDeps,
): Promise<readonly Labels[]> {
  const storage = openStorage(deps);
  if (sets.length <= 1) return storage.series(sets[0] ?? [], range);
  const found = await Promise.all(sets.map((matchers) => storage.series(matchers, range)));
  const distinct = new Map(found.flat().map((labels) => [labelsKey(labels), labels]));
  return [...distinct.values()].sort(compareLabels);
}

function limited(data: readonly (string | JsonText)[], limit: number): Reply {
  if (limit === 0 || data.length <= limit) return { data };
  return { data: data.slice(0, limit), warnings: TRUNCATED };
}
