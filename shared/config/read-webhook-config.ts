import type { WebhookConfig } from '#shared/alerting/config.ts';
import type { AlertmanagerGlobal } from './read-alertmanager-global.ts';
import { readHttpConfigField, readPath } from './read-http-config.ts';
import { checkSecretUrl } from './read-url.ts';
import type { YamlFields } from './yaml-fields.ts';
import { parseGoDuration, type ResolvedScalar } from './yaml-scalars.ts';
import { reportKind } from './yaml-values.ts';

/** @see alertmanager/notify/webhook/config.go */
export function readWebhookConfig(fields: YamlFields, global: AlertmanagerGlobal, folder: string): WebhookConfig {
  const url = readTemplateUrl(fields, 'url');
  const urlFile = readPath(fields, 'url_file', folder);
  if (!fields.text('url') && !urlFile) fields.report('one of url or url_file must be configured');
  if (url && urlFile) fields.report('at most one of url & url_file must be configured', 'url_file');
  fields.refuse('payload');
  return {
    kind: 'webhook',
    sendResolved: fields.bool('send_resolved') ?? true,
    url,
    urlFile,
    http: readHttpConfigField(fields, 'http_config', folder) ?? global.http,
    maxAlerts: fields.uint('max_alerts', 'uint64') ?? 0,
    timeoutMs: readGoTimeout(fields),
  };
}

/** A URL that may hold template actions; without them it is checked. */
function readTemplateUrl(fields: YamlFields, name: string) {
  fields.parsed(
    name,
    (text) => {
      if (text !== '' && !text.includes('{{')) checkUrl(text);
    },
    undefined,
  );
  return fields.secret(name);
}

function checkUrl(text: string): void {
  try {
    checkSecretUrl(text);
  } catch (error) {
    throw new SyntaxError(`invalid URL: ${(error as Error).message}`, { cause: error });
  }
}

/** Reads `timeout` as Go's duration: `10s`, `1.5m`, or a number of nanoseconds. 0 and less = none. Milliseconds. */
export function readGoTimeout(fields: YamlFields): number {
  const value = fields.value('timeout');
  if (value === undefined || value.kind === 'null') return 0;
  const timeoutMs = value.kind === 'scalar' ? goDurationMs(value.resolved) : undefined;
  if (timeoutMs === undefined) reportKind(value, 'time.Duration', 'a duration such as 10s');
  return Math.max(0, timeoutMs ?? 0);
}

function goDurationMs(resolved: ResolvedScalar): number | undefined {
  if (resolved.kind === 'int') return resolved.value / 1e6;
  return resolved.kind === 'str' ? parseGoDuration(resolved.value) : undefined;
}
