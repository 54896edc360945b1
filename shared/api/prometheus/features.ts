import type { Features } from '#shared/config/features.ts';
import { NO_FEATURES } from '#shared/config/features.ts';
import { FUNCTIONS } from '#shared/promql/syntax/functions-table.ts';
import type { ApiDeps } from '../deps.ts';
import { enveloped } from '../envelope.ts';
import type { JsonValue } from '../json/go-json.ts';
import type { Route } from '../request.ts';

type Section = Readonly<Record<string, boolean>>;

/** The route that tells clients what they may use. */
export function featureRoutes({ features = NO_FEATURES }: Pick<ApiDeps, 'features'>): readonly Route[] {
  const data = featuresJson(features);
  return [{ methods: ['GET'], path: '/api/v1/features', handle: enveloped(() => ({ data })) }];
}

/** What this server can, under upstream's names; what it cannot is false.
 *  @see prometheus/util/features/features.go */
function featuresJson(features: Features): JsonValue {
  return {
    api: API,
    otlp_receiver: { delta_conversion: false, native_delta_ingestion: false },
    prometheus: { agent_mode: false, auto_reload_config: false, server_mode: true, stringlabels: false },
    promql: promql(features),
    promql_functions: sorted(
      [...FUNCTIONS.values()].map(({ name, experimental }) => [
        name,
        !experimental || features.parser.experimentalFunctions,
      ]),
    ),
    promql_operators: operators(features),
    rules: { concurrent_rule_eval: false, keep_firing_for: true, query_offset: true },
    scrape: {
      extra_scrape_metrics: true,
      openmetrics2: false,
      start_timestamp_zero_ingestion: false,
      type_and_unit_labels: false,
    },
    service_discovery_providers: { file: true, static: true },
    templating_functions: sorted(TEMPLATE_FUNCTIONS.map((name) => [name, true])),
    tsdb: TSDB,
    ui: { ui_v2: false, ui_v3: false },
  };
}

const API: Section = {
  admin: false,
  exclude_alerts: true,
  label_values_match: true,
  lifecycle: false,
  'openapi_3.1': false,
  'openapi_3.2': false,
  otlp_write_receiver: false,
  query_cost: false,
  query_stats: true,
  query_warnings: true,
  remote_write_receiver: false,
  search: false,
  search_fuzz_alg_jarowinkler: false,
  search_fuzz_alg_subsequence: false,
  time_range_labels: true,
  time_range_series: true,
};

const TSDB: Section = {
  delayed_compaction: false,
  exemplar_storage: false,
  histograms_st_encoding: false,
  isolation: true,
  native_histograms: true,
  st_storage: false,
  use_uncached_io: false,
  xor2_encoding: false,
};

function promql({ parser, ...features }: Features): Section {
  return {
    anchored: true,
    at_modifier: true,
    bool: true,
    by: true,
    delayed_name_removal: features.delayedNameRemoval,
    duration_expr: true,
    fill: parser.binopFillModifiers,
    fill_left: parser.binopFillModifiers,
    fill_right: parser.binopFillModifiers,
    group_left: true,
    group_right: true,
    ignoring: true,
    negative_offset: true,
    offset: true,
    on: true,
    per_query_lookback_delta: true,
    per_step_stats: features.perStepStats,
    smoothed: true,
    subqueries: true,
    type_and_unit_labels: features.typeAndUnitLabels,
    unquoted_utf8_names: parser.unquotedUtf8Names,
    without: true,
  };
}

const OPERATORS = [
  ...['!=', '!~', '%', '*', '+', '-', '/', '<', '</', '<=', '==', '=~', '>', '>/', '>=', '@', '^'],
  ...['and', 'atan2', 'or', 'unless'],
  ...['avg', 'bottomk', 'count', 'count_values', 'group', 'max', 'min', 'quantile', 'stddev', 'stdvar', 'sum', 'topk'],
];

function operators({ parser }: Features): Section {
  return sorted([
    ...OPERATORS.map((name) => [name, true] as const),
    ['limit_ratio', parser.experimentalFunctions],
    ['limitk', parser.experimentalFunctions],
  ]);
}

const TEMPLATE_FUNCTIONS = [
  ...['args', 'externalURL', 'first', 'graphLink', 'humanize', 'humanize1024', 'humanizeDuration'],
  ...['humanizePercentage', 'humanizeTimestamp', 'label', 'match', 'now', 'parseDuration', 'pathPrefix', 'query'],
  ...['reReplaceAll', 'safeHtml', 'sortByLabel', 'stripDomain', 'stripPort', 'strvalue', 'tableLink', 'title'],
  ...['toDuration', 'toLower', 'toTime', 'toUpper', 'urlQueryEscape', 'value'],
];

/** In the order of names, as Go writes maps. */
function sorted(entries: readonly (readonly [name: string, isOn: boolean])[]): Section {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
