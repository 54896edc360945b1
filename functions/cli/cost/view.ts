import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createApiHandler } from '#functions/api/handler.ts';
import { createTokenSource } from '#functions/aws/token.ts';
import { CPU } from './assumptions.ts';
import type { Load } from './load.ts';
import { metricName, SERIES_PER_METRIC } from './pages.ts';
import { type SimulatedCloud, TOKEN, TOKEN_REFERENCE } from './simulated-cloud.ts';
import type { SimulatedEnvironment } from './simulated-function.ts';

/** A whole processor. @see infra/stacks/api-stack.ts */
export const API_FUNCTION = { name: 'api', memoryMb: 1769 } as const;

/** What a page with eight panels asks, as the dashboard does. */
const PANELS = 8;
const OTHERS = ['/api/v1/rules', '/api/v1/targets', '/api/v2/alerts', '/api/v2/silences'];
const RANGE_MS = 3_600_000;

export const REQUESTS_PER_VIEW = PANELS + OTHERS.length;

/** Samples that the panels of one view look at. */
export function samplesOfView(load: Load): number {
  return PANELS * samplesOfPanel(load);
}

function samplesOfPanel({ targets, series, intervalMs }: Load): number {
  return targets * Math.min(series, SERIES_PER_METRIC) * Math.ceil(RANGE_MS / intervalMs);
}

/** One request of a view, and how often a view makes such a one. */
export interface ViewRequest {
  readonly times: number;
  /** @returns Milliseconds that are paid for. */
  run(): Promise<number>;
}

/** The requests of a view, each made in an environment of its own: they come at once, and Lambda answers one at a time in
 *  each.
 *  @param historyScale Times as much as is stored is read. */
export function viewRequests(cloud: SimulatedCloud, load: Load, historyScale: number): readonly ViewRequest[] {
  const nowMs = cloud.clock.nowMs();
  const range = `start=${(nowMs - RANGE_MS) / 1000}&end=${nowMs / 1000}&step=${load.intervalMs / 1000}`;
  const panel = `query=${encodeURIComponent(`sum by (job) (rate(${metricName(0)}[5m]))`)}&${range}`;
  const ask = (path: string, query: string, samples: number) => () =>
    cloud.invokeCold({ ...API_FUNCTION, historyScale }, async (environment) => {
      environment.cpuMs += (samples * CPU.queriedSampleNs) / 1e6;
      await answer(environment, path, query);
    });
  return [
    { times: PANELS, run: ask('/api/v1/query_range', panel, samplesOfPanel(load)) },
    ...OTHERS.map((path) => ({ times: 1, run: ask(path, '', 0) })),
  ];
}

async function answer({ services }: SimulatedEnvironment, path: string, query: string): Promise<void> {
  const handler = createApiHandler(services, {
    token: createTokenSource(services.ports, TOKEN_REFERENCE),
    version: '0',
  });
  const event = {
    rawPath: path,
    rawQueryString: query,
    headers: { authorization: `Bearer ${TOKEN}` },
    requestContext: { domainName: 'emberwatch.example.com', http: { method: 'GET' } },
  } as unknown as APIGatewayProxyEventV2;
  const { statusCode, body } = await handler(event);
  if (statusCode !== 200) throw new Error(`Cannot simulate a view: ${path} answers ${statusCode}: ${body}`);
}
