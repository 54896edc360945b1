import { redactConfig } from '#shared/config/redact.ts';
import { formatDuration } from '#shared/model/duration.ts';
import { compareStrings } from '#shared/model/labels.ts';
import type { ApiDeps } from '../deps.ts';
import { enveloped, type Reply } from '../envelope.ts';
import { badData } from '../errors.ts';
import { goTime, type JsonValue } from '../json/go-json.ts';
import { parseInteger } from '../params.ts';
import type { ApiRequest, Route } from '../request.ts';
import { openStorage } from '../storage-view.ts';
import { type CardinalityStat, cardinality } from './cardinality.ts';

/** The routes that show this server. */
export function statusRoutes(deps: ApiDeps): readonly Route[] {
  const methods = ['GET'];
  const get = (path: string, answer: (request: ApiRequest) => Reply | Promise<Reply>): Route => {
    return { methods, path: `/api/v1/${path}`, handle: enveloped(answer) };
  };
  return [
    get('status/config', async () => ({ data: { yaml: redactConfig((await deps.configuration()).prometheus.text) } })),
    get('status/flags', () => ({ data: sortedByName(deps.flags) })),
    get('status/buildinfo', () => ({ data: prometheusBuildInfo(deps) })),
    get('status/runtimeinfo', () => ({ data: runtimeInfo(deps) })),
    get('status/tsdb', (request) => tsdbStatus(request, deps)),
    get('alertmanagers', () => ({ data: alertmanagers(deps) })),
  ];
}

function sortedByName(record: Readonly<Record<string, string>>): JsonValue {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareStrings(a, b)));
}

/** The Prometheus whose API this is: clients such as Grafana decide by it what they may ask for. */
const PROMETHEUS_VERSION = '3.16.0';

function prometheusBuildInfo(deps: Pick<ApiDeps, 'version'>) {
  return { ...buildInfo(deps), version: PROMETHEUS_VERSION, branch: `emberwatch-${deps.version}` };
}

/** Of what is not known here the texts are empty. */
export function buildInfo({ version }: Pick<ApiDeps, 'version'>) {
  return { version, revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' };
}

function runtimeInfo({ startedAtMs, clock, retentionMs }: ApiDeps): JsonValue {
  return {
    startTime: goTime(startedAtMs),
    CWD: '',
    hostname: '',
    serverTime: goTime(clock.nowMs()),
    // A configuration that cannot be used is refused and changes nothing.
    reloadConfigSuccess: true,
    lastConfigTime: goTime(startedAtMs),
    corruptionCount: 0,
    goroutineCount: 0,
    GOMAXPROCS: 0,
    GOMEMLIMIT: 0,
    GOGC: '',
    GODEBUG: '',
    storageRetention: formatDuration(retentionMs),
  };
}

/** Alerting is built in: this server is its own Alertmanager. */
function alertmanagers({ externalUrl }: ApiDeps): JsonValue {
  const url = `${externalUrl}/alertmanager/api/v2/alerts`;
  return { activeAlertmanagers: [{ url }], droppedAlertmanagers: [] };
}

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 10_000;
/** What upstream's head holds at least. */
const HEAD_MS = 2 * 3_600_000;

/** Counts of the series of the last two hours. @see prometheus/web/api/v1/api.go serveTSDBStatus */
async function tsdbStatus({ params }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const limit = tsdbLimit(params.get('limit'));
  const maxMs = deps.clock.nowMs();
  const range = { minMs: maxMs - HEAD_MS, maxMs };
  const counts = cardinality(await openStorage(deps).series([], range));
  const top = (stats: readonly CardinalityStat[]) => stats.slice(0, limit).map(({ name, value }) => ({ name, value }));
  return {
    data: {
      headStats: {
        numSeries: counts.series,
        numLabelPairs: counts.labelPairs,
        chunkCount: 0,
        minTime: range.minMs,
        maxTime: range.maxMs,
      },
      seriesCountByMetricName: top(counts.seriesByMetricName),
      labelValueCountByLabelName: top(counts.valuesByLabelName),
      memoryInBytesByLabelName: top(counts.bytesByLabelName),
      seriesCountByLabelValuePair: top(counts.seriesByLabelPair),
    },
  };
}

function tsdbLimit(text: string): number {
  if (text === '') return DEFAULT_LIMIT;
  const limit = /^[+-]?[0-9]+$/.test(text) ? parseInteger(text) : 0;
  if (limit < 1) throw badData('limit must be a positive number');
  if (limit > MAX_LIMIT) throw badData(`limit must not exceed ${MAX_LIMIT}`);
  return limit;
}
