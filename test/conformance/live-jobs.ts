import type { Script, ScriptedPage } from '#test/support/scripted-exporter.ts';

/** A scrape job, and what its exporter answers, scrape by scrape. */
export interface LiveJob {
  readonly name: string;
  /** Lines of the scrape configuration, beside name, path and target. */
  readonly config?: readonly string[];
  readonly script: Script;
  /** The job has series in several notations or that relabelling makes one: upstream counts notations in
   *  `scrape_series_added`, we count series. */
  readonly manyNotations?: boolean;
}

const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

function openMetrics(...lines: readonly string[]): ScriptedPage {
  return { contentType: OPENMETRICS, body: [...lines, '# EOF', ''].join('\n') };
}

function lines(...texts: readonly string[]): string {
  return [...texts, ''].join('\n');
}

const FAILING: ScriptedPage = { status: 500, body: 'a_total 99\n' };

/** Text format: resets, labels that change, failures of all kinds, series that come and go. */
const TEXT: Script = [
  lines(
    '# TYPE a_total counter',
    'a_total{path="/"} 1',
    'a_total{path="/x"} 10',
    'gauge -0.5',
    'now 1',
    '# HELP a_total A.',
  ),
  lines('a_total{path="/"} 5', 'a_total{path="/x"} 11', 'gauge 2.5e-7', 'now +Inf'),
  // A reset, a changed label, and a vanished series.
  lines('a_total{path="/"} 2', 'a_total{path="/y"} 1', 'gauge NaN'),
  lines('a_total{path="/"} 3', 'a_total{path="/y"} 2', 'gauge 1', 'now -Inf'),
  FAILING,
  FAILING,
  // All that was there before the failure returns: nothing is new but one.
  lines('a_total{path="/"} 4', 'a_total{path="/y"} 3', 'gauge 1', 'now 3', 'fresh 1'),
  // A page that does not parse in its middle: some series before the error, a new one among them.
  lines('a_total{path="/"} 5', 'half_new 1', 'gauge 1', 'now{ 3', 'fresh 1'),
  lines('a_total{path="/"} 6', 'a_total{path="/y"} 4', 'half_new 2', 'now 4'),
  lines('a_total{path="/"} 7', 'broken'),
  lines('a_total{path="/"} 8', 'other_new 1', 'broken'),
  lines('a_total{path="/y"} 9', 'other_new 2'),
  // Nothing at all is a success, and forgets nothing.
  '',
  lines('a_total{path="/"} 10', 'a_total{path="/y"} 10', 'other_new 3'),
  // Only a comment is a success that forgets.
  '# nothing\n',
  lines('a_total{path="/"} 11', 'a_total{path="/y"} 11', 'other_new 4'),
  { body: '', hangs: true },
  lines('a_total{path="/"} 12', 'other_new 5'),
  { contentType: '', body: 'a_total{path="/"} 13\n' },
  { contentType: 'application/json', body: 'a_total{path="/"} 13\n' },
  lines('a_total{path="/"} 14', 'other_new 6'),
];

/** Repeated series, names in UTF-8, odd but accepted notations. */
const NOTATION: Script = [
  lines('dup 1', 'dup 2', 'dup{a="1"} 1', 'dup{ a = "1" , } 7'),
  lines('dup 3', 'dup 3'),
  lines('{"http.requests","http.method"="GÉT"} 1', '{"名前"} 2', 'esc{v="a\\\\b\\"c\\nd"} 3', 'empty{x=""} 1'),
  lines('{"http.requests","http.method"="GÉT"} 2', 'esc{v="a\\\\b\\"c\\nd"} 4', 'empty{x="",y="1"} 1'),
  lines('# TYPE h histogram', 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 2', 'h_sum 3', 'h_count 2'),
  lines(
    '# TYPE h histogram',
    'h_bucket{le="1.0"} 2',
    'h_bucket{le="+Inf"} 3',
    'h_sum 4',
    'h_count 3',
    'h_bucket{le="1"} 5',
  ),
  lines('# TYPE s summary', 's{quantile="0.5"} 1', 's{quantile="1"} 2', 's_sum 3', 's_count 2'),
  lines('two{b="1",a="2"} 1', 'two{a="2",b="1"} 2', 'x 1'),
  lines('two{a="2",b="1"} 3', 'x 0x1p-2'),
  lines('big 1.7976931348623157e308', 'small 5e-324', 'int 9007199254740993', 'under 1_000'),
  lines('big 17', '   # spaces', '\tint\t4\t'),
  lines('back 1'),
];

/** A target that tells its own report: the first sample of a time wins. Upstream loses a report when the target's own is
 *  gone, which we do not: it stays. */
const OWN_REPORT: Script = [
  lines('up 5', 'scrape_samples_scraped 7', 'mine 1'),
  lines('up 6', 'scrape_samples_scraped 7'),
];

/** Times of the page's own: kept, out of order, repeated, out of bounds, and without staleness. */
const TIMES: Script = [
  lines('own 1 {{ms-500}}', 'mixed 1', 'without 1'),
  lines('own 2 {{ms-500}}', 'mixed 2', 'without 2'),
  // Now with a time: stale as a series without one.
  lines('own 3 {{ms-500}}', 'mixed 3 {{ms-300}}', 'without 3'),
  lines('own 4 {{ms-2500}}', 'mixed 4 {{ms-300}}', 'without 4'),
  // Gone: not stale.
  lines('without 5'),
  lines('own 6 {{ms-400}}', 'own 7 {{ms-200}}', 'own 8 {{ms-400}}', 'mixed 6', 'without 6'),
  // Older than the last sample without a time, newer than that of long ago.
  lines('without 7 {{ms-1500}}', 'mixed 7 {{ms-5500}}', 'fresh 1 {{ms-8000}}'),
  lines('without 8', 'ahead 1 {{ms+1500}}', 'fresh 2'),
  lines('without 9', 'ahead 2', 'fresh 3 {{ms-8000}}'),
  lines('without 10', 'ahead 3', 'far 1 {{ms+900000}}', 'old 1 {{ms-9000000}}'),
  lines('without 11', 'ahead 4', 'far 2', 'far 3 {{ms+500000}}'),
  lines('without 12', 'late 1 {{ms-400}}', 'broken'),
  lines('without 13'),
  FAILING,
  lines('without 14', 'own 9 {{ms-100}}', 'late 2 {{ms-100}}'),
];

const FORMAT: Script = [
  openMetrics(
    '# TYPE c counter',
    '# UNIT c_seconds seconds',
    'c_total{a="1"} 1 # {trace_id="x"} 0.5',
    'c_created{a="1"} 1700000000.125',
    '# TYPE i info',
    'i_info{version="1"} 1',
    '# TYPE st stateset',
    'st{st="on"} 1',
    'st{st="off"} 0',
  ),
  openMetrics(
    '# TYPE c counter',
    'c_total{a="1"} 2',
    'g 1 {{s-250}}',
    '# TYPE h histogram',
    'h_bucket{le="1"} 1',
    'h_bucket{le="+Inf"} 1',
  ),
  openMetrics(
    '# TYPE c counter',
    'c_total{a="1"} 3',
    'g 2 {{s-250}}',
    'g 3 {{s-125}}',
    '# TYPE h histogram',
    'h_bucket{le="1"} 2',
  ),
  { contentType: OPENMETRICS, body: 'c_total{a="1"} 4\nno_end 1\n' },
  // The format changes.
  lines('c_total{a="1"} 5', '# TYPE h histogram', 'h_bucket{le="1"} 3'),
  openMetrics('c_total{a="1"} 6', 'c_total{a="1"} 7', '{"utf.8",a="1"} 1'),
  openMetrics(),
  openMetrics('c_total{a="1"} 8'),
];

const HONOR: Script = [
  lines('m{instance="theirs",job="theirs"} 1', 'm{zone="z"} 2', 'plain 1'),
  lines('m{instance="theirs"} 1', 'm{instance="third",zone="z"} 2', 'plain 2'),
  lines('m{instance="theirs",job="theirs"} 3', 'up{job="other"} 4', 'plain 3'),
  lines('m{instance="",x="1"} 5', 'm{instance="",zone=""} 6', 'plain 4'),
];

const CONFLICT: Script = [
  lines('m{instance="theirs",job="theirs",zone="z"} 1', 'm{exported_instance="e",instance="i"} 2'),
  lines('m{exported_zone="1",zone="2",exported_exported_zone="3"} 1'),
  lines('m{instance="",zone=""} 1'),
];

const RELABEL: Script = [
  lines('keep_a 1', 'keep_b{tmp="1"} 2', 'keep_b{tmp="2"} 3', 'drop_me 4', 'rename_me 5'),
  lines('keep_a 2', 'keep_b{tmp="1"} 4', 'drop_me 5', 'rename_me 6'),
  lines('keep_a 3', 'keep_b{tmp="2"} 5', 'drop_me 6'),
  lines('keep_a 3', 'no_name 6'),
  lines('keep_a 4', 'keep_b{tmp="2"} 6', 'keep_b{tmp="1"} 7'),
];

const SAMPLE_LIMIT: Script = [
  lines('a 1', 'b 1', 'c 1'),
  lines('a 2', 'b 2', 'c 2', 'd 2', 'e 2'),
  lines('a 3', 'b 3', 'c 3'),
  lines('d 4', 'a 4', 'b 4', 'c 4'),
  lines('a 5', 'a 5', 'b 5', 'c 5'),
  lines('a 6', 'b 6', 'c 6', 'd 6', 'broken'),
  lines('a 7', 'old 7 {{ms-9000000}}', 'b 7', 'c 7'),
  lines('a 8', 'c 8'),
];

const LABEL_LIMITS: Script = [
  lines('a{b="12345"} 1', 'c 1'),
  lines('a{b="12345"} 2', 'a{b="123456789012345678901"} 1', 'c 2'),
  lines('a{b="12345"} 3', 'a{b="1",c="2",d="3"} 1', 'c 3'),
  lines('a{b="12345"} 4', 'a{a_very_long_label_name="2"} 1', 'c 4'),
  lines('a{b="12345"} 5', 'c 5'),
];

/** What is scraped by both: each job one target with the labels `instance`, `zone` and `scraped_by`. */
export const LIVE_JOBS: readonly LiveJob[] = [
  { name: 'text', script: TEXT },
  { name: 'notation', script: NOTATION, manyNotations: true },
  { name: 'own-report', script: OWN_REPORT },
  { name: 'times', script: TIMES },
  { name: 'tracked', config: ['track_timestamps_staleness: true'], script: TIMES },
  { name: 'ignored', config: ['honor_timestamps: false'], script: TIMES },
  { name: 'format', script: FORMAT },
  { name: 'honor', config: ['honor_labels: true'], script: HONOR },
  { name: 'conflict', script: CONFLICT },
  {
    name: 'relabel',
    config: [
      'metric_relabel_configs:',
      '  - { source_labels: [__name__], regex: drop_.*, action: drop }',
      '  - { regex: tmp, action: labeldrop }',
      '  - { source_labels: [__name__], regex: rename_me, target_label: __name__, replacement: renamed }',
      "  - { source_labels: [__name__], regex: no_name, target_label: __name__, replacement: '' }",
    ],
    script: RELABEL,
    manyNotations: true,
  },
  { name: 'sample-limit', config: ['sample_limit: 3'], script: SAMPLE_LIMIT },
  {
    name: 'label-limits',
    config: ['label_limit: 7', 'label_name_length_limit: 14', 'label_value_length_limit: 20'],
    script: LABEL_LIMITS,
  },
  {
    name: 'body-limit',
    config: ['body_size_limit: 20B'],
    script: ['a 1\nb 2\n', 'a 1234567890123456\n', 'a 12345678901234567\n', 'a 123456789012345678901\n', 'a 4\n'],
  },
  { name: 'target-limit', config: ['target_limit: 1'], script: ['a 1\n'] },
  {
    name: 'fallback',
    config: ['fallback_scrape_protocol: OpenMetricsText1.0.0'],
    script: [
      { contentType: '', body: 'a 1\n# EOF\n' },
      { contentType: '', body: 'a 1\n' },
    ],
  },
];

/** Scrapes that are compared: the longest script and some of its last page. */
export const LIVE_SCRAPES = Math.max(...LIVE_JOBS.map(({ script }) => script.length)) + 1;

/** The configuration of both, with each one's own exporter. */
export function liveConfig(address: string): string {
  const jobs = LIVE_JOBS.map(({ name, config = [] }) =>
    [
      `  - job_name: ${name}`,
      `    metrics_path: /${name}`,
      ...config.map((line) => `    ${line}`),
      '    static_configs:',
      `      - { targets: ['${address}'], labels: { instance: live, zone: here, scraped_by: ${name} } }`,
      ...(name === 'target-limit'
        ? [`      - { targets: ['${address}'], labels: { instance: two, scraped_by: second } }`]
        : []),
    ].join('\n'),
  );
  return `global: { scrape_interval: 1s, scrape_timeout: 500ms }\nscrape_configs:\n${jobs.join('\n')}\n`;
}
