import { compareMatchers, createAlertMatcher, parseMatchers } from '#shared/alerting/matchers.ts';
import { goQuote, isLegacyLabelName } from '#shared/model/labels.ts';
import type { Matcher, MatchOperator } from '#shared/model/matcher.ts';
import type { YamlEntry } from './yaml-document.ts';
import type { YamlFields } from './yaml-fields.ts';
import { readEntries, readText } from './yaml-values.ts';

/** Reads the matchers of a route or one side of an inhibition rule: the list `matchers` and the older maps `match` and
 *  `match_re`, all of which must hold. Ordered.
 *  @param prefix Of the fields' names: `source_` for `source_matchers`. */
export function readAlertMatchers(fields: YamlFields, prefix = ''): readonly Matcher[] {
  const matchers = [
    ...readMap(fields, `${prefix}match`, '='),
    ...readMap(fields, `${prefix}match_re`, '=~'),
    ...readMatcherList(fields, `${prefix}matchers`),
  ];
  return matchers.sort(compareMatchers);
}

function readMatcherList(fields: YamlFields, name: string): readonly Matcher[] {
  const lists = fields.list(name, 'string', (item) => {
    const text = readText(item);
    if (text === undefined) return undefined;
    return attempt(
      () => parseMatchers(text),
      (problem) => item.document.report(item.offset, problem),
    );
  });
  return lists?.flat() ?? [];
}

function readMap(fields: YamlFields, name: string, operator: MatchOperator): readonly Matcher[] {
  const value = fields.value(name);
  const entries = value === undefined ? [] : (readEntries(value, 'map[string]string') ?? []);
  return entries.map((entry) => readEntry(entry, operator)).filter((matcher) => matcher !== undefined);
}

function readEntry({ key, keyOffset, value }: YamlEntry, operator: MatchOperator): Matcher | undefined {
  const { document } = value;
  if (!isLegacyLabelName(key)) document.report(keyOffset, `invalid label name ${goQuote(key)}`);
  if (operator === '=~' && value.kind === 'null') {
    document.report(keyOffset, `invalid regexp value for ${goQuote(key)}`);
    return undefined;
  }
  const text = readText(value);
  if (text === undefined) return undefined;
  return attempt(
    () => createAlertMatcher(key, operator, text),
    (problem) => document.report(value.offset, problem),
  );
}

function attempt<T>(parse: () => T, report: (problem: string) => void): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    report(error.message);
    return undefined;
  }
}
