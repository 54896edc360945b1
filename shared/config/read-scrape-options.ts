import { goQuote } from '#shared/model/labels.ts';
import type { ScrapeProtocol } from './prometheus-config.ts';
import type { YamlValue } from './yaml-document.ts';
import type { YamlFields } from './yaml-fields.ts';
import { parseBytes } from './yaml-scalars.ts';
import { readText } from './yaml-values.ts';

/** What is asked for when nothing is configured, the most wanted first. */
export const DEFAULT_SCRAPE_PROTOCOLS: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** Upstream's, ordered as its messages list them. */
const KNOWN_PROTOCOLS = [
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
  'OpenMetricsText2.0.0',
  'PrometheusProto',
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
];

/** Reads `scrape_protocols`.
 *  @param where The end of messages: `for global config`. */
export function readScrapeProtocols(fields: YamlFields, where: string): readonly ScrapeProtocol[] | undefined {
  if (!fields.isSet('scrape_protocols')) return undefined;
  const names = fields.list('scrape_protocols', 'config.ScrapeProtocol', (item) =>
    readText(item, 'config.ScrapeProtocol'),
  );
  if (names === undefined) return undefined;
  const problem = findProtocolProblem(names);
  if (problem !== undefined) {
    fields.report(`${problem} ${where}`, 'scrape_protocols');
    return undefined;
  }
  for (const name of names) refuseProtocol(fields, 'scrape_protocols', name);
  return names as readonly ScrapeProtocol[];
}

function findProtocolProblem(names: readonly string[]): string | undefined {
  if (names.length === 0) return 'scrape_protocols cannot be empty';
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) return `duplicated protocol in scrape_protocols, got [${names.join(' ')}]`;
    if (!KNOWN_PROTOCOLS.includes(name)) return `scrape_protocols: ${unknownProtocol(name)}`;
    seen.add(name.toLowerCase());
  }
  return undefined;
}

/** Reads `fallback_scrape_protocol` of a job. */
export function readFallbackProtocol(fields: YamlFields, jobName: string): ScrapeProtocol | undefined {
  const name = fields.text('fallback_scrape_protocol', 'config.ScrapeProtocol');
  if (name === undefined || name === '') return undefined;
  if (!KNOWN_PROTOCOLS.includes(name)) {
    const problem = unknownProtocol(name);
    fields.report(
      `invalid fallback_scrape_protocol for scrape config with job name "${jobName}": ${problem}`,
      'fallback_scrape_protocol',
    );
    return undefined;
  }
  refuseProtocol(fields, 'fallback_scrape_protocol', name);
  return name as ScrapeProtocol;
}

function unknownProtocol(name: string): string {
  return `unknown scrape protocol ${name}, supported: [${KNOWN_PROTOCOLS.join(' ')}]`;
}

function refuseProtocol(fields: YamlFields, field: string, name: string): void {
  if (!(DEFAULT_SCRAPE_PROTOCOLS as readonly string[]).includes(name)) {
    fields.report(`${field} ${name} is not supported yet`, field);
  }
}

/** Limits of a scrape; 0 = none. */
export interface ScrapeLimits {
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly targetLimit: number;
}

export function readLimits(fields: YamlFields | undefined): ScrapeLimits {
  return {
    bodySizeLimitBytes: fields?.parsed('body_size_limit', parseBytes, 0) ?? 0,
    sampleLimit: fields?.uint('sample_limit') ?? 0,
    labelLimit: fields?.uint('label_limit') ?? 0,
    labelNameLengthLimit: fields?.uint('label_name_length_limit') ?? 0,
    labelValueLengthLimit: fields?.uint('label_value_length_limit') ?? 0,
    targetLimit: fields?.uint('target_limit') ?? 0,
  };
}

/** Reads the fields that `global` and scrape configs share and that must say what happens anyway, or nothing. */
export function refuseScrapeFeatures(fields: YamlFields, where: 'global' | 'scrape config'): void {
  fields.refuse('scrape_failure_log_file');
  for (const name of ['scrape_native_histograms', 'convert_classic_histograms_to_nhcb']) {
    if (fields.bool(name)) fields.refuse(name);
  }
  // Classic histograms are always scraped, and all dropped targets are kept.
  fields.bool('always_scrape_classic_histograms');
  fields.uint('keep_dropped_targets');
  readNameSchemes(fields, where);
}

const VALIDATION_SCHEMES = ['', 'utf8', 'legacy'];
const ESCAPING_SCHEMES = ['', 'allow-utf-8', 'underscores', 'dots', 'values'];

function readNameSchemes(fields: YamlFields, where: string): void {
  const validation = fields.text('metric_name_validation_scheme') ?? '';
  const escaping = fields.text('metric_name_escaping_scheme') ?? '';
  if (!VALIDATION_SCHEMES.includes(validation)) {
    fields.report(`unrecognized ValidationScheme: ${goQuote(validation)}`, 'metric_name_validation_scheme');
  } else fields.refuse('metric_name_validation_scheme', (value) => isText(value, 'utf8', ''));
  if (!ESCAPING_SCHEMES.includes(escaping)) {
    fields.report(
      `unknown ${where} name escaping method specified, must be one of 'allow-utf-8', 'underscores', 'dots', or 'values', got ${goQuote(escaping)}`,
      'metric_name_escaping_scheme',
    );
  } else if (validation === 'legacy' && escaping === 'allow-utf-8') {
    fields.report(
      'utf8 metric names requested but validation scheme is not set to UTF8',
      'metric_name_escaping_scheme',
    );
  } else fields.refuse('metric_name_escaping_scheme', (value) => isText(value, 'allow-utf-8', ''));
}

function isText(value: YamlValue, ...texts: readonly string[]): boolean {
  return value.kind === 'scalar' && texts.includes(value.text);
}
