import { type Labels, labelPairs } from '#shared/model/labels.ts';
import { type GoList, type GoMap, type GoStruct, type GoType, list, STRING_MAP, type Value } from './value.ts';

/** A native histogram as templates show it: its text in PromQL's notation. */
export interface HistogramText {
  readonly histogram: string;
}

/** A series and its value, from the function `query`. */
export interface QuerySample {
  readonly labels: Labels;
  readonly value: number | HistogramText;
}

/** What a rule's templates are about. */
export interface RuleTemplateData {
  readonly labels: Labels;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly value: number | HistogramText;
  readonly alertName: string;
}

const HISTOGRAM: GoType = {
  name: '*histogram.FloatHistogram',
  kind: 'pointer',
  methods: new Map([['String', { params: [], call: (histogram) => (histogram as GoStruct).fields[0] }]]),
};

/** One result of the function `query`. */
export const SAMPLE: GoType = {
  name: '*template.sample',
  kind: 'pointer',
  fields: [{ name: 'Labels' }, { name: 'Value', isInterface: true }],
};

export const QUERY_RESULT: GoType = { name: 'template.queryResult', kind: 'list', underlying: '[]*template.sample' };

const RULE_DATA: GoType = {
  name: 'struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }',
  kind: 'struct',
  fields: [
    { name: 'Labels' },
    { name: 'ExternalLabels' },
    { name: 'ExternalURL' },
    { name: 'Value', isInterface: true },
  ],
};

/** The value `.` of a rule's templates.
 *  @see prometheus/template/template.go AlertTemplateData */
export function ruleData(data: RuleTemplateData): GoStruct {
  const fields = [labelValue(data.labels), labelValue(data.externalLabels), data.externalUrl, sampleValue(data.value)];
  return { kind: 'struct', type: RULE_DATA, fields };
}

export function queryResult(samples: readonly QuerySample[]): GoList {
  const items = samples.map(
    ({ labels, value }) =>
      ({ kind: 'struct', type: SAMPLE, fields: [labelValue(labels), sampleValue(value)] }) as const,
  );
  return list(QUERY_RESULT, items);
}

function sampleValue(value: number | HistogramText): Value {
  return typeof value === 'number' ? value : { kind: 'struct', type: HISTOGRAM, fields: [value.histogram] };
}

function labelValue(labels: Labels): GoMap {
  return { kind: 'map', type: STRING_MAP, entries: new Map(labelPairs(labels)) };
}
