import { parseDuration } from '#shared/model/duration.ts';
import type { NumberLiteral } from './ast.ts';
import { parseNumber } from './number.ts';
import { DURATION, NUMBER, type Token, type TokenKind } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** Whether a token of the kind is a number, a duration among them. */
export function isNumeric(kind: TokenKind): boolean {
  return kind === NUMBER || kind === DURATION;
}

/** Consumes a number or duration; the value of a duration is in seconds. The next token is one of both. */
export function parseNumeric(tokens: TokenStream): NumberLiteral {
  const token = tokens.next();
  const isDuration = token.kind === DURATION;
  const value = isDuration ? durationSeconds(tokens, token) : numberValue(tokens, token);
  return { kind: 'number', span: token.span, value, isDuration };
}

function numberValue(tokens: TokenStream, token: Token): number {
  try {
    return parseNumber(token.text);
  } catch (error) {
    return tokens.fail(token.span, `error parsing number: ${(error as Error).message}`, { cause: error });
  }
}

/** Adds seconds and their fraction as Go does: the sum can differ from `ms / 1000` in the last bit. */
function durationSeconds(tokens: TokenStream, token: Token): number {
  try {
    const ms = parseDuration(token.text);
    return Math.trunc(ms / 1000) + (ms % 1000) / 1000;
  } catch (error) {
    return tokens.fail(token.span, (error as Error).message, { cause: error });
  }
}
