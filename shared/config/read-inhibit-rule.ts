import type { InhibitRuleConfig } from '#shared/alerting/config.ts';
import { goQuote } from '#shared/model/labels.ts';
import { readAlertMatchers } from './read-alert-matchers.ts';
import { isLabelName } from './read-labels.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';
import { readText } from './yaml-values.ts';

/** @see alertmanager/config/common/inhibitrule.go InhibitRule */
export function readInhibitRule(value: YamlValue): InhibitRuleConfig {
  const fields = new YamlFields(value, 'common.plain');
  const rule = {
    name: fields.text('name') ?? '',
    sourceMatchers: readAlertMatchers(fields, 'source_'),
    targetMatchers: readAlertMatchers(fields, 'target_'),
    equal: fields.list('equal', 'string', readEqualLabel) ?? [],
  };
  fields.finish();
  return rule;
}

function readEqualLabel(item: YamlValue): string | undefined {
  const name = readText(item);
  if (name !== undefined && !isLabelName(name)) {
    item.document.report(item.offset, `invalid label name ${goQuote(name)} in equal list`);
  }
  return name;
}
