/** A query of the benchmark: at one time, or over the last hours at a step as Grafana chooses it. */
export interface BenchQuery {
  readonly query: string;
  readonly hours?: 6 | 24;
}

/** A panel of 6 hours has 360 points, one of 24 hours 288. */
export const STEP_SECONDS: Readonly<Record<6 | 24, number>> = { 6: 60, 24: 300 };

const WEB = 'http_requests_total';
const ZONE = 'http_requests_total{zone="zone-3"}';
const HOST = 'http_requests_total{instance="10.0.3.7:8080"}';
const CPU = 'node_cpu_seconds_total';
const RPC = 'rpc_duration_seconds';
const BUCKETS = 'request_duration_seconds_bucket';

const INSTANT: readonly string[] = [
  HOST,
  ZONE,
  `sum(${WEB})`,
  `count by (zone) (${WEB})`,
  `topk(10, ${WEB})`,
  `sum by (code) (rate(${WEB}[5m]))`,
  `sum by (handler) (increase(${WEB}[1h]))`,
  `absent(${WEB}{code="999"})`,
  `quantile(0.9, rate(${WEB}[10m]))`,
  `node_temperature_celsius`,
  `histogram_quantile(0.99, sum(rate(${RPC}[5m])))`,
];

const SIX_HOURS: readonly string[] = [
  HOST,
  ZONE,
  `rate(${HOST}[5m])`,
  `rate(${ZONE}[5m])`,
  `sum by (code) (rate(${WEB}[5m]))`,
  `sum by (code) (rate(${ZONE}[5m]))`,
  `sum by (code) (rate(${ZONE}[1h]))`,
  `sum by (mode) (rate(${CPU}[5m]))`,
  `sum by (mode) (rate(${CPU}[1h]))`,
  `1 - avg by (instance) (rate(${CPU}{mode="idle"}[5m]))`,
  `irate(${CPU}{mode=~"user|system"}[5m])`,
  `topk(5, sum by (instance, handler) (rate(${WEB}[5m])))`,
  `max_over_time(node_temperature_celsius[1h])`,
  `avg_over_time(node_filesystem_avail_bytes[30m])`,
  `stddev_over_time(node_temperature_celsius[15m])`,
  `quantile_over_time(0.95, node_temperature_celsius[30m])`,
  `histogram_quantile(0.99, sum by (le, handler) (rate(${BUCKETS}[5m])))`,
  `histogram_quantile(0.9, rate(${BUCKETS}[5m]))`,
  `histogram_quantile(0.99, sum by (handler) (rate(${RPC}[5m])))`,
  `histogram_quantile(0.5, rate(${RPC}[10m]))`,
  `histogram_sum(rate(${RPC}[5m])) / histogram_count(rate(${RPC}[5m]))`,
  `histogram_count(sum by (instance) (increase(${RPC}[1h])))`,
  `histogram_fraction(0, 0.1, avg by (handler) (rate(${RPC}[5m])))`,
  `histogram_stddev(sum by (instance) (${RPC}))`,
  `histogram_quantile(0.9, avg_over_time(${RPC}{handler="/"}[15m]))`,
  `sum by (handler) (rate(${RPC}[5m]))`,
  `histogram_avg(rate(${RPC}[5m]))`,
  `rate(${CPU}{mode="user"}[5m]) * on (instance) group_left (release) node_uname_info`,
  `sum by (instance) (rate(${WEB}{code=~"5.."}[5m])) / sum by (instance) (rate(${WEB}[5m]))`,
  `max_over_time(sum(rate(${ZONE}[5m]))[30m:1m])`,
  `label_replace(rate(${HOST}[5m]), "shard", "$1", "instance", "10.0.(.*):.*")`,
  `sum by (zone) (rate(${WEB}{handler!~"/(login|logout)", code=~"2.*"}[5m]))`,
  `absent_over_time(${WEB}{code="999"}[10m])`,
  `count_values("v", round(node_temperature_celsius / 10))`,
  `predict_linear(node_filesystem_avail_bytes[1h], 14400) < 0`,
  `sum(${ZONE} > 100 and ${ZONE} < 20000)`,
  `changes(node_temperature_celsius[1h])`,
];

const DAY: readonly string[] = [
  `rate(${HOST}[5m])`,
  `sum by (code) (rate(${WEB}[5m]))`,
  `sum by (code) (rate(${WEB}[1h]))`,
  `sum by (zone) (${WEB})`,
  `sum by (code) (rate(${ZONE}[5m]))`,
  `sum by (mode) (rate(${CPU}[5m]))`,
  `histogram_quantile(0.99, sum by (le) (rate(${BUCKETS}[10m])))`,
  `histogram_quantile(0.99, sum(rate(${RPC}[10m])))`,
  `avg_over_time(node_temperature_celsius[1h])`,
  `count(${WEB} offset 10m)`,
];

export const BENCH_QUERIES: readonly BenchQuery[] = [
  ...INSTANT.map((query) => ({ query })),
  ...SIX_HOURS.map((query) => ({ query, hours: 6 as const })),
  ...DAY.map((query) => ({ query, hours: 24 as const })),
];

/** How much longer one query may take than another. */
export const SCALING: readonly {
  readonly what: string;
  readonly of: BenchQuery;
  readonly to: BenchQuery;
  readonly atMost: number;
}[] = [
  {
    what: '10,000 series to 1,000',
    of: { query: `sum by (code) (rate(${WEB}[5m]))`, hours: 24 },
    to: { query: `sum by (code) (rate(${ZONE}[5m]))`, hours: 24 },
    atMost: 11,
  },
  {
    what: 'rate over 1h to over 5m',
    of: { query: `sum by (code) (rate(${WEB}[1h]))`, hours: 24 },
    to: { query: `sum by (code) (rate(${WEB}[5m]))`, hours: 24 },
    atMost: 1.4,
  },
];
