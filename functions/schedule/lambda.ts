import { openServices } from '../aws/open-services.ts';
import { createScheduleHandler } from './handler.ts';

/** The Lambda function: its services are made once per cold start. */
export const handler = createScheduleHandler(openServices());
