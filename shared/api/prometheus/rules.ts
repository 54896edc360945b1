import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { AlertingRuleConfig, RecordingRuleConfig } from '#shared/config/rules-config.ts';
import { getLabel } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { printExpr } from '#shared/promql/syntax/printer.ts';
import { ruleName } from '#shared/rules/rule-key.ts';
import { alertingState, type RuleGroupView, type RuleView, readRuleGroups } from '#shared/rules/rules-view.ts';
import type { ActiveAlert, RuleState } from '#shared/rules/state.ts';
import type { ApiDeps } from '../deps.ts';
import { enveloped, type Reply } from '../envelope.ts';
import { badData, invalidParameter } from '../errors.ts';
import { goTime, type JsonValue } from '../json/go-json.ts';
import { labelsJson } from '../json/result.ts';
import { type Params, parseBoolean, parseInteger, readParam } from '../params.ts';
import type { ApiRequest, Route } from '../request.ts';
import { parseMatcherSets } from './matcher-params.ts';

/** The routes that show rules and their alerts. */
export function ruleRoutes(deps: ApiDeps): readonly Route[] {
  return [
    { methods: ['GET'], path: '/api/v1/rules', handle: enveloped((request) => listRules(request, deps)) },
    { methods: ['GET'], path: '/api/v1/alerts', handle: enveloped(() => listAlerts(deps)) },
  ];
}

interface RuleFilter {
  readonly names: ReadonlySet<string>;
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly kind: 'alerting' | 'recording' | undefined;
  readonly excludeAlerts: boolean;
}

/** @see prometheus/web/api/v1/api.go rules */
async function listRules({ params, query }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const groupNames = new Set(params.all('rule_group[]'));
  const files = new Set(params.all('file[]'));
  const filter = readFilter(params, query, deps);
  const page = readPage(query);
  const { ruleGroups } = await deps.configuration();
  const views = await readRuleGroups(deps, ruleGroups);
  const shown = fromToken(views, page)
    .filter(({ group }) => groupNames.size === 0 || groupNames.has(group.name))
    .filter(({ group }) => files.size === 0 || files.has(group.file))
    .map((view) => ({ view, rules: view.rules.flatMap((rule) => ruleJson(rule, filter) ?? []) }))
    .filter(({ rules }) => rules.length > 0);
  const next = page.limit > 0 ? shown[page.limit]?.view : undefined;
  return {
    data: {
      groups: (page.limit > 0 ? shown.slice(0, page.limit) : shown).map(({ view, rules }) => groupJson(view, rules)),
      groupNextToken: next === undefined ? undefined : tokenOf(next),
    },
  };
}

function readFilter(params: Params, query: Params, deps: ApiDeps): RuleFilter {
  const matcherSets = readMatcherSets(params, deps);
  const type = query.get('type').toLowerCase();
  if (!['', 'alert', 'record'].includes(type)) throw invalidParameter('type', `not supported value "${type}"`);
  const kind = type === 'alert' ? 'alerting' : type === 'record' ? 'recording' : undefined;
  return { names: new Set(params.all('rule_name[]')), matcherSets, kind, excludeAlerts: readExcludeAlerts(query) };
}

function readMatcherSets(params: Params, { parser }: ApiDeps): readonly (readonly Matcher[])[] {
  try {
    return parseMatcherSets(params, parser);
  } catch (error) {
    if (error instanceof SyntaxError) throw badData(error.message);
    throw error;
  }
}

function readExcludeAlerts(query: Params): boolean {
  const text = query.get('exclude_alerts').toLowerCase();
  if (text === '') return false;
  return readParam('exclude_alerts', () => {
    try {
      return parseBoolean(text);
    } catch (cause) {
      throw new SyntaxError(`error converting exclude_alerts: ${(cause as Error).message}`, { cause });
    }
  });
}

/** Which groups are wanted. `limit` 0: all. */
interface Page {
  readonly limit: number;
  readonly token: string;
}

/** @see prometheus/web/api/v1/api.go parseListRulesPaginationRequest */
function readPage(query: Params): Page {
  const text = query.get('group_limit');
  const token = query.get('group_next_token');
  if (text === '' && token !== '') {
    const problem = 'group_limit needs to be present in order to paginate over the groups';
    throw invalidParameter('group_next_token', problem);
  }
  if (text === '') return { limit: 0, token };
  const limit = readGroupLimit(text);
  if (limit <= 0) throw invalidParameter('group_limit', 'group_limit needs to be greater than 0');
  return { limit, token };
}

function readGroupLimit(text: string): number {
  try {
    return parseInteger(text);
  } catch (error) {
    // Upstream reads a 32-bit number here, which Go's errors name differently.
    const problem = (error as Error).message.replace('strconv.Atoi', 'strconv.ParseInt');
    throw invalidParameter('group_limit', `group_limit needs to be a valid number: ${problem}`);
  }
}

function fromToken(views: readonly RuleGroupView[], { token }: Page): readonly RuleGroupView[] {
  if (token === '') return views;
  const first = views.findIndex((view) => tokenOf(view) === token);
  if (first >= 0) return views.slice(first);
  throw invalidParameter('group_next_token', `invalid group_next_token '${token}'. were rule groups changed?`);
}

function tokenOf({ group }: RuleGroupView): string {
  return bytesToHex(sha256(utf8ToBytes(`${group.file};${group.name}`)));
}

function groupJson({ group, state }: RuleGroupView, rules: readonly JsonValue[]): JsonValue {
  return {
    name: group.name,
    file: group.file,
    rules,
    interval: group.intervalMs / 1000,
    limit: group.limit,
    evaluationTime: (state?.durationMs ?? 0) / 1000,
    lastEvaluation: goTime(state?.slotMs),
  };
}

/** @returns `undefined` for a rule that the filter does not want. */
function ruleJson({ rule, state }: RuleView, filter: RuleFilter): JsonValue | undefined {
  if (filter.kind !== undefined && rule.kind !== filter.kind) return undefined;
  if (filter.names.size > 0 && !filter.names.has(ruleName(rule))) return undefined;
  const { matcherSets } = filter;
  const matches = (set: readonly Matcher[]) => {
    return set.every((matcher) => matcher.matches(getLabel(rule.labels, matcher.name)));
  };
  if (matcherSets.length > 0 && !matcherSets.some(matches)) return undefined;
  return rule.kind === 'alerting' ? alertingJson(rule, state, filter) : recordingJson(rule, state);
}

function alertingJson(
  rule: AlertingRuleConfig,
  state: RuleState | undefined,
  { excludeAlerts }: RuleFilter,
): JsonValue {
  return {
    state: alertingState(state),
    name: rule.alert,
    query: printExpr(rule.expr),
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    labels: labelsJson(rule.labels),
    annotations: labelsJson(rule.annotations),
    alerts: excludeAlerts ? null : (state?.alerts ?? []).map(alertJson),
    ...evaluationJson(state),
    type: 'alerting',
  };
}

function recordingJson(rule: RecordingRuleConfig, state: RuleState | undefined): JsonValue {
  return {
    name: rule.record,
    query: printExpr(rule.expr),
    labels: labelsJson(rule.labels),
    ...evaluationJson(state),
    type: 'recording',
  };
}

function evaluationJson(state: RuleState | undefined) {
  return {
    health: state?.health ?? 'unknown',
    lastError: state?.lastError || undefined,
    evaluationTime: (state?.durationMs ?? 0) / 1000,
    lastEvaluation: goTime(state?.evaluatedAtMs),
  };
}

async function listAlerts(deps: ApiDeps): Promise<Reply> {
  const { ruleGroups } = await deps.configuration();
  const views = await readRuleGroups(deps, ruleGroups);
  const states = views.flatMap(({ rules }) => rules.flatMap(({ state }) => state?.alerts ?? []));
  return { data: { alerts: states.map(alertJson) } };
}

function alertJson({ labels, annotations, state, activeAtMs, keepFiringSinceMs, value }: ActiveAlert): JsonValue {
  return {
    labels: labelsJson(labels),
    annotations: labelsJson(annotations),
    state,
    activeAt: goTime(activeAtMs),
    keepFiringSince: keepFiringSinceMs === undefined ? undefined : goTime(keepFiringSinceMs),
    value,
  };
}
