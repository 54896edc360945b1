import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels, labelsFromRecord, labelsToRecord } from '#shared/model/labels.ts';
import { createRelabelConfig, type RelabelConfigInput } from '#shared/relabel/validate.ts';
import { populateTarget } from '#shared/scrape/populate.ts';
import { publicLabels } from '#shared/scrape/target.ts';

const CONFIG = {
  jobName: 'node',
  scrapeIntervalMs: 15_000,
  scrapeTimeoutMs: 10_000,
  metricsPath: '/metrics',
  scheme: 'http',
  params: {},
  relabelConfigs: [],
};

interface Case {
  readonly labels: Readonly<Record<string, string>>;
  readonly group?: Readonly<Record<string, string>>;
  readonly config?: Partial<Omit<Parameters<typeof populateTarget>[2], 'relabelConfigs'>>;
  readonly relabel?: readonly RelabelConfigInput[];
}

function populate({ labels, group = {}, config, relabel = [] }: Case) {
  const relabelConfigs = relabel.map((step) => createRelabelConfig(step));
  return populateTarget(labelsFromRecord(labels), labelsFromRecord(group), { ...CONFIG, ...config, relabelConfigs });
}

/** `labels url interval/timeout`, or the kind and the problem. */
function show(input: Case): string {
  const populated = populate(input);
  if (populated.kind === 'invalid') return `invalid: ${populated.problem}`;
  if (populated.kind === 'dropped') return `dropped ${formatLabels(populated.discoveredLabels)}`;
  const { target } = populated;
  return `${formatLabels(publicLabels(target))} ${target.scrapeUrl} ${target.intervalMs}/${target.timeoutMs}`;
}

const ADDRESS = { __address__: 'a:80' };
const set = (target_label: string, replacement: string): RelabelConfigInput => ({ target_label, replacement });

test('populateTarget() makes a target of what was discovered', () => {
  const cases: readonly { readonly input: Case; readonly expected: string }[] = [
    { input: { labels: ADDRESS }, expected: '{instance="a:80", job="node"} http://a:80/metrics 15000/10000' },
    {
      input: { labels: { ...ADDRESS, env: 'own' }, group: { env: 'group', job: 'mine', zone: 'z' } },
      expected: '{env="own", instance="a:80", job="mine", zone="z"} http://a:80/metrics 15000/10000',
    },
    {
      input: { labels: { ...ADDRESS, instance: 'x', __meta_y: '1', __tmp: '2' } },
      expected: '{instance="x", job="node"} http://a:80/metrics 15000/10000',
    },
    {
      input: {
        labels: ADDRESS,
        relabel: [set('__address__', 'b:81'), set('__scheme__', 'https'), set('__metrics_path__', '/probe')],
      },
      expected: '{instance="b:81", job="node"} https://b:81/probe 15000/10000',
    },
    {
      input: {
        labels: { ...ADDRESS, __meta_name: 'db' },
        relabel: [{ source_labels: ['__meta_name'], target_label: 'name' }, set('__scrape_interval__', '1m')],
      },
      expected: '{instance="a:80", job="node", name="db"} http://a:80/metrics 60000/10000',
    },
    {
      input: { labels: ADDRESS, relabel: [set('__scrape_interval__', '5s'), set('__scrape_timeout__', '5s')] },
      expected: '{instance="a:80", job="node"} http://a:80/metrics 5000/5000',
    },
    {
      input: {
        labels: { ...ADDRESS, drop: 'me' },
        relabel: [{ source_labels: ['drop'], regex: 'me', action: 'drop' }],
      },
      expected:
        'dropped {__address__="a:80", __metrics_path__="/metrics", __scheme__="http", __scrape_interval__="15s", __scrape_timeout__="10s", drop="me", job="node"}',
    },
  ];
  for (const { input, expected } of cases) assert.equal(show(input), expected);
});

test('populateTarget() says what is wrong with a target in upstream words', () => {
  const cases: readonly { readonly input: Case; readonly expected: string }[] = [
    { input: { labels: {} }, expected: 'no address' },
    { input: { labels: { __address__: 'http://a:80' } }, expected: '"http://a:80" is not a valid hostname' },
    {
      input: { labels: ADDRESS, relabel: [set('__scrape_interval__', 'abc')] },
      expected: 'error parsing scrape interval: not a valid duration string: "abc"',
    },
    {
      input: { labels: ADDRESS, relabel: [set('__scrape_interval__', '0s')] },
      expected: 'scrape interval cannot be 0',
    },
    {
      input: { labels: ADDRESS, relabel: [set('__scrape_timeout__', '1q')] },
      expected: 'error parsing scrape timeout: unknown unit "q" in duration "1q"',
    },
    { input: { labels: ADDRESS, relabel: [set('__scrape_timeout__', '0')] }, expected: 'scrape timeout cannot be 0' },
    {
      input: { labels: ADDRESS, relabel: [set('__scrape_timeout__', '90s')] },
      expected: 'scrape timeout cannot be greater than scrape interval ("1m30s" > "15s")',
    },
    {
      input: { labels: ADDRESS, relabel: [set('__scrape_interval__', '1500ms'), set('__scrape_timeout__', '1s')] },
      expected: 'scrape interval must be whole seconds, got "1s500ms"',
    },
  ];
  for (const { input, expected } of cases) assert.equal(show(input), `invalid: ${expected}`);
});

test('the URL has the parameters of the configuration, overridden by labels, in order of their names', () => {
  const url = (params: Readonly<Record<string, readonly string[]>>, labels: Readonly<Record<string, string>> = {}) => {
    const populated = populate({ labels: { ...ADDRESS, ...labels }, config: { params } });
    return populated.kind === 'target' ? populated.target.scrapeUrl : populated.kind;
  };
  assert.equal(url({ b: ['2', '3'], a: ['1 &=é'] }), 'http://a:80/metrics?a=1+%26%3D%C3%A9&b=2&b=3');
  assert.equal(url({ b: ['2', '3'] }, { __param_b: 'x' }), 'http://a:80/metrics?b=x&b=3');
  assert.equal(
    url({}, { __param_module: 'http_2xx', __param_target: 'https://x/?y' }),
    'http://a:80/metrics?module=http_2xx&target=https%3A%2F%2Fx%2F%3Fy',
  );
  assert.equal(url({ empty: [] }), 'http://a:80/metrics');
  assert.equal(url({}, { __metrics_path__: 'a b/ü' }), 'http://a:80/a%20b/%C3%BC');
  assert.equal(url({}, { __metrics_path__: '/a?b#c' }), 'http://a:80/a%3Fb%23c');
  assert.equal(
    url({ a: ["~*!'()"] }, { __metrics_path__: "/~*!'()$&+,;=@:" }),
    'http://a:80/~%2A%21%27%28%29$&+,;=@:?a=~%2A%21%27%28%29',
  );
  assert.equal(url({}, { __metrics_path__: '' }), 'http://a:80/metrics');
});

test('discovered labels show the first value of a parameter', () => {
  const populated = populate({ labels: ADDRESS, config: { params: { a: ['1', '2'] } } });
  assert.ok(populated.kind === 'target');
  assert.equal(labelsToRecord(populated.target.discoveredLabels).__param_a, '1');
});

test('a target has the same id while pool, labels and URL are the same', () => {
  const id = (input: Case) => {
    const populated = populate(input);
    return populated.kind === 'target' ? populated.target.id : '';
  };
  const base = id({ labels: ADDRESS });
  assert.match(base, /^[0-9a-f]{32}$/);
  assert.equal(id({ labels: { ...ADDRESS, __meta_changes: 'often' } }), base);
  const others: readonly Case[] = [
    { labels: ADDRESS, config: { jobName: 'other' } },
    { labels: { ...ADDRESS, zone: 'z' } },
    { labels: ADDRESS, config: { params: { a: ['1'] } } },
    { labels: ADDRESS, config: { scrapeIntervalMs: 30_000 } },
  ];
  assert.equal(new Set([base, ...others.map(id)]).size, 5);
});
