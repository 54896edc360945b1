import { openServices } from '../aws/open-services.ts';
import { createDiscoverHandler } from './handler.ts';

/** The Lambda function: its services are made once per cold start. */
export const handler = createDiscoverHandler(openServices());
