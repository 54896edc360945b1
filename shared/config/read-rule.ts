import { compareStrings, goQuote, type Labels, METRIC_NAME } from '#shared/model/labels.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { PromqlSyntaxError } from '#shared/promql/syntax/syntax-error.ts';
import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import type { RuleConfig } from './rules-config.ts';
import { scalarOffset } from './scalar-position.ts';
import type { YamlEntry, YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';
import { readEntries, readText } from './yaml-values.ts';

/** What a rule needs to know of its group. */
export interface RuleContext {
  readonly groupName: string;
  readonly groupLabels: readonly LabelPair[];
  readonly checkTemplate?: (text: string) => void;
  readonly parser?: ParserOptions;
}

export type LabelPair = readonly [name: string, value: string];

/** Reads one rule; `undefined` when it cannot be used, which has then been reported.
 *  @param number Of the rule in its group, from 1, for messages.
 *  @see prometheus/model/rulefmt/rulefmt.go Rule.Validate */
export function readRule(value: YamlValue, number: number, context: RuleContext): RuleConfig | undefined {
  // A null in the list is no rule, as for upstream's YAML library.
  if (value.kind === 'null') return undefined;
  const fields = new YamlFields(value, 'rulefmt.Rule');
  const record = fields.text('record') ?? '';
  const alert = fields.text('alert') ?? '';
  const name = alert || record;
  const prefix = `group ${goQuote(context.groupName)}, rule ${number}, ${goQuote(name)}: `;
  const report = (problem: string, ...names: readonly string[]) => fields.report(prefix + problem, ...names);
  checkKind(fields, { record, alert }, report);
  const exprText = fields.text('expr') ?? '';
  const reportMissing = () => report("field 'expr' must be set in rule", 'expr');
  const expr = readExpr(fields.value('expr'), { prefix, parser: context.parser, reportMissing });
  const times = { forMs: fields.duration('for') ?? 0, keepFiringForMs: fields.duration('keep_firing_for') ?? 0 };
  const checkTemplate = alert === '' ? undefined : context.checkTemplate;
  const labels = readTemplates(fields.value('labels'), 'label', prefix, checkTemplate);
  const annotations = readTemplates(fields.value('annotations'), 'annotation', prefix, checkTemplate);
  fields.finish();
  if (expr === undefined || name === '') return undefined;
  const base = { exprText, expr, labels: orderPairs([...context.groupLabels, ...labels]) };
  if (alert === '') return { kind: 'recording', record, ...base };
  return { kind: 'alerting', alert, ...base, ...times, annotations: orderPairs(annotations) };
}

function checkKind(
  fields: YamlFields,
  { record, alert }: { readonly record: string; readonly alert: string },
  report: (problem: string, ...names: readonly string[]) => void,
): void {
  if (record !== '' && alert !== '') report("only one of 'record' and 'alert' must be set", 'record');
  if (record === '' && alert === '') report("one of 'record' or 'alert' must be set");
  if (record === '') return;
  if (/[{}]/.test(record)) {
    report(`braces present in the recording rule name; should it be in expr?: ${record}`, 'record');
  }
  const annotations = fields.value('annotations');
  if (annotations?.kind === 'map' && annotations.entries.length > 0) {
    report("invalid field 'annotations' in recording rule", 'annotations');
  }
  for (const name of ['for', 'keep_firing_for']) {
    if (fields.duration(name)) report(`invalid field '${name}' in recording rule`, name);
  }
}

function readExpr(
  value: YamlValue | undefined,
  options: { readonly prefix: string; readonly parser?: ParserOptions; readonly reportMissing: () => void },
): Expr | undefined {
  const { prefix, parser, reportMissing } = options;
  if (value === undefined || value.kind === 'null' || (value.kind === 'scalar' && value.text === '')) {
    reportMissing();
    return undefined;
  }
  if (value.kind !== 'scalar') return undefined;
  try {
    return parseExpr(value.text, parser);
  } catch (error) {
    if (!(error instanceof PromqlSyntaxError)) throw error;
    const offset = scalarOffset(value, error.span.start);
    value.document.report(offset, `${prefix}could not parse expression: ${error.message}`);
    return undefined;
  }
}

/** Reads labels or annotations, and checks names and templates. */
function readTemplates(
  value: YamlValue | undefined,
  what: 'label' | 'annotation',
  prefix: string,
  checkTemplate: ((text: string) => void) | undefined,
): readonly LabelPair[] {
  const entries = value === undefined ? [] : (readEntries(value, 'map[string]string') ?? []);
  return entries.map((entry) => {
    const text = readText(entry.value) ?? '';
    if (!isValidName(entry, what)) {
      entry.value.document.report(entry.keyOffset, `${prefix}invalid ${what} name: ${entry.key}`);
    }
    try {
      checkTemplate?.(text);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      entry.value.document.report(entry.value.offset, `${prefix}${what} ${goQuote(entry.key)}: ${problem}`);
    }
    return [entry.key, text] as const;
  });
}

function isValidName({ key }: YamlEntry, what: 'label' | 'annotation'): boolean {
  return key !== '' && (what === 'annotation' || key !== METRIC_NAME);
}

/** As `labelsFromPairs`, but empty values stay: an empty label of a rule removes one of the result. */
function orderPairs(pairs: readonly LabelPair[]): Labels {
  return [...new Map(pairs)].sort(([a], [b]) => compareStrings(a, b)).flat();
}

/** Reads a group's labels, which are not templates. */
export function readGroupLabels(value: YamlValue | undefined): readonly LabelPair[] {
  return readTemplates(value, 'label', '', undefined);
}
