import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { prettifyExpr } from '#shared/promql/syntax/prettifier.ts';
import { printExpr } from '#shared/promql/syntax/printer.ts';

const OPTIONS = { experimentalFunctions: true, binopFillModifiers: true };

test('printExpr() writes the canonical form, which reads back as itself', () => {
  const cases = [
    { input: 'SUM(a)BY(b,"c d")', expected: 'sum by (b, "c d") (a)' },
    { input: 'sum without()(a)', expected: 'sum without () (a)' },
    { input: 'sum by () (a)', expected: 'sum(a)' },
    { input: 'topk( 5,a )', expected: 'topk(5, a)' },
    { input: `a{z="1",b=~'x"y',"é"!="ü"}`, expected: 'a{"é"!="ü",b=~"x\\"y",z="1"}' },
    { input: '{"n.m", a="b"}', expected: '{__name__="n.m",a="b"}' },
    { input: '{__name__="up"}', expected: '{__name__="up"}' },
    { input: 'a[90s]  offset  1w', expected: 'a[1m30s] offset 1w' },
    { input: 'a[5m] @ 1.5 offset -30m', expected: 'a[5m] @ 1.500 offset -30m' },
    { input: 'a @ end() offset 1y1d', expected: 'a @ end() offset 366d' },
    { input: 'a anchored', expected: 'a anchored' },
    { input: 'rate(a[5m] smoothed @ 1)', expected: 'rate(a[5m] smoothed @ 1.000)' },
    { input: 'a[1h:]', expected: 'a[1h:]' },
    { input: 'a[1h:30s] @ start() offset 5m', expected: 'a[1h:30s] @ start() offset 5m' },
    { input: 'a[(5m)]', expected: 'a[(5m)]' },
    { input: 'a[ -(2*step())+min_of(1m,range()) ]', expected: 'a[-(2 * step()) + min_of(1m, range())]' },
    { input: 'a offset +step()', expected: 'a offset step()' },
    { input: 'a offset ((5m))', expected: 'a offset (5m)' },
    { input: 'a*on()b', expected: 'a * on () b' },
    { input: 'a * on ( x ) group_left b', expected: 'a * on (x) group_left () b' },
    { input: 'a / ignoring(x,y) group_right(z) b', expected: 'a / ignoring (x, y) group_right (z) b' },
    { input: 'a > bool 1', expected: 'a > bool 1' },
    { input: 'a and on (x) b', expected: 'a and on (x) b' },
    { input: 'a + fill(1) b', expected: 'a + fill (1) b' },
    { input: 'a + fill_left(-1e-7) fill_right(NaN) b', expected: 'a + fill_left (-1e-07) fill_right (NaN) b' },
    { input: '-a', expected: '-a' },
    { input: '+a', expected: '+a' },
    { input: '- 1', expected: '-1' },
    { input: '--a', expected: '--a' },
    { input: '1e21', expected: '1000000000000000000000' },
    { input: '0x10', expected: '16' },
    { input: '1h30m', expected: '1h30m' },
    { input: '-5m', expected: '-5m' },
    { input: '0.0015', expected: '0.0015' },
    { input: '"a\\tb\\x00\\xff☺"', expected: '"a\\tb\\x00\\xff☺"' },
    { input: '`\\n`', expected: '"\\\\n"' },
    { input: '(((a)))', expected: '(((a)))' },
    { input: 'label_replace(a,"x","$1","y","(.*)")', expected: 'label_replace(a, "x", "$1", "y", "(.*)")' },
    { input: 'time( )', expected: 'time()' },
    { input: 'a == bool b', expected: 'a == bool b' },
    { input: 'a <= b >/ c </ d', expected: 'a <= b >/ c </ d' },
  ];
  for (const { input, expected } of cases) {
    assert.equal(printExpr(parseExpr(input, OPTIONS)), expected, input);
    assert.equal(printExpr(parseExpr(expected, OPTIONS)), expected, expected);
  }
});

test('printExpr() quotes names that the syntax in use does not take bare', () => {
  const unquotedUtf8Names = true;
  const expr = parseExpr('sum by (größe.mm, "a b", "1x") (höhe{größe.mm="1"})', { unquotedUtf8Names });
  assert.equal(printExpr(expr), 'sum by ("größe.mm", "a b", "1x") (höhe{"größe.mm"="1"})');
  const bare = 'sum by (größe.mm, "a b", "1x") (höhe{größe.mm="1"})';
  assert.equal(printExpr(expr, { unquotedUtf8Names }), bare);
});

test('prettifyExpr() breaks what is longer than a line', () => {
  const cases = [
    {
      input:
        'sum by (job, instance) (rate(http_requests_total{code=~"5..", job="frontend", instance=~".+"}[5m])) / sum by (job, instance) (rate(http_requests_total{job="frontend"}[5m]))',
      expected: [
        '  sum by (job, instance) (rate(http_requests_total{code=~"5..",instance=~".+",job="frontend"}[5m]))',
        '/',
        '  sum by (job, instance) (rate(http_requests_total{job="frontend"}[5m]))',
      ],
    },
    {
      input:
        'histogram_quantile(0.99, sum by (le) (rate(request_duration_seconds_bucket{service="checkout", env="production"}[10m])))',
      expected: [
        'histogram_quantile(',
        '  0.99,',
        '  sum by (le) (rate(request_duration_seconds_bucket{env="production",service="checkout"}[10m]))',
        ')',
      ],
    },
    {
      input:
        'topk(5, -(sum without (instance) (rate(container_network_receive_bytes_total{namespace="production", pod=~"web-.*"}[5m]))))',
      expected: [
        'topk(',
        '  5,',
        '  -(',
        '    sum without (instance) (',
        '      rate(container_network_receive_bytes_total{namespace="production",pod=~"web-.*"}[5m])',
        '    )',
        '  )',
        ')',
      ],
    },
    {
      input:
        'max_over_time((rate(some_metric_with_a_long_name{label="value"}[5m]) + rate(another_metric_with_a_long_name{label="value"}[5m]))[1h:1m] offset 1d)',
      expected: [
        'max_over_time(',
        '  (',
        '      rate(some_metric_with_a_long_name{label="value"}[5m])',
        '    +',
        '      rate(another_metric_with_a_long_name{label="value"}[5m])',
        '  )[1h:1m] offset 1d',
        ')',
      ],
    },
  ];
  for (const { input, expected } of cases) assert.equal(prettifyExpr(parseExpr(input)), expected.join('\n'));
});
