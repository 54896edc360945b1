import {
  compareSilences,
  type Silence,
  type SilenceInput,
  type SilenceMatcher,
  silenceHasMatchers,
  silenceState,
} from '#shared/alerting/silence.ts';
import { endSilence, listSilences, readSilence, storeSilence } from '#shared/alerting/silence-store.ts';
import { viewSilence } from '#shared/alerting/view.ts';
import type { Answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { encodeJson, type JsonValue } from '../json/go-json.ts';
import type { ApiRequest, Route } from '../request.ts';
import { wakeUp } from '../wake.ts';
import { Fields, readDocument, tooFewItems, wrongFormat } from './document.ts';
import { booleanParam, filterParam } from './params.ts';
import { jsonReply } from './reply.ts';

/** The routes of silences. */
export function silenceRoutes(deps: ApiDeps): readonly Route[] {
  return [
    { methods: ['GET'], path: '/silences', handle: (request) => getSilences(request, deps) },
    { methods: ['POST'], path: '/silences', handle: (request) => postSilence(request, deps) },
    { methods: ['GET'], path: '/silence/:id', handle: (request) => getSilence(request, deps) },
    { methods: ['DELETE'], path: '/silence/:id', handle: (request) => deleteSilence(request, deps) },
  ];
}

async function getSilences({ query }: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const filter = filterParam(query);
  const nowMs = deps.clock.nowMs();
  const shown = new Set(['active', 'expired', 'pending'].filter((state) => booleanParam(query, state)));
  const silences = (await listSilences(deps.records))
    .filter((silence) => shown.has(silenceState(silence, nowMs)) && silenceHasMatchers(silence, filter))
    .sort((a, b) => compareSilences(a, b, nowMs));
  return jsonReply(encodeJson(silences.map((silence) => silenceJson(silence, nowMs))));
}

async function getSilence(request: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const silence = await readSilence(deps.records, silenceId(request));
  if (silence === undefined) return jsonReply(null, 404);
  return jsonReply(encodeJson(silenceJson(silence, deps.clock.nowMs())));
}

/** The fields in upstream's order. */
function silenceJson(silence: Silence, nowMs: number): JsonValue {
  const { id, status, updatedAt, annotations, comment, createdBy, endsAt, ...rest } = viewSilence(silence, nowMs);
  return { id, status, updatedAt, annotations, comment, createdBy, endsAt, ...rest };
}

async function deleteSilence(request: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const ended = await endSilence(deps.records, silenceId(request), deps.clock.nowMs());
  if (ended === undefined) return jsonReply(null, 404);
  await wakeUp(deps, 'dispatchAlerts');
  return jsonReply(null);
}

/** @see alertmanager/api/v2/api.go postSilencesHandler */
async function postSilence(request: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const input = readInput(readDocument(request, 'silence'));
  const options = { nowMs: deps.clock.nowMs(), newId: deps.random.uuid() };
  const stored = await storeSilence(deps.records, input, options);
  if (!stored.ok) return jsonReply(JSON.stringify(stored.message), stored.reason === 'not-found' ? 404 : 400);
  await wakeUp(deps, 'dispatchAlerts');
  return jsonReply(JSON.stringify({ silenceID: stored.id }));
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

function silenceId({ path }: ApiRequest): string {
  const id = path('id');
  if (!UUID.test(id)) throw wrongFormat('silenceID', 'path', 'uuid', id);
  return id;
}

/** The fields are read in the order in which upstream checks them. */
function readInput(document: unknown): SilenceInput {
  const fields = new Fields(document, { name: 'silence', place: '', goType: 'models.PostableSilence' });
  const id = fields.text('id');
  const annotations = fields.texts('annotations');
  const comment = fields.requiredText('comment');
  const createdBy = fields.requiredText('createdBy');
  const endsAtMs = fields.requiredTime('endsAt');
  const items = fields.requiredList('matchers');
  if (items.length === 0) throw tooFewItems('matchers');
  const matchers = items.map(readMatcher);
  const startsAtMs = fields.requiredTime('startsAt');
  const shown =
    annotations === undefined || annotations.size === 0 ? {} : { annotations: Object.fromEntries(annotations) };
  return { id, comment, createdBy, endsAtMs, matchers, startsAtMs, ...shown };
}

function readMatcher(item: unknown, index: number): SilenceMatcher {
  const fields = new Fields(item, { name: 'silence', place: `matchers.${index}.`, goType: 'models.Matcher' });
  const isEqual = fields.flag('isEqual') ?? true;
  const isRegex = fields.requiredFlag('isRegex');
  const name = fields.requiredText('name');
  const value = fields.requiredText('value');
  const operator = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
  return { name, operator, value };
}
