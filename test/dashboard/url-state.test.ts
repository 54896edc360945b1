import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  EMPTY_PANEL,
  type Panel,
  panelsFromSearch,
  panelsToSearch,
  queryLink,
} from '../../dashboard/query/url-state.ts';

test('panelsFromSearch() reads links of Prometheus', () => {
  const cases: readonly (readonly [search: string, expected: readonly Partial<Panel>[]])[] = [
    ['', [{}]],
    ['?other=1&g.expr=up&gx.expr=up', [{}]],
    ['?g0.expr=up', [{ expr: 'up' }]],
    ['?g0.expr=up&g0.tab=0', [{ expr: 'up', tab: 'graph' }]],
    ['?g0.expr=up&g0.tab=graph', [{ expr: 'up', tab: 'graph' }]],
    ['?g0.expr=up&g0.tab=1', [{ expr: 'up' }]],
    ['?g0.expr=up&g0.tab=table', [{ expr: 'up' }]],
    ['?g0.expr=a%20%2B%20b&g0.range_input=2h', [{ expr: 'a + b', rangeMs: 7_200_000 }]],
    ['?g0.expr=a+%2B+b&g0.range_input=soon', [{ expr: 'a + b' }]],
    ['?g0.end_input=2026-11-22%2021:00:00', [{ endMs: Date.UTC(2026, 10, 22, 21) }]],
    ['?g0.moment_input=2026-11-22%2021:00', [{ endMs: Date.UTC(2026, 10, 22, 21) }]],
    ['?g0.end_input=yesterday', [{}]],
    ['?g0.step_input=15', [{ stepMs: 15_000 }]],
    ['?g0.step_input=0', [{}]],
    ['?g0.stacked=1', [{ isStacked: true }]],
    ['?g0.display_mode=stacked', [{ isStacked: true }]],
    ['?g2.expr=c&g0.expr=a', [{ expr: 'a' }, { expr: 'c' }]],
  ];
  for (const [search, expected] of cases) {
    const panels = expected.map((fields) => ({ ...EMPTY_PANEL, ...fields }));
    assert.deepEqual(panelsFromSearch(search), panels, search);
  }
});

test('panelsFromSearch() takes a limited number of panels', () => {
  const search = Array.from({ length: 100 }, (_, i) => `g${i}.expr=up`).join('&');
  assert.equal(panelsFromSearch(search).length, 20);
});

test('panelsFromSearch() reads back what panelsToSearch() writes', () => {
  const seconds = (max: number) => fc.integer({ min: 1, max }).map((n) => n * 1000);
  const panel = fc.record(
    {
      expr: fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
      tab: fc.constantFrom('graph' as const, 'table' as const),
      rangeMs: seconds(10_000_000),
      endMs: fc.option(seconds(4_000_000_000), { nil: undefined }),
      stepMs: fc.option(seconds(100_000), { nil: undefined }),
      isStacked: fc.boolean(),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(panel, { minLength: 1, maxLength: 4 }), (panels) => {
      assert.deepEqual(panelsFromSearch(panelsToSearch(panels)), panels);
    }),
    { seed: 7 },
  );
});

test('queryLink() is a link that Prometheus reads too', () => {
  const expected = '/query?g0.expr=rate%28a%5B5m%5D%29&g0.tab=0&g0.range_input=1h';
  assert.equal(queryLink('rate(a[5m])', 'graph'), expected);
});
