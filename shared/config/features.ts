import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';

/** What `--enable-feature` turns on. */
export interface Features {
  /** The optional syntax of PromQL. */
  readonly parser: Required<ParserOptions>;
  /** `promql-delayed-name-removal` */
  readonly delayedNameRemoval: boolean;
  /** `promql-per-step-stats` */
  readonly perStepStats: boolean;
  /** `use-start-timestamps` */
  readonly useStartTimestamps: boolean;
  /** `type-and-unit-labels` */
  readonly typeAndUnitLabels: boolean;
}

/** As upstream's default: all off. */
export const NO_FEATURES: Features = {
  parser: { experimentalFunctions: false, binopFillModifiers: false, unquotedUtf8Names: false },
  delayedNameRemoval: false,
  perStepStats: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
};

/** What there is to say of a feature that was asked for. */
export interface FeatureNotice {
  readonly severity: 'info' | 'warn';
  readonly text: string;
  /** As written. */
  readonly option: string;
}

type Change = (features: Features) => Features;

interface Known {
  readonly severity: FeatureNotice['severity'];
  readonly text: string;
  readonly change?: Change;
}

const PERMANENT = 'This option for --enable-feature is now permanently enabled and therefore a no-op.';

const KNOWN: Readonly<Record<string, Known>> = {
  'promql-experimental-functions': on('Experimental PromQL functions enabled.', withSyntax('experimentalFunctions')),
  'promql-binop-fill-modifiers': on(
    'Experimental PromQL binary operator fill modifiers enabled.',
    withSyntax('binopFillModifiers'),
  ),
  'promql-unquoted-utf8-names': on('Experimental unquoted UTF-8 names enabled.', withSyntax('unquotedUtf8Names')),
  'promql-delayed-name-removal': on(
    'Experimental PromQL delayed name removal enabled.',
    withSwitch('delayedNameRemoval'),
  ),
  'promql-per-step-stats': on('Experimental per-step statistics reporting', withSwitch('perStepStats')),
  'use-start-timestamps': on(
    'Experimental usage of start timestamps in PromQL engine is enabled.',
    withSwitch('useStartTimestamps'),
  ),
  'type-and-unit-labels': {
    severity: 'warn',
    text: 'Experimental type and unit labels enabled in PromQL. Scrapes do not add them here.',
    change: withSwitch('typeAndUnitLabels'),
  },
  'promql-duration-expr': noOp(PERMANENT),
  'promql-extended-range-selectors': noOp(PERMANENT),
  'ooo-native-histograms': noOp(PERMANENT),
  'native-histograms': noOp(
    'This option for --enable-feature is a no-op. To scrape native histograms, set the scrape_native_histograms scrape config setting to true.',
  ),
};

/** What upstream has and we do not: a command line of Prometheus starts here too, and says what it lacks. */
const NOT_SUPPORTED: ReadonlySet<string> = new Set([
  ...['exemplar-storage', 'memory-snapshot-on-shutdown', 'extra-scrape-metrics', 'metadata-wal-records'],
  ...['auto-reload-config', 'concurrent-rule-eval', 'created-timestamp-zero-ingestion', 'xor2-encoding'],
  ...['histograms-st-encoding', 'st-synthesis', 'st-storage', 'delayed-compaction', 'old-ui'],
  ...['otlp-deltatocumulative', 'otlp-native-delta-ingestion', 'openmetrics2', 'zstd-scrape', 'use-uncached-io'],
  ...['fast-startup', 'search-api', 'query-cost'],
]);

function on(text: string, change: Change): Known {
  return { severity: 'info', text, change };
}

function noOp(text: string): Known {
  return { severity: 'warn', text };
}

function withSyntax(name: keyof ParserOptions): Change {
  return (features) => ({ ...features, parser: { ...features.parser, [name]: true } });
}

function withSwitch(name: Exclude<keyof Features, 'parser'>): Change {
  return (features) => ({ ...features, [name]: true });
}

/** Reads the values of `--enable-feature`, each a list with commas. A name that is not known is no error: as upstream,
 *  it is only remarked.
 *  @see prometheus/cmd/prometheus/main.go setFeatureListOptions */
export function parseFeatures(lists: readonly string[]): {
  readonly features: Features;
  readonly notices: readonly FeatureNotice[];
} {
  const options = lists.filter((list) => list !== '').flatMap((list) => list.split(','));
  let features = NO_FEATURES;
  const notices: FeatureNotice[] = [];
  for (const option of options) {
    const { severity, text, change } = lookUp(option);
    features = change?.(features) ?? features;
    notices.push({ severity, text, option });
  }
  return { features, notices };
}

function lookUp(option: string): Known {
  if (Object.hasOwn(KNOWN, option)) return KNOWN[option];
  if (!NOT_SUPPORTED.has(option)) return noOp('Unknown option for --enable-feature');
  return noOp('This option for --enable-feature is not supported here and has no effect.');
}
