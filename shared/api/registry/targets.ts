import { formatDuration } from '#shared/model/duration.ts';
import { parseTargetSettings, type TargetSettings } from '#shared/registry/registered-target.ts';
import type { VersionedTarget } from '#shared/registry/target-registry.ts';
import type { Answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { successResponse } from '../envelope.ts';
import { ApiError } from '../errors.ts';
import { goTime, JsonText, type JsonValue } from '../json/go-json.ts';
import { type ApiRequest, type RequestHeaders, type Route, readJson } from '../request.ts';
import { wakeUp } from '../wake.ts';

const PATH = '/api/v1/registry/targets';

/** The routes that register targets. A target's ETag is its version; `If-Match` guards a change against others' changes. */
export function registryRoutes(deps: ApiDeps): readonly Route[] {
  const one = `${PATH}/:id`;
  return [
    { methods: ['GET'], path: PATH, handle: () => listTargets(deps) },
    { methods: ['POST'], path: PATH, handle: (request) => createTarget(request, deps) },
    { methods: ['GET'], path: one, handle: (request) => getTarget(request, deps) },
    { methods: ['PUT'], path: one, handle: (request) => replaceTarget(request, deps) },
    { methods: ['DELETE'], path: one, handle: (request) => deleteTarget(request, deps) },
  ];
}

async function listTargets({ registry }: ApiDeps): Promise<Answer> {
  const targets = (await registry.list()).map(targetJson);
  return successResponse({ data: { targets } });
}

async function createTarget(request: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const created = await deps.registry.create(await readSettings(request, deps));
  await wakeUp(deps, 'discover');
  return targetResponse(created, { status: 201, headers: { location: `${PATH}/${created.target.id}` } });
}

async function getTarget(request: ApiRequest, { registry }: ApiDeps): Promise<Answer> {
  const id = request.path('id');
  const found = await registry.get(id);
  if (found === undefined) throw missing(id);
  return targetResponse(found);
}

async function replaceTarget(request: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const id = request.path('id');
  const version = readIfMatch(request.headers);
  const replaced = await deps.registry.replace(id, await readSettings(request, deps), version);
  if (replaced === 'missing') throw missing(id);
  if (replaced === 'changed') throw changed(id);
  await wakeUp(deps, 'discover');
  return targetResponse(replaced);
}

async function deleteTarget(request: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const id = request.path('id');
  const deleted = await deps.registry.delete(id, readIfMatch(request.headers));
  if (deleted === 'missing') throw missing(id);
  if (deleted === 'changed') throw changed(id);
  await wakeUp(deps, 'discover');
  return { status: 204, headers: {}, body: null };
}

function missing(id: string): ApiError {
  return new ApiError('not_found', `no registered target has the id "${id}"`);
}

function changed(id: string): ApiError {
  return new ApiError(
    'precondition_failed',
    `target "${id}" was changed meanwhile: read it again and repeat the change`,
  );
}

async function readSettings(request: ApiRequest, deps: ApiDeps): Promise<TargetSettings> {
  const { registryDefaults } = await deps.configuration();
  const parsed = parseTargetSettings(readJson(request), registryDefaults);
  if (parsed.ok) return parsed.settings;
  const { problems } = parsed;
  const texts = problems.map(({ field, problem }) => (field === '' ? problem : `${field}: ${problem}`));
  throw new ApiError('bad_data', `invalid target: ${texts.join('; ')}`, { data: { problems } });
}

/** The version that the client saw; `undefined` for any. */
function readIfMatch(headers: RequestHeaders): number | undefined {
  const text = headers.get('if-match')?.trim();
  if (text === undefined || text === '*') return undefined;
  const match = /^(?:W\/)?"([1-9][0-9]{0,14})"$/.exec(text);
  // No target ever has an ETag of another form, so none can match.
  return match === null ? 0 : Number(match[1]);
}

function targetResponse(
  versioned: VersionedTarget,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Answer {
  const headers = { etag: etagOf(versioned), ...options.headers };
  return successResponse({ data: targetJson(versioned) }, { status: options.status, headers });
}

function etagOf({ version }: VersionedTarget): string {
  return `"${version}"`;
}

function targetJson(versioned: VersionedTarget): JsonValue {
  const { target } = versioned;
  const { ttlMs } = target;
  return {
    id: target.id,
    address: target.address,
    job: target.job,
    scheme: target.scheme,
    metricsPath: target.metricsPath,
    params: new JsonText(JSON.stringify(target.params)),
    labels: new JsonText(JSON.stringify(target.labels)),
    scrapeInterval: formatDuration(target.scrapeIntervalMs),
    scrapeTimeout: formatDuration(target.scrapeTimeoutMs),
    ttl: ttlMs === undefined ? undefined : formatDuration(ttlMs),
    expiresAt: ttlMs === undefined ? undefined : goTime(target.updatedAtMs + ttlMs),
    createdAt: goTime(target.createdAtMs),
    updatedAt: goTime(target.updatedAtMs),
    etag: etagOf(versioned),
  };
}
