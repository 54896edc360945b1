import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { PromqlSyntaxError } from '#shared/promql/syntax/syntax-error.ts';

const PACKAGE = '@prometheus-io/lezer-promql';

interface Grammar {
  readonly parser: {
    parse(text: string): { cursor(): { readonly type: { readonly isError: boolean }; next(): boolean } };
  };
}

const grammar: Grammar | undefined = await import(PACKAGE).catch(() => undefined);

/** Tokens stand apart: inside of them the editor's grammar takes more than the server does. */
const QUERIES = [
  'sum by ( job , "x.y" ) ( rate ( foo { a = "b" , c =~ "d|e" } [ 5m ] offset 1h @ start ( ) ) )',
  'topk without ( a ) ( 3 , foo ) > bool on ( a ) group_left ( b ) bar',
  'foo + ignoring ( a ) group_right ( ) fill_left ( 0 ) fill_right ( - 1 ) bar ^ 2 ^ - 3',
  'max_over_time ( ( - foo / 2 ) [ 1h : 5m ] offset - 5m ) unless up or on ( ) vector ( 1 )',
  'foo [ step ( ) * 2 + min_of ( 5m , range ( ) ) ] anchored',
  'histogram_quantile ( 0.9 , foo smoothed ) </ 5 >/ 3 atan2 1e3',
  'label_replace ( { "foo.bar" , a != "b" } , "x" , "$1" , "y" , "(.*)" ) == 0x1F',
  'count_values ( "v" , a:b ) by ( bool ) and ( time ( ) - 10 % 7.5 )',
].map((query) => query.split(' '));

const VOCABULARY = [...new Set(QUERIES.flat()), ...['limitk', 'fill', "'s'", '!~', '}', '1_0', 'end', 'sum']];

/** What type check and limits refuse, not the grammar. Upstream's list of labels leaves `without` out, and its list of
 *  metric names those words that come behind an operator; the editor's grammar takes them. */
const NOT_OF_GRAMMAR = new RegExp(
  [
    ...['^expected ', '^wrong number', '^no arguments', '^unknown function', '^duration must', 'allowed', '^label "'],
    ...[
      'only ',
      'not (?:be|implemented|supported)',
      'must ',
      'out of (?:bounds|range)',
      'by zero$',
      'without> in grouping',
    ],
    '^unexpected <(?:op:atan2|bool|on|ignoring|group_left|group_right)>',
    ...['^error parsing regexp', '^invalid label name', 'cannot be used together'],
  ].join('|'),
);

const query = fc
  .tuple(
    fc.constantFrom(...QUERIES),
    fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 2 }), fc.constantFrom(...VOCABULARY)), { maxLength: 3 }),
  )
  .map(([tokens, edits]) => {
    const edited = [...tokens];
    for (const [at, removed, added] of edits) edited.splice(at % (edited.length + 1), removed, added);
    return edited.join(' ');
  });

test('the parser takes what the official grammar takes', { skip: grammar ? false : `${PACKAGE} is not here` }, () => {
  let taken = 0;
  const property = fc.property(query, (input) => {
    if (!isTaken(input)) return;
    taken++;
    try {
      parseExpr(input, { experimentalFunctions: true, binopFillModifiers: true });
    } catch (error) {
      assert.ok(error instanceof PromqlSyntaxError);
      assert.match(error.problem, NOT_OF_GRAMMAR, input);
    }
  });
  fc.assert(property, { seed: 20260101, numRuns: 3000 });
  assert.ok(taken > 500, `only ${taken} queries were taken`);
});

function isTaken(input: string): boolean {
  const cursor = grammar!.parser.parse(input).cursor();
  do {
    if (cursor.type.isError) return false;
  } while (cursor.next());
  return true;
}
