import type { RelabelConfig } from '#shared/relabel/relabel-config.ts';
import { createRelabelConfig } from '#shared/relabel/validate.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';
import { readText } from './yaml-values.ts';

/** Reads a list of relabelling rules.
 *  @param emptyRule What to report for a rule that is null.
 *  @see prometheus/model/relabel/relabel.go Config */
export function readRelabelConfigs(fields: YamlFields, name: string, emptyRule: string): readonly RelabelConfig[] {
  const read = (item: YamlValue) => {
    if (item.kind !== 'null') return readRelabelConfig(item);
    item.document.report(item.offset, emptyRule);
    return undefined;
  };
  return fields.list(name, '*relabel.Config', read) ?? [];
}

function readRelabelConfig(value: YamlValue): RelabelConfig | undefined {
  const fields = new YamlFields(value, 'relabel.plain');
  const input = {
    source_labels: orNull(
      fields,
      'source_labels',
      fields.list('source_labels', 'model.LabelName', (item) => readText(item)),
    ),
    separator: orNull(fields, 'separator', fields.text('separator')),
    regex: orNull(fields, 'regex', fields.text('regex')),
    modulus: fields.uint('modulus', 'uint64'),
    target_label: fields.text('target_label'),
    replacement: orNull(fields, 'replacement', fields.text('replacement')),
    action: orNull(fields, 'action', fields.text('action')),
  };
  fields.finish();
  try {
    return createRelabelConfig(input);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    fields.report(error.message, ...blamedFields(error.message));
    return undefined;
  }
}

/** A field that is there without a value is null, which is not the same as absent. */
function orNull<T>(fields: YamlFields, name: string, value: T | undefined): T | null | undefined {
  return fields.has(name) && !fields.isSet(name) ? null : value;
}

/** The field that a message is about, by its words. */
function blamedFields(problem: string): readonly string[] {
  if (problem.startsWith('error parsing regexp')) return ['regex'];
  if (problem.includes('relabel action')) return ['action'];
  if (problem.includes('is not a valid label name')) return ['source_labels'];
  return ['target_label', 'replacement', 'modulus'].filter(
    (name) => problem.includes(name) && !problem.includes('only'),
  );
}
