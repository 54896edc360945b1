import { readHttpConfig } from './read-http-config.ts';
import { readRelabelConfigs } from './read-relabel-config.ts';
import { readServiceDiscovery } from './read-service-discovery.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';

/** Checks `alerting.alertmanagers` as upstream does. It has no effect: alerts go to the Alertmanager that is built in,
 *  which a warning says. @see prometheus/config/config.go AlertmanagerConfig */
export function readAlertmanagers(alerting: YamlFields, folder: string): void {
  const read = (item: YamlValue) => {
    if (item.kind === 'null') {
      item.document.report(item.offset, 'empty or null Alertmanager config section');
      return undefined;
    }
    const fields = new YamlFields(item, 'config.AlertmanagerConfig');
    const version = fields.text('api_version');
    if (version !== undefined && version !== 'v2') {
      fields.report(`expected Alertmanager api version to be one of [v2] but got ${version}`, 'api_version');
    }
    for (const name of ['scheme', 'path_prefix']) fields.text(name);
    fields.duration('timeout');
    const relabelConfigs = readRelabelConfigs(
      fields,
      'relabel_configs',
      'empty or null Alertmanager target relabeling rule',
    );
    readRelabelConfigs(fields, 'alert_relabel_configs', 'empty or null Alertmanager alert relabeling rule');
    readHttpConfig(fields, folder);
    readServiceDiscovery(fields, folder, { allowUrls: relabelConfigs.length > 0 });
    fields.refuse('sigv4');
    fields.finish();
    return true;
  };
  const configs = alerting.list('alertmanagers', '*config.AlertmanagerConfig', read) ?? [];
  if (configs.length > 0) {
    alerting.warn('alertmanagers has no effect: alerts go to the Alertmanager that is built in', 'alertmanagers');
  }
}
