import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createLocalFiles } from '#shared/adapters/node/files.ts';
import { loadConfiguration } from '#shared/config/configuration.ts';
import { parseFeatures } from '#shared/config/features.ts';
import type { Files } from '#shared/ports/files.ts';
import { checkRuleTemplate } from '#shared/template/prometheus-template.ts';
import { CONFIGURATION_PATHS } from '../functions/aws/lambda-settings.ts';
import { substitute } from '../functions/upload-configuration/substitute.ts';

/** What `${…}` in the configuration's files stands for once they are deployed. */
export type Substitution = 'ALERT_TOPIC_ARN' | 'HEARTBEAT_TOPIC_ARN' | 'API_TOKEN_SECRET_ARN';

/** What stands there while the files are validated. */
export const PLACEHOLDERS: Readonly<Record<Substitution, string>> = {
  ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:alerts',
  HEARTBEAT_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:heartbeat',
  API_TOKEN_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:api-token',
};

/** The configuration that is deployed, validated. */
export interface ConfigurationFolder {
  /** Path within the folder → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Where the files go in the bucket: named after their content, so that functions get new and old ones never mixed. */
  readonly prefix: string;
  /** Where `sns_configs` publish to; templates excepted. */
  readonly topicArns: readonly string[];
  /** References such as `secretsmanager:ARN` and `ssm:NAME`, by who reads them. */
  readonly secretReferences: { readonly scrape: readonly string[]; readonly notify: readonly string[] };
  /** What is accepted without effect, or cannot be granted, a line each. */
  readonly warnings: readonly string[];
}

/** Reads a folder's files and validates them as the functions will.
 *  @param root What `folder` is relative to.
 *  @param features What is turned on, which rules may use.
 *  @throws {ConfigError} With every problem as `file:line:column: …`. @throws {Error} When a file is missing, or its path
 *  cannot be the key of an object. */
export async function readConfigurationFolder(
  folder: string,
  root: string,
  features = '',
): Promise<ConfigurationFolder> {
  const full = resolve(root, folder);
  const files = await readFiles(full);
  const shown = (path: string) => join(relative(root, full), path).replaceAll('\\', '/');
  const paths = {
    prometheus: shown(CONFIGURATION_PATHS.prometheus),
    alertmanager: shown(CONFIGURATION_PATHS.alertmanager),
  };
  const configuration = await loadConfiguration(paths, {
    files: substituted(createLocalFiles({ baseFolder: root })),
    env: () => undefined,
    checkTemplate: checkRuleTemplate,
    parser: parseFeatures([features]).features.parser,
  });
  const { prometheus, alertmanager } = configuration;
  const topicArns = [...new Set(valuesOf(alertmanager.receivers, (name) => name === 'topicArn'))];
  const templated = topicArns.filter((arn) => arn.includes('{{'));
  return {
    files,
    prefix: `config/${hashOf(files)}/`,
    topicArns: topicArns.filter((arn) => !templated.includes(arn)),
    secretReferences: { scrape: references(prometheus), notify: references(alertmanager) },
    warnings: [
      ...configuration.warnings,
      ...templated.map((arn) => `topic_arn ${arn} is a template: allow function notify to publish to what it becomes`),
    ],
  };
}

async function readFiles(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  for (const path of paths) {
    if (/^[A-Za-z0-9._/=-]+$/.test(path)) continue;
    throw new TypeError(`Cannot upload "${join(folder, path)}": its path has characters beside A-Z a-z 0-9 . _ / = -`);
  }
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  );
}

function substituted(files: Files): Files {
  return { ...files, read: async (path) => substitute(await files.read(path), PLACEHOLDERS) };
}

function references(config: unknown): string[] {
  const isReference = (_: string, value: string) => /^(?:secretsmanager|ssm):/.test(value);
  return [...new Set(valuesOf(config, isReference))];
}

/** The texts of a configuration, wherever they are in it, that `matches` takes. */
function valuesOf(config: unknown, matches: (name: string, value: string) => boolean): string[] {
  if (config === null || typeof config !== 'object') return [];
  return Object.entries(config).flatMap(([name, value]) => {
    if (typeof value === 'string') return matches(name, value) ? [value] : [];
    return valuesOf(value, matches);
  });
}

function hashOf(files: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
}
