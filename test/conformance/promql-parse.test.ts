import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { exprToJson } from '#shared/promql/syntax/ast-json.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { prettifyExpr } from '#shared/promql/syntax/prettifier.ts';
import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

const GOLDEN = 'conformance/promql-parse/golden.jsonl';

/** What the real parser makes of a query, without and with its optional features. */
interface Golden {
  readonly query: string;
  readonly ok_default: boolean;
  readonly ok_features: boolean;
  readonly error_default?: string;
  readonly error_features?: string;
  readonly ast?: unknown;
  readonly format?: string;
}

/** What stands for an answer of the real server that is no JSON: it cannot write an infinite number to fill with. */
const NOT_JSON = '<non-JSON response>';

const MODES: readonly { name: 'default' | 'features'; options: ParserOptions }[] = [
  { name: 'default', options: {} },
  { name: 'features', options: { experimentalFunctions: true, binopFillModifiers: true } },
];

for (const { name, options } of MODES) {
  test(`the parser agrees with Prometheus: ${name}`, { skip: skipWithout(GOLDEN) }, () => {
    let compared = 0;
    for (const golden of readGolden()) {
      compared++;
      if (golden[`ok_${name}`]) assertAccepted(golden, options);
      else assertRefused(golden.query, golden[`error_${name}`]!, options);
    }
    assert.ok(compared > 4500);
  });
}

function readGolden(): readonly Golden[] {
  const lines = readFileSync(sharedData(GOLDEN)!, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

function assertAccepted({ query, ast, format }: Golden, options: ParserOptions): void {
  const expr = parseExpr(query, options);
  assert.deepEqual(JSON.parse(JSON.stringify(exprToJson(expr))), ast, query);
  assert.equal(prettifyExpr(expr), format, query);
}

function assertRefused(query: string, error: string, options: ParserOptions): void {
  if (error === NOT_JSON) {
    assert.throws(() => exprToJson(parseExpr(query, options)), { message: 'unsupported value: -Inf' });
    return;
  }
  const message = error.replace('invalid parameter "query": ', '');
  assert.throws(() => parseExpr(query, options), { name: 'PromqlSyntaxError', message }, query);
}
