import { redactConfig } from '#shared/config/redact.ts';
import type { Answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { buildInfo } from '../prometheus/status.ts';
import type { ApiRequest, Route } from '../request.ts';
import { receiverMatchersParam } from './params.ts';
import { jsonReply } from './reply.ts';

/** The routes that show the configuration. */
export function alertmanagerStatusRoutes(deps: ApiDeps): readonly Route[] {
  return [
    { methods: ['GET'], path: '/status', handle: () => getStatus(deps) },
    { methods: ['GET'], path: '/receivers', handle: (request) => getReceivers(request, deps) },
  ];
}

/** There is no cluster to join: alerting is one state in one store. */
async function getStatus(deps: ApiDeps): Promise<Answer> {
  const { alertmanager } = await deps.configuration();
  const status = {
    cluster: { peers: [], status: 'disabled' },
    config: { original: redactConfig(alertmanager.text) },
    uptime: new Date(deps.startedAtMs).toISOString(),
    versionInfo: buildInfo(deps),
  };
  return jsonReply(JSON.stringify(status));
}

async function getReceivers({ query }: ApiRequest, deps: ApiDeps): Promise<Answer> {
  const isWanted = receiverMatchersParam(query);
  const { receivers } = (await deps.configuration()).alertmanager;
  const shown = receivers.filter(({ name }) => isWanted(name)).map(({ name }) => ({ labels: { name }, name }));
  return jsonReply(JSON.stringify(shown));
}
