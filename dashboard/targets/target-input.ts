import type { FieldProblem, TargetInput } from '../api-types.ts';
import { parseLabelText } from '../label-text.ts';

/** A registration as it is typed. */
export interface TargetText {
  readonly address: string;
  readonly job: string;
  readonly scheme: string;
  readonly metricsPath: string;
  readonly labels: string;
  readonly scrapeInterval: string;
  readonly ttl: string;
}

export const EMPTY_TARGET: TargetText = {
  address: '',
  job: '',
  scheme: 'http',
  metricsPath: '',
  labels: '',
  scrapeInterval: '',
  ttl: '',
};

/** Makes a registration of what was typed; what is empty is left to the server's defaults. All else the server checks.
 *  @throws {SyntaxError} When the labels cannot be read. */
export function toTargetInput(text: TargetText): TargetInput {
  const filled = Object.entries(text)
    .map(([field, value]) => [field, value.trim()] as const)
    .filter(([field, value]) => value !== '' && field !== 'labels');
  const labels = parseLabelText(text.labels);
  return {
    address: text.address.trim(),
    ...Object.fromEntries(filled),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

/** What the server said of one field of the form: of `labels` also what it said of a single label. */
export function problemOf(field: keyof TargetText, problems: readonly FieldProblem[]): string | undefined {
  const own = problems.flatMap(({ field: name, problem }) => {
    if (name === field) return [problem];
    return name.startsWith(`${field}.`) ? [`${name.slice(field.length + 1)}: ${problem}`] : [];
  });
  return own.length === 0 ? undefined : own.join('; ');
}
