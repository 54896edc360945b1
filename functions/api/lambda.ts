import { deployedVersion, openServices, openToken } from '../aws/open-services.ts';
import { createApiHandler } from './handler.ts';

/** The gateway gives up after 30 s; the answer that says so has to be there before. */
const QUERY_TIMEOUT_MS = 25_000;

const services = openServices({ queryTimeoutMs: QUERY_TIMEOUT_MS });

/** The Lambda function behind the gateway: its services are made once per cold start. */
export const handler = createApiHandler(services, { token: openToken(services), version: deployedVersion() });
