import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exprToJson } from '#shared/promql/syntax/ast-json.ts';
import { parseExpr, parseMetric, parseMetricSelector } from '#shared/promql/syntax/parser.ts';
import { prettifyExpr } from '#shared/promql/syntax/prettifier.ts';
import { printExpr } from '#shared/promql/syntax/printer.ts';
import { PromqlSyntaxError } from '#shared/promql/syntax/syntax-error.ts';
import { walk } from '#shared/promql/syntax/visit.ts';

const OPTIONS = { experimentalFunctions: true, binopFillModifiers: true };
const RUN = { seed: 20260101, numRuns: 3000 };

const WORDS = (
  'foo a:b { } ( ) [ ] , : + - * / % ^ == != < > <= >= </ >/ = =~ !~ ! @ and or unless atan2 sum topk count_values ' +
  'by without on ignoring group_left group_right bool offset anchored smoothed start end step range max_of min_of ' +
  'fill fill_left rate abs info label_replace 5m 1 0 .5 0x1f 1e 08 inf NaN "x" \'y\' `z` "\\xff" "\\q" #c [5m] [1h:] {a="b"} ' +
  '__proto__ constructor toString é 😀 \\ $ ;'
).split(' ');

/** Texts that resemble queries: words of the language, often in no order, sometimes without space between. */
const soup = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(' ', ' ', '', '\n')), { maxLength: 12 })
  .map((words) => words.flat().join(''));

const text = fc.oneof({ weight: 4, arbitrary: soup }, fc.string({ unit: 'binary', maxLength: 40 }));

const selector = fc.constantFrom('foo', 'foo{a="b"}', '{"a b"=~"x|y"}', 'sum{c="\\n"}', 'foo offset -5m', 'foo @ 1.5');
const range = fc.constantFrom('foo[5m]', 'foo[5m] offset 1h', 'foo[2 * step() + 1]', 'foo[1h:5m] @ end()');

/** Queries that are right: their vectors are combined in every way. */
const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    selector,
    range.map((inner) => `rate(${inner})`),
    tie('query').map((inner) => `(${inner})`),
    tie('query').map((inner) => `-${inner}`),
    fc
      .tuple(fc.constantFrom('sum', 'avg by (a, "b c")', 'max without (a)'), tie('query'))
      .map(([op, q]) => `${op}(${q})`),
    tie('query').map((inner) => `topk(3, ${inner}) by (a)`),
    tie('query').map((inner) => `label_replace(${inner}, "a", "$1", "b", "(.*)")`),
    fc
      .tuple(
        tie('query'),
        fc.constantFrom(
          '+',
          '^',
          'atan2',
          '> bool',
          '== on (a) group_left (b)',
          '* ignoring ()',
          'or',
          'unless on (a)',
        ),
        tie('query'),
      )
      .map(([lhs, op, rhs]) => `${lhs} ${op} ${rhs}`),
    tie('query').map((inner) => `${inner} * fill_left(0) fill_right(-1.5) ${inner}`),
    tie('query').map((inner) => `max_over_time((${inner})[1h:5m])`),
  ),
}));

test('parsing throws nothing but PromqlSyntaxError', () => {
  const property = fc.property(text, (input) => {
    for (const parse of [parseExpr, parseMetric, parseMetricSelector]) {
      try {
        parse(input, OPTIONS);
      } catch (error) {
        if (!(error instanceof PromqlSyntaxError)) throw error;
        assert.match(error.message, /^(\d+:\d+|unknown position): parse error: /);
      }
    }
  });
  fc.assert(property, RUN);
});

test('what printExpr() and prettifyExpr() write parses to the same expression', () => {
  const property = fc.property(query, (input) => {
    const expr = parseExpr(input, OPTIONS);
    for (const written of [printExpr(expr), prettifyExpr(expr)]) {
      const again = parseExpr(written, OPTIONS);
      assert.deepEqual(exprToJson(again), exprToJson(expr));
    }
  });
  fc.assert(property, { ...RUN, numRuns: 1000 });
});

test('every node lies inside its parent and the query', () => {
  const property = fc.property(query, (input) => {
    const expr = parseExpr(input, OPTIONS);
    assert.deepEqual(expr.span, { start: 0, end: input.length });
    walk(expr, ({ span }, path) => {
      const around = path.at(-1)?.span ?? expr.span;
      assert.ok(span.start >= around.start && span.end <= around.end && span.start < span.end, input);
      return true;
    });
  });
  fc.assert(property, { ...RUN, numRuns: 300 });
});
