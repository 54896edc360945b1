import { createPooledSecrets } from '#shared/adapters/aws/secrets.ts';
import { deployedVersion, openFunction, openToken } from '../aws/open-services.ts';
import { createApiHandler } from './handler.ts';

/** The gateway gives up after 30 s; the answer that says so has to be there before. */
const QUERY_TIMEOUT_MS = 25_000;

const { services, serve } = openFunction({
  limits: { queryTimeoutMs: QUERY_TIMEOUT_MS },
  secrets: createPooledSecrets,
});

/** The Lambda function behind the gateway: its services are made once per cold start. */
export const handler = serve(createApiHandler(services, { token: openToken(services), version: deployedVersion() }));
