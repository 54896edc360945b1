import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { toRequest, toResult } from '../aws/http-event.ts';
import type { TokenSource } from '../aws/token.ts';
import type { Services } from '../services.ts';
import { createApiDeps } from './api-deps.ts';
import { createMeteredApi } from './metered-api.ts';

/** A Lambda handler of an API Gateway HTTP API. */
export type HttpHandler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

/** Makes the handler that answers the API's requests. Callers need the token, wherever they come from. */
export function createApiHandler(
  services: Services,
  { token, version }: { readonly token: TokenSource; readonly version: string },
): HttpHandler {
  const { settings } = services;
  const flags = {
    'query.max-samples': String(settings.queryMaxSamples),
    'query.max-concurrency': String(settings.queryMaxConcurrency),
    'query.max-memory-bytes': String(settings.queryMaxMemoryBytes),
    'query.timeout': `${settings.queryTimeoutMs / 1000}s`,
    'storage.tsdb.retention.time': `${settings.retentionMs / 1000}s`,
    'web.external-url': settings.externalUrl,
  };
  const api = createMeteredApi(createApiDeps(services, { auth: token.auth, version, flags }), services);
  return async (event) => {
    const request = toRequest(event);
    if (request === undefined)
      return { statusCode: 400, headers: { 'content-type': 'text/plain' }, body: 'Bad request\n' };
    try {
      await token.refresh();
    } catch (error) {
      services.ports.logger.error('Cannot answer request because the API token cannot be read', { error });
      return UNAVAILABLE;
    }
    const response = await api.fetch(request, { remoteIsLoopback: false });
    return toResult(response, request.headers.get('accept-encoding'));
  };
}

const UNAVAILABLE: APIGatewayProxyStructuredResultV2 = {
  statusCode: 503,
  headers: { 'content-type': 'application/json', 'retry-after': '5' },
  body: JSON.stringify({ status: 'error', errorType: 'unavailable', error: 'the API token cannot be read now' }),
};
