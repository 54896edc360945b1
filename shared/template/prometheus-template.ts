import type { TemplateLimits } from './limits.ts';
import { type QuerySample, queryResult, type RuleTemplateData, ruleData } from './prometheus-data.ts';
import { prometheusFunctions } from './prometheus-functions.ts';
import { createTemplateSet } from './template.ts';
import { FunctionError, TemplateError } from './template-error.ts';
import type { Value } from './value.ts';

export interface ExpandOptions {
  /** Unix milliseconds of the evaluation; queries see this time, and so does the function `now`. */
  readonly timeMs: number;
  /** Answers the function `query`. */
  query(expr: string, timeMs: number): Promise<readonly QuerySample[]>;
  /** The path of the external URL, which the function `pathPrefix` gives; a slash at its end is dropped. */
  readonly pathPrefix: string;
  readonly limits?: Partial<TemplateLimits>;
}

/** Shortcuts for users who do not know Go's templates; they also shift the columns in error messages. */
const DEFINITIONS =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}';

/** Different queries of one template. Each costs another run of it, because templates run synchronously and start again
 *  with the answer. */
const MAX_QUERIES = 100;

/** Ends a run whose next query has no answer yet. */
class QueryNeeded extends Error {
  readonly expr: string;

  constructor(expr: string) {
    super(`query "${expr}" has no answer yet`);
    this.expr = expr;
  }
}

type Answer = { readonly samples: readonly QuerySample[] } | { readonly error: Error };

/** Expands a label or annotation of an alerting rule.
 *  @throws {TemplateError} With Prometheus's words; expansionErrorText() makes of it what the label's value becomes.
 *  @see prometheus/rules/alerting.go Eval, prometheus/template/template.go Expand */
export async function expandTemplate(text: string, data: RuleTemplateData, options: ExpandOptions): Promise<string> {
  const answers = new Map<string, Answer>();
  for (;;) {
    try {
      return expandWith(text, data, options, answers);
    } catch (error) {
      if (!(error instanceof QueryNeeded)) throw error;
      if (answers.size >= MAX_QUERIES) {
        throw new TemplateError(
          `error executing template ${templateName(data.alertName)}: more than ${MAX_QUERIES} queries`,
          { cause: error },
        );
      }
      answers.set(error.expr, await ask(error.expr, options));
    }
  }
}

/** What a label or annotation becomes whose template failed. */
export function expansionErrorText(error: Error): string {
  return `<error expanding template: ${error.message}>`;
}

/** Checks that a rule's template parses.
 *  @throws {TemplateError} With Go's words.
 *  @see prometheus/model/rulefmt/rulefmt.go testTemplateParsing */
export function checkRuleTemplate(text: string, alertName = ''): void {
  const functions = prometheusFunctions({ query: () => undefined, timeMs: 0, externalUrl: '', pathPrefix: '' });
  createTemplateSet({ functions }).parse(templateName(alertName), DEFINITIONS + text);
}

function expandWith(
  text: string,
  data: RuleTemplateData,
  options: ExpandOptions,
  answers: ReadonlyMap<string, Answer>,
): string {
  const functions = prometheusFunctions({
    query: (expr) => answerOf(expr, answers),
    timeMs: options.timeMs,
    externalUrl: data.externalUrl,
    pathPrefix: options.pathPrefix.replace(/\/+$/, ''),
  });
  const name = templateName(data.alertName);
  const set = createTemplateSet({ functions, limits: options.limits });
  try {
    return set.executeText(DEFINITIONS + text, ruleData(data), { name });
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause;
    const step = cause.message.includes(': executing ') ? 'executing' : 'parsing';
    throw new TemplateError(`error ${step} template ${name}: ${cause.message}`, { cause });
  }
}

function answerOf(expr: string, answers: ReadonlyMap<string, Answer>): Value {
  const answer = answers.get(expr);
  if (answer === undefined) throw new QueryNeeded(expr);
  if ('error' in answer) throw new FunctionError(answer.error.message, { cause: answer.error });
  return queryResult(answer.samples);
}

async function ask(expr: string, { query, timeMs }: ExpandOptions): Promise<Answer> {
  try {
    return { samples: await query(expr, timeMs) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function templateName(alertName: string): string {
  return `__alert_${alertName}`;
}
