import { type Answers, type Api, createApi } from '#shared/api/app.ts';
import type { ApiDeps } from '#shared/api/deps.ts';
import type { Services } from '../services.ts';

/** The API, with its requests counted and timed in the metrics of the process. */
export function createMeteredApi(deps: ApiDeps, { metrics, ports }: Pick<Services, 'metrics' | 'ports'>): Api {
  const metered = (answer: Answers): Answers => {
    return async (request, caller) => {
      const startMs = ports.clock.monotonicMs();
      const answered = await answer(request, caller);
      metrics.apiRequests.add(1, { code: String(answered.status) });
      metrics.apiDuration.observe((ports.clock.monotonicMs() - startMs) / 1000);
      return answered;
    };
  };
  return createApi(deps, metered);
}
