import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryFiles } from '#shared/adapters/memory/files.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { createApi } from '#shared/api/app.ts';
import type { ApiDeps } from '#shared/api/deps.ts';
import { loadConfiguration } from '#shared/config/configuration.ts';
import type { Labels } from '#shared/model/labels.ts';
import type { MetricMetadata } from '#shared/model/storage.ts';
import type { RecordData } from '#shared/ports/record-store.ts';
import { createEngine } from '#shared/promql/engine/engine.ts';
import { createTargetRegistry } from '#shared/registry/target-registry.ts';
import { createPlanStore } from '#shared/scrape/shard-plan.ts';
import { createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { createLayout } from '#shared/tsdb/layout.ts';
import { createLayoutStore } from '#shared/tsdb/layout-store.ts';

const DAY_MS = 86_400_000;
const PROMETHEUS = 'scrape_configs:\n  - job_name: node\n';
const ALERTMANAGER = 'route:\n  receiver: ops\nreceivers:\n  - name: ops\n';

export interface ApiWorldOptions {
  readonly nowMs: number;
  readonly prometheus?: string;
  readonly alertmanager?: string;
  /** Of a file that the given `prometheus` names. */
  readonly rules?: string;
  readonly deps?: Partial<ApiDeps>;
  readonly retentionMs?: number;
}

export type ApiWorld = Awaited<ReturnType<typeof openApiWorld>>;

/** The API over memory adapters, on a clock that stands still, asked as a caller on this machine unless told otherwise. */
export async function openApiWorld(options: ApiWorldOptions) {
  const clock = createVirtualClock(options.nowMs);
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const retentionMs = options.retentionMs ?? 15 * DAY_MS;
  const nowMs = () => clock.nowMs();
  const stores = {
    batches: createBatchStore(ports, { retentionMs, nowMs }),
    layouts: createLayoutStore(ports.objects, ports.compression),
    plans: createPlanStore(ports, nowMs),
    registry: createTargetRegistry(ports.records, { nowMs, newId: () => ports.random.uuid() }),
  };
  const head = createHead(stores, { nowMs });
  const configuration = await loadConfiguration(
    { prometheus: '/etc/prometheus.yml', alertmanager: '/etc/alertmanager.yml' },
    {
      files: createMemoryFiles({
        '/etc/prometheus.yml': options.prometheus ?? PROMETHEUS,
        '/etc/alertmanager.yml': options.alertmanager ?? ALERTMANAGER,
        '/etc/rules.yml': options.rules ?? '',
      }),
      env: () => undefined,
      checkTemplate: () => {},
    },
  );
  const woken = { discover: 0, dispatchAlerts: 0 };
  const deps: ApiDeps = {
    ...ports,
    ...stores,
    querier: () => head.querier(),
    metadata: () => head.metadata(),
    retentionMs,
    engine: createEngine({ monotonicMs: () => clock.monotonicMs() }),
    configuration: async () => configuration,
    wake: { discover: async () => void woken.discover++, dispatchAlerts: async () => void woken.dispatchAlerts++ },
    selfMetrics: () => 'up 1\n',
    auth: { token: undefined, loopbackOpen: true },
    externalUrl: 'http://emberwatch.example:9090',
    version: '1.2.3',
    startedAtMs: options.nowMs - 5000,
    flags: { 'web.listen-address': 'localhost:9090' },
    ...options.deps,
  };
  const api = createApi(deps);
  const ask = (path: string, init: RequestInit = {}, remoteIsLoopback = true) => {
    return api.fetch(new Request(`http://localhost:9090${path}`, init), { remoteIsLoopback });
  };
  return {
    clock,
    ports,
    stores,
    configuration,
    deps,
    api,
    woken,
    ask,
    get: (path: string) => ask(path),
    /** Posts a form. */
    post: (path: string, form: Readonly<Record<string, string>>) => {
      return ask(path, { method: 'POST', body: new URLSearchParams(form) });
    },
    send: (method: string, path: string, json: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const body = JSON.stringify(json);
      return ask(path, { method, body, headers: { 'content-type': 'application/json', ...headers } });
    },
    /** Writes one batch: the samples of each source. */
    write: async (
      slotMs: number,
      sources: Readonly<Record<string, readonly (readonly [labels: Labels, value: number])[] | 'unknown'>>,
      extra: {
        readonly stream?: string;
        readonly errors?: Record<string, string>;
        /** By source. */
        readonly metadata?: Readonly<Record<string, readonly MetricMetadata[]>>;
      } = {},
    ) => {
      const sections = await Promise.all(
        Object.entries(sources).map(async ([source, samples]) => {
          if (samples === 'unknown') return { kind: 'unknown', source } as const;
          const { layout, body } = createLayout(
            samples.map(([labels]) => labels),
            extra.metadata?.[source] ?? [],
          );
          await stores.layouts.put(layout, body);
          const values = Float64Array.from(samples, ([, value]) => value);
          return { kind: 'sampled', source, layout: layout.id, values } as const;
        }),
      );
      const notes: RecordData = extra.errors === undefined ? {} : { errors: extra.errors };
      await stores.batches.append(extra.stream ?? 's', { slotMs, timestampMs: slotMs, sections }, notes);
    },
  };
}

/** What an answer says: its status and its JSON or text. */
export async function answerOf(response: Response | Promise<Response>) {
  const { status, headers, ...rest } = await (async () => {
    const settled = await response;
    return { status: settled.status, headers: settled.headers, text: await settled.text() };
  })();
  const isJson = headers.get('content-type') === 'application/json';
  return { status, headers, text: rest.text, json: isJson ? JSON.parse(rest.text) : undefined };
}
