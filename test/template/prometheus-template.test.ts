import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QuerySample, RuleTemplateData } from '#shared/template/prometheus-data.ts';
import {
  checkRuleTemplate,
  type ExpandOptions,
  expandTemplate,
  expansionErrorText,
} from '#shared/template/prometheus-template.ts';

const DATA: RuleTemplateData = {
  labels: ['instance', 'a.example.com:80', 'job', 'node'],
  externalLabels: ['cluster', 'c1'],
  externalUrl: 'http://prom:9090/path',
  value: 1234.5678,
  alertName: 'High',
};

const SERIES: Readonly<Record<string, readonly QuerySample[]>> = {
  up: [
    { labels: ['__value__', 'v', 'instance', 'b'], value: 21 },
    { labels: ['instance', 'a'], value: 11 },
  ],
  b: [{ labels: [], value: 3 }],
  histogram: [{ labels: [], value: { histogram: '{count:1, sum:2}' } }],
  empty: [],
};

function optionsOf(asked: string[] = []): ExpandOptions {
  return {
    timeMs: 1_700_000_000_123,
    pathPrefix: '/path/',
    query: async (expr) => {
      asked.push(expr);
      if (!Object.hasOwn(SERIES, expr)) throw new Error(`no series ${expr}`);
      return SERIES[expr];
    },
  };
}

const EXPANSIONS = [
  { text: 'plain', expected: 'plain' },
  {
    text: '{{ $labels.instance }} {{ $labels.none }}|{{ $value }} {{ $externalLabels.cluster }} {{ $externalURL }}',
    expected: 'a.example.com:80 |1234.5678 c1 http://prom:9090/path',
  },
  {
    text: '{{ .Labels.job }} {{ .Value | printf "%.1f" }} {{ printf "%d" $value }}',
    expected: 'node 1234.6 %!d(float64=1234.5678)',
  },
  {
    text: '{{ range query "up" | sortByLabel "instance" }}{{ .Labels.instance }}={{ .Value }} {{ end }}',
    expected: 'a=11 b=21 ',
  },
  {
    text: '{{ query "up" | first | value | humanize }} {{ query "up" | first | strvalue }} {{ len (query "empty") }}',
    expected: '21 v 0',
  },
  { text: '{{ with query "up" }}{{ . | first | label "instance" }}{{ end }}', expected: 'b' },
  { text: '{{ query (query "up" | first | label "instance") | first | value }}', expected: '3' },
  { text: '{{ query "histogram" | first | value }}', expected: '{count:1, sum:2}' },
  { text: '{{ define "x" }}{{ .arg0 }}{{ .arg1 }}{{ end }}{{ template "x" (args 1 "b") }}', expected: '1b' },
  { text: '{{ now }} {{ pathPrefix }} {{ externalURL }}', expected: '1.700000000123e+09 /path http://prom:9090/path' },
  {
    text: '{{ graphLink "up{a=\\"b c\\"}" }} {{ tableLink "x" }}',
    expected: '/graph?g0.expr=up%7Ba%3D%22b+c%22%7D&g0.tab=0 /graph?g0.expr=x&g0.tab=1',
  },
  {
    text: '{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ stripDomain "1.2.3.4:5" }}',
    expected: 'a.example.com a:80 1.2.3.4:5',
  },
  {
    text: '{{ stripPort "[::1]:9" }} {{ stripDomain "[fe80::1%eth0]:9" }} {{ stripPort "a:b:c" }}',
    expected: '::1 [fe80::1%eth0]:9 a:b:c',
  },
  {
    text: '{{ parseDuration "1h30m" }} {{ parseDuration "-5ms" }} {{ (toDuration 90.5) }} {{ toTime 1.5 }}',
    expected: '5400 -0.005 1m30.5s 1970-01-01 00:00:01.5 +0000 UTC',
  },
  {
    text: '{{ "foo bARs" | title }} {{ toUpper "é" }} {{ reReplaceAll "a(.)" "$1" "abac" }} {{ match "^a" "abc" }}',
    expected: 'Foo BARs É bc true',
  },
  { text: '{{ urlQueryEscape "a b/c" }} {{ safeHtml "<b>" }}', expected: 'a+b%2Fc <b>' },
];

test('expandTemplate() expands labels and annotations as Prometheus does', async () => {
  for (const { text, expected } of EXPANSIONS)
    assert.equal(await expandTemplate(text, DATA, optionsOf()), expected, text);
});

const NUMBERS = [
  {
    call: 'humanize',
    numbers: ['0', '1234567', '-0.00012', '1e30', '"+Inf"', '"1.5"', '999.95'],
    expected: '0 1.235M -120u 1e+06Y +Inf 1.5 1000',
  },
  { call: 'humanize1024', numbers: ['0', '1024', '1048576', '-2048', '1023.99'], expected: '0 1ki 1Mi -2ki 1024' },
  {
    call: 'humanizeDuration',
    numbers: ['0', '1', '61', '3661', '-90061', '.1', '.00012345', '899.99', '1.2345', '"NaN"'],
    expected: '0s 1s 1m 1s 1h 1m 1s -1d 1h 1m 1s 100ms 123.4us 14m 59s 1.234s NaN',
  },
  { call: 'humanizePercentage', numbers: ['0.12345', '-1', '0'], expected: '12.35% -100% 0%' },
  {
    call: 'humanizeTimestamp',
    numbers: ['0', '-1', '1435065584.128', '"-Inf"'],
    expected: '1970-01-01 00:00:00 +0000 UTC 1969-12-31 23:59:59 +0000 UTC 2015-06-23 13:19:44.128 +0000 UTC -Inf',
  },
];

test('numbers are written for people as Prometheus does', async () => {
  for (const { call, numbers, expected } of NUMBERS) {
    const text = numbers.map((number) => `{{ ${call} ${number} }}`).join(' ');
    assert.equal(await expandTemplate(text, DATA, optionsOf()), expected, call);
  }
});

const FAILURES = [
  {
    text: '{{ .Foo }}',
    message: `error executing template __alert_High: template: __alert_High:1:115: executing "__alert_High" at <.Foo>: can't evaluate field Foo in type struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }`,
  },
  {
    text: 'a\n{{ $lab }}',
    message: 'error parsing template __alert_High: template: __alert_High:2: undefined variable "$lab"',
  },
  {
    text: '{{ tmpl "x" }}',
    message: 'error parsing template __alert_High: template: __alert_High:1: function "tmpl" not defined',
  },
  {
    text: '{{ .Value.foo }}',
    message: `error executing template __alert_High: template: __alert_High:1:121: executing "__alert_High" at <.Value.foo>: can't evaluate field foo in type interface {}`,
  },
  {
    text: '{{ query "empty" | first }}',
    message:
      'error executing template __alert_High: template: __alert_High:1:131: executing "__alert_High" at <first>: error calling first: first() called on vector with no elements',
  },
  {
    text: '{{ query "nope" }}',
    message:
      'error executing template __alert_High: template: __alert_High:1:115: executing "__alert_High" at <query "nope">: error calling query: no series nope',
  },
  {
    text: '{{ humanize "x" }}',
    message:
      'error executing template __alert_High: template: __alert_High:1:115: executing "__alert_High" at <humanize "x">: error calling humanize: strconv.ParseFloat: parsing "x": invalid syntax',
  },
  {
    text: '{{ humanize true }}',
    message: `error executing template __alert_High: template: __alert_High:1:115: executing "__alert_High" at <humanize true>: error calling humanize: can't convert bool to float`,
  },
  {
    text: '{{ if gt $value 1 }}{{ end }}',
    message:
      'error executing template __alert_High: template: __alert_High:1:118: executing "__alert_High" at <gt $value 1>: error calling gt: incompatible types for comparison: float64 and int',
  },
  {
    text: '{{ reReplaceAll "(" "" "" }}',
    message:
      'error executing template __alert_High: template: __alert_High:1:115: executing "__alert_High" at <reReplaceAll "(" "" "">: error calling reReplaceAll: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`',
  },
];

test('expandTemplate() fails with the words of Prometheus', async () => {
  for (const { text, message } of FAILURES) {
    await assert.rejects(expandTemplate(text, DATA, optionsOf()), { name: 'TemplateError', message }, text);
  }
});

test('each query is asked once, when the template comes to it', async () => {
  const asked: string[] = [];
  const text =
    '{{ if eq $labels.job "other" }}{{ query "empty" }}{{ end }}{{ range query "up" }}{{ query "up" | len }}{{ query "b" | len }}{{ end }}';
  assert.equal(await expandTemplate(text, DATA, optionsOf(asked)), '2121');
  assert.deepEqual(asked, ['up', 'b']);
});

test('a template may ask a hundred queries', async () => {
  const text = '{{ range $i := 101 }}{{ query (printf "%d" $i) }}{{ end }}';
  const query = async () => [];
  await assert.rejects(expandTemplate(text, DATA, { ...optionsOf(), query }), /more than 100 queries$/);
  assert.equal(await expandTemplate(text.replace('101', '100'), DATA, { ...optionsOf(), query }), '[]'.repeat(100));
});

test('expansionErrorText() is what the label becomes', () => {
  assert.equal(expansionErrorText(new Error('why')), '<error expanding template: why>');
});

test('checkRuleTemplate() finds what does not parse', () => {
  checkRuleTemplate('{{ $labels.a }} {{ $value | humanize }}', 'X');
  assert.throws(() => checkRuleTemplate('{{ $labels.a', 'X'), {
    name: 'TemplateError',
    message: 'template: __alert_X:1: unclosed action',
  });
  assert.throws(() => checkRuleTemplate('{{ nope }}', 'X'), {
    message: 'template: __alert_X:1: function "nope" not defined',
  });
});
