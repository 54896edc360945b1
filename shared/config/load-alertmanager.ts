import type { AlertmanagerConfig } from '#shared/alerting/config.ts';
import { folderOf, joinFolder } from './paths.ts';
import { readAlertmanagerGlobal } from './read-alertmanager-global.ts';
import { readInhibitRule } from './read-inhibit-rule.ts';
import { readReceivers } from './read-receivers.ts';
import { readRootRoute } from './read-route.ts';
import { parseYaml } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';
import { readText } from './yaml-values.ts';

/** Parses and validates an `alertmanager.yml`: globals and defaults are filled into receivers, routes inherit from their
 *  parents.
 *  @param file The path of the file: relative paths in it are resolved against its folder.
 *  @throws {ConfigError} With every problem of the file; what upstream refuses with upstream's words, what upstream has and
 *  Emberwatch has not as "… is not supported yet".
 *  @see alertmanager/config/config.go Load */
export function loadAlertmanagerConfig(file: string, text: string): AlertmanagerConfig {
  const { document, root } = parseYaml(file, text);
  const folder = folderOf(file);
  const fields = new YamlFields(root, 'config.plain');
  const global = readAlertmanagerGlobal(fields.value('global') ?? { kind: 'null', document, offset: 0 }, folder);
  const receivers = readReceivers(fields, global, folder);
  const timeIntervals = readTimeIntervals(fields);
  const route = readRootRoute(fields, { receivers: new Set(receivers.map(({ name }) => name)), timeIntervals });
  const config = {
    file,
    text,
    resolveTimeoutMs: global.resolveTimeoutMs,
    route,
    receivers,
    inhibitRules: fields.list('inhibit_rules', 'common.InhibitRule', readInhibitRule) ?? [],
    templates: (fields.list('templates', 'string', (item) => readText(item)) ?? []).map((glob) =>
      joinFolder(folder, glob),
    ),
    warnings: document.warnings,
  };
  fields.refuse('tracing', () => false);
  fields.refuse('event_recorder');
  fields.finish();
  document.throwProblems();
  return config;
}

/** Reads the names of time intervals. What they say is not used: a route that refers to one is refused. */
function readTimeIntervals(fields: YamlFields): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [list, kind] of [
    ['mute_time_intervals', 'mute time interval'],
    ['time_intervals', 'time interval'],
  ]) {
    const intervals = fields.list(list, 'config.plain', (item) => {
      const interval = new YamlFields(item, 'config.plain');
      const name = interval.text('name') ?? '';
      interval.value('time_intervals');
      interval.finish();
      if (name === '') interval.report(`missing name in ${kind}`);
      else if (names.has(name)) interval.report(`${kind} "${name}" is not unique`, 'name');
      names.add(name);
      return name;
    });
    if (intervals?.length)
      fields.warn(`${list} has no effect and is not checked: time intervals are not supported yet`, list);
  }
  return names;
}
