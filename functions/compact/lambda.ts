import { openServices } from '../aws/open-services.ts';
import { createCompactHandler } from './handler.ts';

/** The Lambda function: its services are made once per cold start. */
export const handler = createCompactHandler(openServices());
