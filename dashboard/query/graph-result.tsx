import { useMemo, useState } from 'preact/hooks';
import type { MatrixItem } from '../api-types.ts';
import { Chart } from './chart.tsx';
import { toChartData } from './chart-data.ts';
import { Legend } from './legend.tsx';
import { NoSeries } from './result-table.tsx';
import type { TimeRange } from './time-range.ts';
import type { Panel } from './url-state.ts';

/** The result of a range query: a chart, and below it what its lines are. */
export function GraphResult(props: {
  readonly matrix: readonly MatrixItem[];
  readonly range: TimeRange;
  readonly panel: Panel;
  readonly onChange: (panel: Panel) => void;
}) {
  const { matrix, range, panel, onChange } = props;
  const data = useMemo(() => toChartData(matrix, range), [matrix, range]);
  // By name, so that a series stays hidden when a later answer has other series beside it.
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  if (data.series.length === 0) return <NoSeries />;
  const zoom = (startMs: number, endMs: number) => {
    const roundedEndMs = Math.ceil(endMs / 1000) * 1000;
    const rangeMs = Math.max(Math.ceil((roundedEndMs - startMs) / 1000), 1) * 1000;
    onChange({ ...panel, endMs: roundedEndMs, rangeMs });
  };
  return (
    <>
      {data.omitted > 0 && (
        <p class="note warn" role="status">
          Only the first {data.series.length} series are drawn, {data.omitted} more are not: aggregate or select fewer.
        </p>
      )}
      <Chart
        data={data}
        hidden={hidden}
        isStacked={panel.isStacked}
        title={`Graph of ${panel.expr}: ${data.series.length} series`}
        onZoom={zoom}
      />
      <Legend series={data.series} hidden={hidden} onHidden={setHidden} />
    </>
  );
}
