import { compareStrings } from '#shared/model/labels.ts';
import type { LabelRecord, QueryData, WirePoint } from '../api-types.ts';

/** A result as CSV: a row a sample; a column a label, then the time in Unix seconds and the value. */
export function toCsv(data: QueryData): string {
  const rows = samplesOf(data);
  const names = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))].sort(compareStrings);
  const lines = rows.map(({ labels, point: [time, value] }) => {
    return [...names.map((name) => labels[name] ?? ''), String(time), value];
  });
  return [[...names, 'time', 'value'], ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

interface Sample {
  readonly labels: LabelRecord;
  readonly point: WirePoint;
}

function samplesOf(data: QueryData): readonly Sample[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value }) => ({ labels: metric, point: value }));
    case 'matrix':
      return data.result.flatMap(({ metric, values = [] }) => values.map((point) => ({ labels: metric, point })));
    case 'scalar':
    case 'string':
      return [{ labels: {}, point: data.result }];
  }
}

/** A cell that a spreadsheet would take for a formula gets an apostrophe, unless it is a number. */
function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) && !/^[+-]Inf$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
