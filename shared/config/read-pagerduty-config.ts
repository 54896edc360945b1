import type { PagerdutyConfig } from '#shared/alerting/config.ts';
import type { AlertmanagerGlobal } from './read-alertmanager-global.ts';
import { readHttpConfigField, readPath } from './read-http-config.ts';
import { checkHttpUrl } from './read-url.ts';
import { readGoTimeout } from './read-webhook-config.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';
import { readAny, reportKind } from './yaml-values.ts';

const DEFAULT_DETAILS: Readonly<Record<string, string>> = {
  firing: '{{ .Alerts.Firing | toJson }}',
  resolved: '{{ .Alerts.Resolved | toJson }}',
  num_firing: '{{ .Alerts.Firing | len }}',
  num_resolved: '{{ .Alerts.Resolved | len }}',
};

/** @see alertmanager/notify/pagerduty/config.go */
export function readPagerdutyConfig(fields: YamlFields, global: AlertmanagerGlobal, folder: string): PagerdutyConfig {
  const client = fields.text('client') ?? '{{ template "pagerduty.default.client" . }}';
  return {
    kind: 'pagerduty',
    sendResolved: fields.bool('send_resolved') ?? true,
    http: readHttpConfigField(fields, 'http_config', folder) ?? global.http,
    ...readKeys(fields, folder),
    url: fields.parsed('url', checkHttpUrl, '') || global.pagerdutyUrl,
    client,
    clientUrl: fields.text('client_url') ?? '{{ template "pagerduty.default.clientURL" . }}',
    description: fields.text('description') ?? '{{ template "pagerduty.default.description" .}}',
    severity: fields.text('severity') ?? '',
    source: fields.text('source') || client,
    class: fields.text('class') ?? '',
    component: fields.text('component') ?? '',
    group: fields.text('group') ?? '',
    details: { ...DEFAULT_DETAILS, ...readDetails(fields.value('details')) },
    links: fields.list('links', 'pagerduty.PagerdutyLink', readLink) ?? [],
    images: fields.list('images', 'pagerduty.PagerdutyImage', readImage) ?? [],
    timeoutMs: readGoTimeout(fields),
  };
}

function readKeys(fields: YamlFields, folder: string) {
  const keys = {
    routingKey: fields.secret('routing_key'),
    routingKeyFile: readPath(fields, 'routing_key_file', folder),
    serviceKey: fields.secret('service_key'),
    serviceKeyFile: readPath(fields, 'service_key_file', folder),
  };
  if (!Object.values(keys).some(Boolean)) fields.report('missing service or routing key in PagerDuty config');
  if (keys.routingKey && keys.routingKeyFile) {
    fields.report('at most one of routing_key & routing_key_file must be configured', 'routing_key_file');
  }
  if (keys.serviceKey && keys.serviceKeyFile) {
    fields.report('at most one of service_key & service_key_file must be configured', 'service_key_file');
  }
  return keys;
}

function readDetails(value: YamlValue | undefined): Record<string, unknown> {
  if (value === undefined || value.kind === 'null') return {};
  if (value.kind === 'map') return readAny(value) as Record<string, unknown>;
  reportKind(value, 'map[string]interface {}', 'a map');
  return {};
}

function readLink(value: YamlValue): PagerdutyConfig['links'][number] {
  const fields = new YamlFields(value, 'pagerduty.PagerdutyLink');
  const link = { href: fields.text('href') ?? '', text: fields.text('text') ?? '' };
  fields.finish();
  return link;
}

function readImage(value: YamlValue): PagerdutyConfig['images'][number] {
  const fields = new YamlFields(value, 'pagerduty.PagerdutyImage');
  const image = { src: fields.text('src') ?? '', href: fields.text('href') ?? '', alt: fields.text('alt') ?? '' };
  fields.finish();
  return image;
}
