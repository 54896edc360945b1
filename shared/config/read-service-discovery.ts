import { goQuote } from '#shared/model/labels.ts';
import { joinFolder } from './paths.ts';
import type { FileSdConfig, StaticConfig } from './prometheus-config.ts';
import { readLabels } from './read-labels.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';
import { readText } from './yaml-values.ts';

const DEFAULT_FILE_REFRESH_MS = 300_000;

/** Mechanisms that upstream has and Emberwatch has not. */
const OTHER_MECHANISMS = [
  'aws',
  'azure',
  'consul',
  'digitalocean',
  'dns',
  'docker',
  'dockerswarm',
  'ec2',
  'ecs',
  'elasticache',
  'eureka',
  'gce',
  'hetzner',
  'http',
  'ionos',
  'kubernetes',
  'kuma',
  'lightsail',
  'linode',
  'marathon',
  'msk',
  'nerve',
  'nomad',
  'oci',
  'openstack',
  'outscale',
  'ovhcloud',
  'puppetdb',
  'rds',
  'scaleway',
  'serverset',
  'stackit',
  'triton',
  'uyuni',
  'vultr',
];

/** Reads `static_configs` and all `*_sd_configs` of a job.
 *  @param options.allowUrls Whether relabelling may make addresses of what is written as target.
 *  @see prometheus/discovery/registry.go */
export function readServiceDiscovery(
  fields: YamlFields,
  folder: string,
  options: { readonly allowUrls: boolean },
): { readonly staticConfigs: readonly StaticConfig[]; readonly fileSdConfigs: readonly FileSdConfig[] } {
  for (const mechanism of OTHER_MECHANISMS) fields.refuse(`${mechanism}_sd_configs`);
  return {
    staticConfigs: readSections(fields, 'static_configs', '*targetgroup.Group', (item) =>
      readStaticConfig(item, options.allowUrls),
    ),
    fileSdConfigs: readSections(fields, 'file_sd_configs', '*file.SDConfig', (item) => readFileSdConfig(item, folder)),
  };
}

function readSections<T>(fields: YamlFields, name: string, goType: string, read: (item: YamlValue) => T): readonly T[] {
  const readSection = (item: YamlValue) => {
    if (item.kind !== 'null') return read(item);
    item.document.report(item.offset, `empty or null section in ${name}`);
    return undefined;
  };
  return fields.list(name, goType, readSection) ?? [];
}

function readStaticConfig(value: YamlValue, allowUrls: boolean): StaticConfig {
  const config = readTargetGroup(value, (target) => {
    if (!allowUrls && target.kind === 'scalar' && target.text.includes('/')) {
      target.document.report(target.offset, `${goQuote(target.text)} is not a valid hostname`);
    }
  });
  return config;
}

/** Reads a list of targets with common labels, as in `static_configs` and in target files. Strict.
 *  @param checkTarget Sees each target and may report it. */
export function readTargetGroup(value: YamlValue, checkTarget?: (target: YamlValue) => void): StaticConfig {
  const fields = new YamlFields(value, 'targetgroup.Group');
  const readTarget = (target: YamlValue) => {
    checkTarget?.(target);
    return readText(target);
  };
  const targets = fields.list('targets', 'string', readTarget) ?? [];
  const labels = readLabels(fields.value('labels'));
  fields.finish();
  return { targets, labels };
}

function readFileSdConfig(value: YamlValue, folder: string): FileSdConfig {
  const fields = new YamlFields(value, 'file.plain');
  const files = fields.list('files', 'string', readFileGlob) ?? [];
  if (files.length === 0) {
    fields.report('file service discovery config must contain at least one path name', 'files');
  }
  const refreshIntervalMs = fields.duration('refresh_interval') ?? DEFAULT_FILE_REFRESH_MS;
  fields.finish();
  return { files: files.map((file) => joinFolder(folder, file)), refreshIntervalMs };
}

function readFileGlob(item: YamlValue): string | undefined {
  const path = readText(item);
  if (path !== undefined && !/^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/.test(path)) {
    item.document.report(item.offset, `path name ${goQuote(path)} is not valid for file discovery`);
  }
  return path;
}
