import {
  createLambdaLogger,
  type InvocationContext,
  type LambdaLogger,
  readLogLevel,
} from '#shared/adapters/aws/logger.ts';
import { createEmfMetrics, type EmfMetrics } from '#shared/adapters/aws/metrics.ts';
import type { AwsRequest } from '#shared/adapters/aws/request-meter.ts';
import { ENVIRONMENT } from '#shared/adapters/aws/schema.ts';
import { createSelfMetrics, type SelfMetrics } from '../self-metrics.ts';
import { describeEvent } from './invocation.ts';
import type { Environment } from './lambda-settings.ts';

/** What a function says of itself: its log, its metrics, and what it asked of AWS. */
export interface Telemetry {
  readonly logger: LambdaLogger;
  readonly metrics: SelfMetrics;
  countRequest(request: AwsRequest): void;
  /** Makes the Lambda handler of a handler: log lines say what is worked on, and the metrics are written when it ends. */
  observe<Event, Result>(
    handle: (event: Event) => Promise<Result>,
  ): (event: Event, context: InvocationContext) => Promise<Result>;
}

/** @param options.write Gets each line of log and metrics. @default Standard output and standard error.
 *  @throws {Error} When a variable of the environment cannot be used. */
export function openTelemetry(
  environment: Environment,
  options: { readonly write?: (line: string) => void } = {},
): Telemetry {
  const { write } = options;
  const service = environment[ENVIRONMENT.service] || 'emberwatch';
  const stage = environment[ENVIRONMENT.stage] || 'none';
  const logger = createLambdaLogger({ service, level: readLogLevel(environment), fields: { stage }, write });
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
    const secret = environment[name];
    if (secret) logger.hide(secret);
  }
  const emf = createEmfMetrics({ service, stage, write });
  const metrics = createSelfMetrics(emf);
  const requests = new Map<string, number>();
  return {
    logger,
    metrics,
    countRequest({ service: asked, operation, outcome }) {
      metrics.awsRequests.add(1, { service: asked, operation, outcome });
      const name = `${asked}.${operation}`;
      requests.set(name, (requests.get(name) ?? 0) + 1);
    },
    observe: (handle) => observe(handle, { logger, emf, requests }),
  };
}

function observe<Event, Result>(
  handle: (event: Event) => Promise<Result>,
  told: { readonly logger: LambdaLogger; readonly emf: EmfMetrics; readonly requests: Map<string, number> },
): (event: Event, context: InvocationContext) => Promise<Result> {
  const { logger, emf, requests } = told;
  let isCold = true;
  return async (event, context) => {
    logger.begin(context, describeEvent(event));
    if (isCold) emf.add('ColdStarts', 'Count', 1);
    isCold = false;
    try {
      return await handle(event);
    } finally {
      // By operation it is for who searches the log: as metrics, each would be paid for.
      emf.publish({ requestId: context.awsRequestId, awsRequests: Object.fromEntries(requests) });
      requests.clear();
    }
  };
}
