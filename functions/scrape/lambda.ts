import { createPooledSecrets } from '#shared/adapters/aws/secrets.ts';
import { openFunction } from '../aws/open-services.ts';
import { createScrapeHandler } from './handler.ts';

const { services, serve } = openFunction({ secrets: createPooledSecrets });

/** The Lambda function: its services are made once per cold start. */
export const handler = serve(createScrapeHandler(services));
