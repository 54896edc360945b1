import { goQuote } from '#shared/model/labels.ts';
import { type MediaType, parseMediaType } from './media-type.ts';
import type { ExpositionFormat } from './page.ts';

const MEDIA_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
};

/** Upstream knows six protocols: ours, protobuf and OpenMetrics 2.0.0. Weights start above their number. */
const FIRST_WEIGHT = 7;

/** The `Accept` header of a scrape: the protocols in order of preference, then anything, byte for byte as upstream's.
 *  Only the newest text formats can say that names need no escaping.
 *  @see prometheus/scrape/scrape.go acceptHeader */
export function acceptHeader(protocols: readonly ExpositionFormat[]): string {
  const offers = protocols.map((protocol, i) => {
    const escaping = protocol.endsWith('1.0.0') ? ';escaping=allow-utf-8' : '';
    return `${MEDIA_TYPES[protocol]}${escaping};q=0.${FIRST_WEIGHT - i}`;
  });
  return [...offers, `*/*;q=0.${FIRST_WEIGHT - protocols.length}`].join(',');
}

/** How to parse a page. `warning` says in upstream's words why the fallback is used. */
export type FormatChoice =
  | { readonly format: ExpositionFormat; readonly warning?: string }
  | { readonly error: string };

/** The format of a page by its `Content-Type`; one that is blank, unknown or unreadable means `fallback`, or the scrape
 *  fails. Errors and warnings are upstream's words, but protobuf, which upstream parses, is refused.
 *  @param fallback `fallback_scrape_protocol`, if configured.
 *  @see prometheus/model/textparse/interface.go extractMediaType */
export function formatOf(contentType: string | undefined, fallback: ExpositionFormat | undefined): FormatChoice {
  if (contentType === undefined || contentType === '') {
    return fallBack(fallback, {
      failing:
        'non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target',
      falling: 'non-compliant scrape target sending blank Content-Type',
    });
  }
  const quoted = goQuote(contentType);
  const mediaType = parseMediaType(contentType);
  if (typeof mediaType === 'string') {
    return fallBack(fallback, {
      failing: `cannot parse Content-Type ${quoted} and no fallback_scrape_protocol for target`,
      falling: `could not parse received Content-Type ${quoted}`,
      cause: mediaType,
    });
  }
  return supportedFormat(mediaType, quoted) ?? fallBack(fallback, unsupported(mediaType, quoted));
}

function supportedFormat({ type, parameters }: MediaType, quoted: string): FormatChoice | undefined {
  const version = parameters.get('version');
  switch (type) {
    case 'text/plain':
      return { format: version === '1.0.0' ? 'PrometheusText1.0.0' : 'PrometheusText0.0.4' };
    case 'application/openmetrics-text':
      if (version === '2.0.0') return undefined;
      return { format: version === '1.0.0' ? 'OpenMetricsText1.0.0' : 'OpenMetricsText0.0.1' };
    case 'application/vnd.google.protobuf':
      return { error: `received Content-Type ${quoted}, but the protocol PrometheusProto is not supported` };
  }
  return undefined;
}

interface FallbackReason {
  /** The error without a fallback. */
  readonly failing: string;
  /** The start of the warning with one. */
  readonly falling: string;
  readonly cause?: string;
}

function unsupported({ type }: MediaType, quoted: string): FallbackReason {
  const problem =
    type === 'application/openmetrics-text'
      ? `received OpenMetrics 2.0 Content-Type ${quoted}, but the openmetrics2 feature flag is not enabled`
      : `received unsupported Content-Type ${quoted}`;
  return { failing: `${problem} and no fallback_scrape_protocol specified for target`, falling: problem };
}

function fallBack(fallback: ExpositionFormat | undefined, reason: FallbackReason): FormatChoice {
  const cause = reason.cause === undefined ? '' : `\n${reason.cause}`;
  if (fallback === undefined) return { error: reason.failing + cause };
  const type = MEDIA_TYPES[fallback].split(';')[0];
  return { format: fallback, warning: `${reason.falling}, using fallback_scrape_protocol ${goQuote(type)}${cause}` };
}
