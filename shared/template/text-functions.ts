import { goLowerCase, goUpperCase } from '#shared/model/letter-case.ts';
import { compileUnanchoredRegex, type UnanchoredRegex } from '#shared/model/regex.ts';
import { canBackquote, quote } from './go-string.ts';
import { FunctionError } from './template-error.ts';
import { HTML, STRING, type TemplateFunction, type Value } from './value.ts';

/** The product of pattern or replacement and text up to which a regular expression is run, so that no call takes long or fills the memory. */
const MAX_REGEX_WORK = 64_000_000;

/** The functions on text that Prometheus and Alertmanager both have. */
export function textFunctions(): readonly (readonly [string, TemplateFunction])[] {
  return [
    ['toUpper', { params: [STRING], call: (text) => goUpperCase(text as string) }],
    ['toLower', { params: [STRING], call: (text) => goLowerCase(text as string) }],
    ['safeHtml', { params: [STRING], call: (text) => ({ kind: 'string', type: HTML, value: text as string }) }],
    [
      'match',
      {
        params: [STRING, STRING],
        cost: regexCost,
        call: (pattern, text) => matches(pattern as string, text as string),
      },
    ],
    [
      'reReplaceAll',
      {
        params: [STRING, STRING, STRING],
        cost: (pattern, _, text) => regexCost(pattern, text),
        call: (pattern, to, text) => replaceAll(pattern as string, to as string, text as string),
      },
    ],
  ];
}

/** Time grows with the pattern and with the text. */
function regexCost(pattern: Value, text: Value): number {
  return Math.ceil(((pattern as string).length * (text as string).length) / 64);
}

function matches(pattern: string, text: string): boolean {
  checkWork(pattern, text);
  return compile(pattern, (problem) => problem).matches(text);
}

/** Go compiles this pattern with MustCompile, whose panic names the pattern. */
function replaceAll(pattern: string, replacement: string, text: string): string {
  checkWork(pattern, text);
  checkWork(replacement, text);
  const shown = canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern);
  return compile(pattern, (problem) => `regexp: Compile(${shown}): ${problem}`).replaceAll(text, replacement);
}

function compile(pattern: string, describe: (problem: string) => string): UnanchoredRegex {
  try {
    return compileUnanchoredRegex(pattern);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new FunctionError(describe(cause.message), { cause });
    throw cause;
  }
}

function checkWork(a: string, b: string): void {
  const work = (a.length + 1) * (b.length + 1);
  if (work > MAX_REGEX_WORK)
    throw new FunctionError(`regular expression of ${a.length} characters on a text of ${b.length} is too much work`);
}
