import type { HttpClientConfig, SecretText } from '#shared/config/http-config.ts';
import type { Matcher } from '#shared/model/matcher.ts';

/** A validated `alertmanager.yml` with globals and defaults filled in. Durations in milliseconds. Texts marked "template"
 *  are Go templates. @see alertmanager/config/config.go */
export interface AlertmanagerConfig {
  readonly file: string;
  readonly text: string;
  readonly resolveTimeoutMs: number;
  readonly route: RouteConfig;
  readonly receivers: readonly ReceiverConfig[];
  readonly inhibitRules: readonly InhibitRuleConfig[];
  /** Globs of template files, resolved against the folder of the file. */
  readonly templates: readonly string[];
  /** What is accepted but has no effect here, `file:line:column: …` each. */
  readonly warnings?: readonly string[];
}

/** A node of the route tree; what is inherited is filled in from the parent. */
export interface RouteConfig {
  readonly receiver: string;
  /** `'all'` is `group_by: ['...']`. Names ordered. */
  readonly groupBy: readonly string[] | 'all';
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly matchers: readonly Matcher[];
  readonly continue: boolean;
  readonly routes: readonly RouteConfig[];
}

export interface InhibitRuleConfig {
  readonly name: string;
  readonly sourceMatchers: readonly Matcher[];
  readonly targetMatchers: readonly Matcher[];
  readonly equal: readonly string[];
}

export interface ReceiverConfig {
  readonly name: string;
  readonly integrations: readonly IntegrationConfig[];
}

export type IntegrationConfig = SnsConfig | EmailConfig | WebhookConfig | SlackConfig | PagerdutyConfig;

interface IntegrationBase {
  readonly sendResolved: boolean;
}

/** All texts are templates. */
export interface SnsConfig extends IntegrationBase {
  readonly kind: 'sns';
  readonly topicArn: string;
  readonly subject: string;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface EmailConfig extends IntegrationBase {
  readonly kind: 'email';
  /** Template: addresses separated by commas. */
  readonly to: string;
  /** Template. */
  readonly from: string;
  /** `host:port`; absent: the process's default mailer. */
  readonly smarthost?: { readonly host: string; readonly port: number };
  readonly hello: string;
  readonly authUsername?: string;
  readonly authPassword?: SecretText;
  readonly authPasswordFile?: string;
  readonly requireTls: boolean;
  readonly forceImplicitTls: boolean;
  readonly insecureSkipVerify: boolean;
  readonly serverName?: string;
  /** Templates; of `Subject`, `To`, `From` too when set. */
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
  readonly text: string;
}

export interface WebhookConfig extends IntegrationBase {
  readonly kind: 'webhook';
  readonly url?: SecretText;
  readonly urlFile?: string;
  readonly http: HttpClientConfig;
  /** 0 = all. */
  readonly maxAlerts: number;
  readonly timeoutMs: number;
}

/** All texts are templates. */
export interface SlackConfig extends IntegrationBase {
  readonly kind: 'slack';
  readonly apiUrl?: SecretText;
  readonly apiUrlFile?: string;
  readonly http: HttpClientConfig;
  readonly channel: string;
  readonly username: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly pretext: string;
  readonly text: string;
  readonly fields: readonly { readonly title: string; readonly value: string; readonly short?: boolean }[];
  readonly shortFields: boolean;
  readonly footer: string;
  readonly fallback: string;
  readonly callbackId: string;
  readonly iconEmoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly linkNames: boolean;
  readonly mrkdwnIn: readonly string[];
  readonly actions: readonly SlackAction[];
  readonly timeoutMs: number;
}

export interface SlackAction {
  readonly type: string;
  readonly text: string;
  readonly url: string;
  readonly style: string;
  readonly name: string;
  readonly value: string;
}

/** All texts are templates. */
export interface PagerdutyConfig extends IntegrationBase {
  readonly kind: 'pagerduty';
  readonly http: HttpClientConfig;
  /** Events API v2. */
  readonly routingKey?: SecretText;
  readonly routingKeyFile?: string;
  /** Events API v1. */
  readonly serviceKey?: SecretText;
  readonly serviceKeyFile?: string;
  readonly url: string;
  readonly client: string;
  readonly clientUrl: string;
  readonly description: string;
  readonly severity: string;
  readonly source: string;
  readonly class: string;
  readonly component: string;
  readonly group: string;
  /** Values are templates, or nested maps and lists of them. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly href: string; readonly text: string }[];
  readonly images: readonly { readonly src: string; readonly href: string; readonly alt: string }[];
  readonly timeoutMs: number;
}
