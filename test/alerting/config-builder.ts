import type {
  AlertmanagerConfig,
  InhibitRuleConfig,
  IntegrationConfig,
  RouteConfig,
  WebhookConfig,
} from '#shared/alerting/config.ts';
import { parseMatchers } from '#shared/alerting/matchers.ts';
import { SecretText } from '#shared/config/http-config.ts';
import { parseDuration } from '#shared/model/duration.ts';

/** A route as tests write it; what is left out is inherited. */
export interface RouteSketch {
  readonly receiver?: string;
  readonly groupBy?: readonly string[] | 'all';
  readonly groupWait?: string;
  readonly groupInterval?: string;
  readonly repeatInterval?: string;
  /** `{a="b"}` */
  readonly matchers?: string;
  readonly continue?: boolean;
  readonly routes?: readonly RouteSketch[];
}

export interface ConfigSketch {
  readonly resolveTimeout?: string;
  readonly route: RouteSketch;
  /** Integrations by receiver; those that are not named have one webhook. */
  readonly receivers?: Readonly<Record<string, readonly IntegrationConfig[]>>;
  readonly inhibitRules?: readonly { source: string; target: string; equal?: readonly string[] }[];
}

/** Builds a configuration by hand, with Alertmanager's defaults. */
export function buildConfig(sketch: ConfigSketch): AlertmanagerConfig {
  const route = buildRoute(sketch.route, {
    receiver: 'default',
    groupBy: [],
    groupWaitMs: 30_000,
    groupIntervalMs: 300_000,
    repeatIntervalMs: 4 * 3_600_000,
  });
  const names = new Set(receiverNames(route));
  return {
    file: 'alertmanager.yml',
    text: '',
    resolveTimeoutMs: parseDuration(sketch.resolveTimeout ?? '5m'),
    route,
    receivers: [...names].map((name) => ({ name, integrations: sketch.receivers?.[name] ?? [webhook()] })),
    inhibitRules: (sketch.inhibitRules ?? []).map(buildInhibitRule),
    templates: [],
  };
}

/** A webhook integration with defaults. */
export function webhook(overrides: Partial<WebhookConfig> = {}): WebhookConfig {
  return {
    kind: 'webhook',
    sendResolved: true,
    url: new SecretText('http://receiver.test/hook'),
    http: { followRedirects: true },
    maxAlerts: 0,
    timeoutMs: 0,
    ...overrides,
  };
}

type Inherited = Pick<RouteConfig, 'receiver' | 'groupBy' | 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'>;

function buildRoute(sketch: RouteSketch, parent: Inherited): RouteConfig {
  const ms = (text: string | undefined, inherited: number) => (text === undefined ? inherited : parseDuration(text));
  const own: Inherited = {
    receiver: sketch.receiver ?? parent.receiver,
    groupBy: sketch.groupBy ?? parent.groupBy,
    groupWaitMs: ms(sketch.groupWait, parent.groupWaitMs),
    groupIntervalMs: ms(sketch.groupInterval, parent.groupIntervalMs),
    repeatIntervalMs: ms(sketch.repeatInterval, parent.repeatIntervalMs),
  };
  return {
    ...own,
    matchers: parseMatchers(sketch.matchers ?? ''),
    continue: sketch.continue ?? false,
    routes: (sketch.routes ?? []).map((child) => buildRoute(child, own)),
  };
}

function receiverNames(route: RouteConfig): readonly string[] {
  return [route.receiver, ...route.routes.flatMap(receiverNames)];
}

function buildInhibitRule(rule: { source: string; target: string; equal?: readonly string[] }): InhibitRuleConfig {
  const { source, target, equal = [] } = rule;
  return { name: '', sourceMatchers: parseMatchers(source), targetMatchers: parseMatchers(target), equal };
}
