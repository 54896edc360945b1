import type { RouteConfig } from '#shared/alerting/config.ts';
import { compareStrings, goQuote } from '#shared/model/labels.ts';
import { readAlertMatchers } from './read-alert-matchers.ts';
import { isLabelName } from './read-labels.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';

/** What the tree of routes may refer to. */
export interface RouteNames {
  readonly receivers: ReadonlySet<string>;
  readonly timeIntervals: ReadonlySet<string>;
}

/** What a route inherits. */
type Inherited = Pick<RouteConfig, 'receiver' | 'groupBy' | 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'>;

/** @see alertmanager/dispatch/route.go DefaultRouteOpts */
const DEFAULTS: Inherited = {
  receiver: '',
  groupBy: [],
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
};

/** Reads the tree of routes, with what is inherited filled in.
 *  @see alertmanager/config/config.go Route, alertmanager/dispatch/route.go NewRoute */
export function readRootRoute(config: YamlFields, names: RouteNames): RouteConfig {
  const value = config.value('route');
  if (value === undefined || value.kind === 'null') {
    config.report(config.isEmpty ? 'no route provided in config' : 'no routes provided', 'route');
    return { ...DEFAULTS, matchers: [], continue: false, routes: [] };
  }
  const fields = new YamlFields(value, 'config.plain');
  const root = readRoute(fields, DEFAULTS, names);
  if (root.receiver === '') fields.report('root route must specify a default receiver', 'receiver');
  if (root.matchers.length > 0) {
    fields.report('root route must not have any matchers', 'match', 'match_re', 'matchers');
  }
  for (const kind of ['mute', 'active']) {
    if (fields.textList(`${kind}_time_intervals`)?.length) {
      fields.report(`root route must not have any ${kind} time intervals`, `${kind}_time_intervals`);
    }
  }
  if (root.continue) fields.report('cannot have continue in root route', 'continue');
  return root;
}

function readRoute(fields: YamlFields, parent: Inherited, names: RouteNames): RouteConfig {
  const own: Inherited = {
    receiver: readReceiverName(fields, names) || parent.receiver,
    groupBy: readGroupBy(fields) ?? parent.groupBy,
    groupWaitMs: readDuration(fields, 'group_wait') ?? parent.groupWaitMs,
    groupIntervalMs: readDuration(fields, 'group_interval') ?? parent.groupIntervalMs,
    repeatIntervalMs: readDuration(fields, 'repeat_interval') ?? parent.repeatIntervalMs,
  };
  if (own.groupIntervalMs === 0) fields.report('group_interval cannot be zero', 'group_interval');
  if (own.repeatIntervalMs === 0) fields.report('repeat_interval cannot be zero', 'repeat_interval');
  checkTimeIntervals(fields, names);
  fields.refuse('labels');
  const route = {
    ...own,
    matchers: readAlertMatchers(fields),
    continue: fields.bool('continue') ?? false,
    routes: fields.list('routes', '*config.Route', (item) => readChild(item, own, names)) ?? [],
  };
  fields.finish();
  return route;
}

function readChild(item: YamlValue, parent: Inherited, names: RouteNames): RouteConfig | undefined {
  if (item.kind !== 'null') return readRoute(new YamlFields(item, 'config.plain'), parent, names);
  item.document.report(item.offset, 'empty or null route');
  return undefined;
}

function readReceiverName(fields: YamlFields, names: RouteNames): string | undefined {
  const name = fields.text('receiver');
  if (name && !names.receivers.has(name)) {
    fields.report(`undefined receiver ${goQuote(name)} used in route`, 'receiver');
  }
  return name;
}

/** Null is not zero here, but inherited. */
function readDuration(fields: YamlFields, name: string): number | undefined {
  return fields.isSet(name) ? fields.duration(name) : undefined;
}

/** The labels to group by, ordered; `undefined` when inherited. `[]` is one group for all. */
function readGroupBy(fields: YamlFields): RouteConfig['groupBy'] | undefined {
  if (!fields.isSet('group_by')) return undefined;
  const written = fields.textList('group_by') ?? [];
  const names = written.filter((name) => name !== '...');
  const problem = findGroupByProblem(names, names.length < written.length);
  if (problem !== undefined) fields.report(problem, 'group_by');
  return names.length < written.length ? 'all' : [...names].sort(compareStrings);
}

function findGroupByProblem(names: readonly string[], all: boolean): string | undefined {
  const invalid = names.find((name) => !isLabelName(name));
  if (invalid !== undefined) return `invalid label name ${goQuote(invalid)} in group_by list`;
  if (all && names.length > 0) return 'cannot have wildcard group_by (`...`) and other labels at the same time';
  const repeated = names.find((name, i) => names.indexOf(name) < i);
  return repeated === undefined ? undefined : `duplicated label ${goQuote(repeated)} in group_by`;
}

function checkTimeIntervals(fields: YamlFields, names: RouteNames): void {
  for (const field of ['active_time_intervals', 'mute_time_intervals']) {
    const used = fields.textList(field) ?? [];
    const unknown = used.find((name) => !names.timeIntervals.has(name));
    if (unknown !== undefined) fields.report(`undefined time interval ${goQuote(unknown)} used in route`, field);
    else fields.refuse(field);
  }
}
