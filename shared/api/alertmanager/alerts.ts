import { type PostedAlert, receiveAlert, validatePostedAlert } from '#shared/alerting/alert.ts';
import { readAlerting } from '#shared/alerting/alerting-store.ts';
import { prepareOutbox } from '#shared/alerting/outbox.ts';
import { listSilences } from '#shared/alerting/silence-store.ts';
import { EMPTY_ALERTING_STATE } from '#shared/alerting/state.ts';
import {
  type AlertFilter,
  type AlertGroupView,
  type GettableAlert,
  listAlerts,
  listGroups,
  type ViewInput,
} from '#shared/alerting/view.ts';
import { labelsFromPairs } from '#shared/model/labels.ts';
import type { Answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { badData } from '../errors.ts';
import { encodeJson, JsonText, type JsonValue } from '../json/go-json.ts';
import type { Params } from '../params.ts';
import type { ApiRequest, Route } from '../request.ts';
import { wakeUp } from '../wake.ts';
import { expectList, Fields, readDocument, wrongFormat } from './document.ts';
import { booleanParam, filterParam, receiverMatchersParam, receiverParam } from './params.ts';
import { jsonReply } from './reply.ts';

/** The routes of alerts and their groups. */
export function alertRoutes(deps: ApiDeps): readonly Route[] {
  return [
    { methods: ['GET'], path: '/alerts', handle: (request) => getAlerts(request, deps) },
    { methods: ['POST'], path: '/alerts', handle: (request) => postAlerts(request, deps) },
    { methods: ['GET'], path: '/alerts/groups', handle: (request) => getGroups(request, deps) },
  ];
}

async function getAlerts({ query }: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const filter = readFilter(query);
  const wantsReceiver = receiverMatchersParam(query);
  const alerts = listAlerts(await viewInput(deps), filter);
  const wanted = alerts.filter(({ receivers }) => receivers.some(({ name }) => wantsReceiver(name)));
  return jsonReply(encodeJson(wanted.map(alertJson)));
}

async function getGroups({ query }: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const filter = readFilter(query);
  const wantsReceiver = receiverMatchersParam(query);
  const groups = listGroups(await viewInput(deps), filter).filter(({ receiver }) => wantsReceiver(receiver.name));
  return jsonReply(encodeJson(groups.map(groupJson)));
}

function readFilter(query: Params): AlertFilter {
  return {
    matchers: filterParam(query),
    receiver: receiverParam(query),
    active: booleanParam(query, 'active'),
    silenced: booleanParam(query, 'silenced'),
    inhibited: booleanParam(query, 'inhibited'),
  };
}

async function viewInput(deps: ApiDeps): Promise<ViewInput> {
  const { alertmanager } = await deps.configuration();
  const [stored, silences] = await Promise.all([readAlerting(deps), listSilences(deps.records)]);
  const state = stored?.value.alerting ?? EMPTY_ALERTING_STATE;
  return { state, config: alertmanager, silences, nowMs: deps.clock.nowMs() };
}

/** The fields in upstream's order; an empty link is left out. */
function alertJson({ status, updatedAt, generatorURL, labels, ...alert }: GettableAlert): JsonValue {
  const { inhibitedBy, mutedBy, silencedBy, state } = status;
  return {
    ...alert,
    status: { inhibitedBy, mutedBy, silencedBy, state },
    updatedAt,
    generatorURL: generatorURL === '' ? undefined : generatorURL,
    labels,
  };
}

/** Of a group itself upstream escapes nothing for HTML, other than of its alerts. */
function groupJson({ alerts, ...group }: AlertGroupView): JsonValue {
  const own = Object.entries(group).map(([name, value]) => [name, new JsonText(JSON.stringify(value))] as const);
  return { alerts: alerts.map(alertJson), ...Object.fromEntries(own) };
}

/** Takes in what is valid, also where other alerts of the request are not.
 *  @see alertmanager/api/v2/api.go postAlertsHandler */
async function postAlerts(request: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const document = expectList(readDocument(request, 'alerts'), 'alerts', 'models.PostableAlerts');
  const posted = document.map((item, i) => readAlert(item, `${i}.`));
  const { alertmanager } = await deps.configuration();
  const nowMs = deps.clock.nowMs();
  const valid: PostedAlert[] = [];
  const problems: string[] = [];
  for (const alert of posted) {
    const received = receiveAlert(alert, { nowMs, resolveTimeoutMs: alertmanager.resolveTimeoutMs });
    const problem = validatePostedAlert(received);
    if (problem === undefined) valid.push({ ...alert, startsAtMs: received.startsAtMs });
    else problems.push(problem);
  }
  await storeAlerts(valid, nowMs, deps);
  if (problems.length > 0) throw badData(problems.join('\n'));
  return jsonReply(null);
}

async function storeAlerts(alerts: readonly PostedAlert[], nowMs: number, deps: ApiDeps): Promise<void> {
  if (alerts.length === 0) return;
  const name = `${nowMs}#api-${deps.random.uuid()}`;
  const written = await deps.records.write(await prepareOutbox(deps, name, alerts));
  if (!written.ok) throw new Error(`Cannot store alerts: outbox entry "${name}" is taken`);
  await wakeUp(deps, 'dispatchAlerts');
}

/** Go's zero time, which clients send for a time that is not set. */
const ZERO_TIME_MS = -62_135_596_800_000;

/** The fields are read in the order in which upstream checks them. */
function readAlert(item: unknown, place: string): PostedAlert {
  const fields = new Fields(item, { name: 'alerts', place, goType: 'models.PostableAlert' });
  const annotations = fields.texts('annotations') ?? new Map();
  const [startsAtMs, endsAtMs] = ['startsAt', 'endsAt'].map((field) => {
    const timeMs = fields.time(field);
    return timeMs === ZERO_TIME_MS ? undefined : timeMs;
  });
  const generatorUrl = fields.text('generatorURL') ?? '';
  if (generatorUrl !== '' && !isUri(generatorUrl))
    throw wrongFormat(`${place}generatorURL`, 'body', 'uri', generatorUrl);
  const labels = fields.requiredTexts('labels');
  return {
    labels: labelsFromPairs(labels),
    annotations: labelsFromPairs(annotations),
    startsAtMs,
    endsAtMs,
    generatorUrl,
  };
}

/** An absolute path, or a URL with a scheme. @see go/src/net/url ParseRequestURI */
function isUri(text: string): boolean {
  return /^(?:\/|[a-zA-Z][a-zA-Z0-9+.-]*:)[^\u0000-\u001f\u007f]*$/.test(text);
}
