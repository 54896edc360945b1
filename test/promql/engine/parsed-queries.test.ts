import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParsedQueries } from '#shared/promql/engine/parsed-queries.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';

function open() {
  const parsed: string[] = [];
  const queries = new ParsedQueries((query) => {
    parsed.push(query);
    return parseExpr(query);
  });
  return { queries, parsed };
}

test('a query is parsed once', () => {
  const { queries, parsed } = open();
  assert.equal(queries.of('a'), queries.of('a'));
  assert.notEqual(queries.of('a'), queries.of('b'));
  assert.deepEqual(parsed, ['a', 'b']);
});

test('what was not asked for longest is dropped, and long queries are not kept', () => {
  const { queries, parsed } = open();
  const long = `a + ${' '.repeat(10_000)}1`;
  for (const query of ['a', 'b', long, long]) queries.of(query);
  assert.deepEqual(parsed, ['a', 'b', long, long]);
  for (let i = 0; i < 60; i++) {
    queries.of(`${i}${' '.repeat(5000)}`);
    queries.of('a');
  }
  assert.equal(parsed.filter((query) => query === 'a').length, 1);
  queries.of('b');
  assert.equal(parsed.filter((query) => query === 'b').length, 2);
});

test('a query that cannot be parsed fails each time', () => {
  const { queries } = open();
  assert.throws(() => queries.of('sum('));
  assert.throws(() => queries.of('sum('));
});
