import { useState } from 'preact/hooks';
import { METRIC_NAME } from '#shared/model/labels.ts';
import type { LabelRecord, QueryData } from '../api-types.ts';
import { Labels, Table, Time } from '../components/parts.tsx';
import { Empty } from '../components/states.tsx';
import { seriesText } from '../label-text.ts';

/** Rows at first, and how many more with each click: all of a large result would make the page slow. */
const ROWS = 500;
/** Of a series of a range vector; the newest. */
const MAX_POINTS = 200;

/** The result of a query at one time. */
export function ResultTable({ data }: { readonly data: QueryData }) {
  const [rows, setRows] = useState(ROWS);
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    return (
      <Table caption="Result" columns={['Time', 'Value']} numbers={['Value']}>
        <tr>
          <td>
            <Time timeMs={data.result[0] * 1000} />
          </td>
          <td class="number">{data.result[1]}</td>
        </tr>
      </Table>
    );
  }
  if (data.result.length === 0) return <NoSeries />;
  return (
    <>
      <Table caption="Result" columns={['Series', 'Value']} numbers={['Value']}>
        {data.resultType === 'vector'
          ? data.result.slice(0, rows).map(({ metric, value }) => (
              <tr key={seriesText(metric)}>
                <td class="wrap">
                  <Series labels={metric} />
                </td>
                <td class="number">{value[1]}</td>
              </tr>
            ))
          : data.result.slice(0, rows).map(({ metric, values = [] }) => (
              <tr key={seriesText(metric)}>
                <td class="wrap">
                  <Series labels={metric} />
                </td>
                <td class="number">
                  {values.length > MAX_POINTS && (
                    <div class="quiet">
                      The newest {MAX_POINTS} of {values.length}:
                    </div>
                  )}
                  {values.slice(-MAX_POINTS).map(([time, value]) => (
                    <div key={time}>
                      {value} <span class="quiet">@{time}</span>
                    </div>
                  ))}
                </td>
              </tr>
            ))}
      </Table>
      {data.result.length > rows && (
        <p>
          <button type="button" onClick={() => setRows(rows + ROWS)}>
            Show {Math.min(ROWS, data.result.length - rows)} more of {data.result.length}
          </button>
        </p>
      )}
    </>
  );
}

/** Said of a result without series, of a table and of a graph. */
export function NoSeries() {
  return (
    <Empty title="No series">
      <p>
        Nothing has this name and these labels at this time. See <a href="/targets">Targets</a> for what is scraped, or
        press Ctrl+Space in the query for the names there are.
      </p>
    </Empty>
  );
}

/** A series as in PromQL. */
export function Series({ labels }: { readonly labels: LabelRecord }) {
  const name = labels[METRIC_NAME] ?? '';
  const isBare = Object.keys(labels).length === (name === '' ? 0 : 1);
  if (isBare) return <code>{name || '{}'}</code>;
  return (
    <code>
      {name} <Labels labels={labels} />
    </code>
  );
}
