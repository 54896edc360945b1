import { useCallback, useState } from 'preact/hooks';
import { formatQuery, queryInstant, queryRange } from '../api.ts';
import type { Annotated, QueryData } from '../api-types.ts';
import { Choice } from '../components/parts.tsx';
import { Empty, Failure, Remarks } from '../components/states.tsx';
import { formatRoughDuration } from '../format.ts';
import { useAction, useResource } from '../use-resource.ts';
import { toCsv } from './export.ts';
import { ExpressionInput } from './expression-input.tsx';
import { GraphResult } from './graph-result.tsx';
import { QueryFailure } from './query-failure.tsx';
import { RangeControls } from './range-controls.tsx';
import { ResultTable } from './result-table.tsx';
import { resolveRange, type TimeRange } from './time-range.ts';
import type { Panel } from './url-state.ts';

/** A result, with what was asked for. */
interface Answer extends Annotated<QueryData> {
  readonly range: TimeRange | undefined;
  readonly durationMs: number;
}

/** How often a panel that ends now asks again. */
const REFRESH_MS = 10_000;

interface PanelProps {
  /** Unique on the page. */
  readonly id: string;
  readonly panel: Panel;
  readonly onChange: (panel: Panel) => void;
  readonly onDuplicate: () => void;
  /** Absent for the only panel. */
  readonly onRemove: (() => void) | undefined;
}

/** One query: its expression, and its result as a table or as a graph. */
export function QueryPanel({ id, panel, onChange, onDuplicate, onRemove }: PanelProps) {
  const [text, setText] = useTextOf(panel.expr);
  const resource = useAnswer(panel);
  const format = useAction();
  const run = () => {
    if (text === panel.expr) resource.reload();
    else onChange({ ...panel, expr: text });
  };
  const { data: answer, error, isLoading } = resource;
  return (
    <section class="panel" aria-label={panel.expr === '' ? 'New query' : `Query ${panel.expr}`}>
      <ExpressionInput id={id} text={text} onText={setText} onRun={run} isRunning={isLoading && panel.expr !== ''} />
      <div class="row toolbar">
        <Choice
          legend="Show as"
          options={[
            { value: 'table', text: 'Table' },
            { value: 'graph', text: 'Graph' },
          ]}
          value={panel.tab}
          onChange={(tab) => onChange({ ...panel, expr: text, tab })}
        />
        <RangeControls id={id} panel={panel} onChange={(next) => onChange({ ...next, expr: text })} />
        <span class="grow" />
        <button
          type="button"
          disabled={text.trim() === '' || format.isRunning}
          onClick={() => format.run(async (signal) => setText(await formatQuery(text, signal)))}
        >
          Format
        </button>
        <ExportButtons answer={answer} />
        <button type="button" onClick={onDuplicate}>
          Duplicate
        </button>
        {onRemove && (
          <button type="button" onClick={onRemove}>
            Remove
          </button>
        )}
      </div>
      {format.error !== undefined && <Failure error={format.error} />}
      {error !== undefined && <QueryFailure query={panel.expr} error={error} onRetry={resource.reload} />}
      {panel.expr === '' ? (
        <NoQuery onTry={(expr, tab) => onChange({ ...panel, expr, tab })} />
      ) : (
        answer !== undefined && (
          <>
            <Remarks warnings={answer.warnings} infos={answer.infos} />
            <Result answer={answer} panel={panel} onChange={onChange} />
          </>
        )
      )}
      {answer === undefined && isLoading && panel.expr !== '' && (
        <div class="skeleton chart-space" role="status">
          <span class="sr-only">The query runs</span>
        </div>
      )}
    </section>
  );
}

/** The text in the input: the panel's until the user types, and again when the panel changes from outside. */
function useTextOf(expr: string): [string, (text: string) => void] {
  const [state, setState] = useState({ expr, text: expr });
  if (state.expr !== expr) setState({ expr, text: expr });
  return [state.expr === expr ? state.text : expr, (text) => setState({ expr, text })];
}

function useAnswer({ expr, tab, rangeMs, endMs, stepMs }: Panel) {
  const load = useCallback(
    async (signal: AbortSignal): Promise<Answer | undefined> => {
      if (expr.trim() === '') return undefined;
      const startedMs = performance.now();
      const range = tab === 'graph' ? resolveRange({ rangeMs, endMs, stepMs }, Date.now()) : undefined;
      const result =
        range === undefined
          ? await queryInstant({ query: expr, ...(endMs === undefined ? {} : { time: seconds(endMs) }) }, signal)
          : await queryRange(
              { query: expr, start: seconds(range.startMs), end: seconds(range.endMs), step: seconds(range.stepMs) },
              signal,
            );
      return { ...result, range, durationMs: performance.now() - startedMs };
    },
    [expr, tab, rangeMs, endMs, stepMs],
  );
  return useResource(load, endMs === undefined && expr.trim() !== '' ? REFRESH_MS : 0);
}

function seconds(timeMs: number): string {
  return String(timeMs / 1000);
}

function Result(props: { readonly answer: Answer; readonly panel: Panel; readonly onChange: (panel: Panel) => void }) {
  const { answer, panel, onChange } = props;
  const { data, range, durationMs } = answer;
  const hasSeries = data.resultType === 'vector' || data.resultType === 'matrix';
  return (
    <>
      {range !== undefined && data.resultType === 'matrix' ? (
        <GraphResult matrix={data.result} range={range} panel={panel} onChange={onChange} />
      ) : (
        <ResultTable data={data} />
      )}
      <p class="quiet small">
        {hasSeries && `${data.result.length} series, `}
        {range !== undefined && `step ${formatRoughDuration(range.stepMs)}, `}
        answered in {formatRoughDuration(durationMs)}
      </p>
    </>
  );
}

function ExportButtons({ answer }: { readonly answer: Answer | undefined }) {
  const save = (text: string, type: string, name: string) => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <button
        type="button"
        disabled={answer === undefined}
        onClick={() => answer && save(toCsv(answer.data), 'text/csv', 'query.csv')}
      >
        CSV
      </button>
      <button
        type="button"
        disabled={answer === undefined}
        onClick={() => answer && save(JSON.stringify(answer.data), 'application/json', 'query.json')}
      >
        JSON
      </button>
    </>
  );
}

function NoQuery({ onTry }: { readonly onTry: (expr: string, tab: Panel['tab']) => void }) {
  return (
    <Empty title="Type a query, or start with one of these">
      <ul class="examples">
        <li>
          <button type="button" class="link" onClick={() => onTry('up', 'table')}>
            up
          </button>{' '}
          which targets answer
        </li>
        <li>
          <button type="button" class="link" onClick={() => onTry('scrape_duration_seconds', 'graph')}>
            scrape_duration_seconds
          </button>{' '}
          how long scrapes take
        </li>
        <li>
          <button type="button" class="link" onClick={() => onTry('ALERTS', 'table')}>
            ALERTS
          </button>{' '}
          what is pending or firing
        </li>
      </ul>
      <p class="quiet">Enter runs, Shift+Enter makes a new line, Ctrl+Space shows names of metrics.</p>
    </Empty>
  );
}
