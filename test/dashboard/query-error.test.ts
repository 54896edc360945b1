import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { errorPlace, markError } from '../../dashboard/query/query-error.ts';

/** What the server answers to a query that does not parse. */
function messageOf(query: string): string {
  try {
    parseExpr(query);
  } catch (error) {
    return `invalid parameter "query": ${(error as Error).message}`;
  }
  return assert.fail(`"${query}" parses`);
}

test('an error is marked where the parser found it', () => {
  const cases: readonly (readonly [query: string, expected: readonly [string, string, string]])[] = [
    ['sum(up', ['sum(up', '', '']],
    ['up by', ['up ', 'by', '']],
    ['up +\n  == 1', ['up +\n  ', '=', '= 1']],
    ['up{a="é"} )', ['up{a="é"} )', '', '']],
    ['up{a="😀"} foo', ['up{a="😀"} ', 'foo', '']],
    ['rate(up)', ['rate(', 'up', ')']],
  ];
  for (const [query, expected] of cases) {
    const place = errorPlace(query, messageOf(query))!;
    assert.deepEqual(markError(query, place), expected, query);
    assert.doesNotMatch(place.problem, /^parse error|^[0-9]+:/);
  }
});

test('an error without a position, or with one that the query does not have, has no place', () => {
  const messages = [
    'query timed out',
    'unknown position: parse error: no expression found in input',
    '9:1: x',
    'a 1:2',
  ];
  for (const message of messages) assert.equal(errorPlace('up', message), undefined, message);
});
