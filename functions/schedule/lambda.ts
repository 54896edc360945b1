import { openFunction } from '../aws/open-services.ts';
import { createScheduleHandler } from './handler.ts';

const { services, serve } = openFunction();

/** The Lambda function: its services are made once per cold start. */
export const handler = serve(createScheduleHandler(services));
