import type { IntegrationConfig, ReceiverConfig } from '#shared/alerting/config.ts';
import { goQuote } from '#shared/model/labels.ts';
import type { AlertmanagerGlobal } from './read-alertmanager-global.ts';
import { readEmailConfig } from './read-email-config.ts';
import { readPagerdutyConfig } from './read-pagerduty-config.ts';
import { readSlackConfig } from './read-slack-config.ts';
import { readSnsConfig } from './read-sns-config.ts';
import { readWebhookConfig } from './read-webhook-config.ts';
import { YamlFields } from './yaml-fields.ts';

/** Reads one integration of a receiver. It need not `finish` the fields. */
export type IntegrationReader = (fields: YamlFields, global: AlertmanagerGlobal, folder: string) => IntegrationConfig;

/** In the order in which a receiver's integrations are notified. @see alertmanager/config/receiver/receiver.go */
const INTEGRATIONS: readonly { readonly kind: string; readonly goType: string; readonly read: IntegrationReader }[] = [
  { kind: 'webhook', goType: 'webhook.plain', read: readWebhookConfig },
  { kind: 'email', goType: 'config.plain', read: readEmailConfig },
  { kind: 'pagerduty', goType: 'pagerduty.plain', read: readPagerdutyConfig },
  { kind: 'slack', goType: 'config.plain', read: readSlackConfig },
  { kind: 'sns', goType: 'config.plain', read: readSnsConfig },
];

/** Upstream's integrations that are not here. */
const OTHER_INTEGRATIONS = [
  'discord',
  'incidentio',
  'jira',
  'mattermost',
  'msteams',
  'msteamsv2',
  'opsgenie',
  'pushover',
  'rocketchat',
  'telegram',
  'victorops',
  'webex',
  'wechat',
];

/** Reads `receivers`. @see alertmanager/config/config.go Receiver */
export function readReceivers(
  config: YamlFields,
  global: AlertmanagerGlobal,
  folder: string,
): readonly ReceiverConfig[] {
  const names = new Set<string>();
  const receivers = config.list('receivers', 'config.Receiver', (item) => {
    const fields = new YamlFields(item, 'config.plain');
    const name = fields.text('name') ?? '';
    if (name === '') fields.report('missing name in receiver', 'name');
    else if (names.has(name)) fields.report(`notification config name ${goQuote(name)} is not unique`, 'name');
    names.add(name);
    readReceiverLabels(fields, name);
    const integrations = INTEGRATIONS.flatMap((integration) => readIntegrations(fields, integration, global, folder));
    for (const kind of OTHER_INTEGRATIONS) fields.refuse(`${kind}_configs`);
    fields.finish();
    return { name, integrations };
  });
  return receivers ?? [];
}

function readReceiverLabels(fields: YamlFields, name: string): void {
  const labels = fields.textMap('labels') ?? {};
  if (Object.hasOwn(labels, 'name') && labels.name !== name) {
    const [wanted, got] = [goQuote(name), goQuote(labels.name)];
    fields.report(`receiver label "name" must match receiver name ${wanted}, got ${got}`, 'labels');
  }
  if (Object.keys(labels).length > 0) fields.warn('labels of a receiver have no effect', 'labels');
}

function readIntegrations(
  receiver: YamlFields,
  { kind, goType, read }: (typeof INTEGRATIONS)[number],
  global: AlertmanagerGlobal,
  folder: string,
): readonly IntegrationConfig[] {
  const name = `${kind}_configs`;
  const integrations = receiver.list(name, `*${goType}`, (item) => {
    // An empty entry of Slack is all defaults, of the others it lacks something.
    if (item.kind === 'null' && kind !== 'slack') {
      item.document.report(item.offset, `missing ${kind} config`);
      return undefined;
    }
    const fields = new YamlFields(item, goType);
    const config = read(fields, global, folder);
    fields.finish();
    return config;
  });
  return integrations ?? [];
}
