import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Features, NO_FEATURES, parseFeatures } from '#shared/config/features.ts';

test('parseFeatures() turns on what is named, in one list or several', () => {
  const syntax = (changed: Partial<Features['parser']>) => ({ parser: { ...NO_FEATURES.parser, ...changed } });
  const cases: readonly { input: readonly string[]; expected: Partial<Features> }[] = [
    { input: [], expected: {} },
    { input: [''], expected: {} },
    { input: ['promql-experimental-functions'], expected: syntax({ experimentalFunctions: true }) },
    { input: ['promql-binop-fill-modifiers'], expected: syntax({ binopFillModifiers: true }) },
    { input: ['promql-unquoted-utf8-names'], expected: syntax({ unquotedUtf8Names: true }) },
    { input: ['promql-delayed-name-removal'], expected: { delayedNameRemoval: true } },
    { input: ['promql-per-step-stats'], expected: { perStepStats: true } },
    {
      input: ['use-start-timestamps,promql-binop-fill-modifiers', 'promql-experimental-functions'],
      expected: { ...syntax({ experimentalFunctions: true, binopFillModifiers: true }), useStartTimestamps: true },
    },
    { input: ['type-and-unit-labels'], expected: { typeAndUnitLabels: true } },
    { input: ['promql-duration-expr,native-histograms,nothing-such,zstd-scrape'], expected: {} },
  ];
  for (const { input, expected } of cases) {
    assert.deepEqual(parseFeatures(input).features, { ...NO_FEATURES, ...expected }, String(input));
  }
});

test('parseFeatures() remarks every name, and warns of those without effect', () => {
  const permanent = 'This option for --enable-feature is now permanently enabled and therefore a no-op.';
  const cases: readonly { input: string; expected: readonly [severity: string, text: string] }[] = [
    { input: 'promql-experimental-functions', expected: ['info', 'Experimental PromQL functions enabled.'] },
    { input: 'promql-duration-expr', expected: ['warn', permanent] },
    { input: 'promql-extended-range-selectors', expected: ['warn', permanent] },
    { input: 'promql-typo', expected: ['warn', 'Unknown option for --enable-feature'] },
    { input: 'constructor', expected: ['warn', 'Unknown option for --enable-feature'] },
    {
      input: 'search-api',
      expected: ['warn', 'This option for --enable-feature is not supported here and has no effect.'],
    },
  ];
  for (const { input, expected } of cases) {
    const [severity, text] = expected;
    assert.deepEqual(parseFeatures([input]).notices, [{ severity, text, option: input }]);
  }
});
