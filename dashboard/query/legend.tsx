import { useState } from 'preact/hooks';
import { formatNumber } from '../format.ts';
import { matchesSearch } from '../label-text.ts';
import { seriesColor } from './chart-colors.ts';
import { type ChartSeries, summarize } from './chart-data.ts';
import { Series } from './result-table.tsx';

const COLUMNS = ['Series', 'Last', 'Min', 'Max', 'Mean'];

/** What the lines of a chart are, with their numbers. A click shows one series only, with Ctrl or ⌘ it hides or shows one. */
export function Legend(props: {
  readonly series: readonly ChartSeries[];
  /** By the text of the series. */
  readonly hidden: ReadonlySet<string>;
  readonly onHidden: (hidden: ReadonlySet<string>) => void;
}) {
  const { series, hidden, onHidden } = props;
  const [words, setWords] = useState('');
  const toggle = (text: string, event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey) return onHidden(flip(hidden, text));
    const others = series.filter((one) => one.text !== text).map((one) => one.text);
    const isAlone = !hidden.has(text) && others.every((other) => hidden.has(other));
    onHidden(new Set(isAlone ? [] : others));
  };
  return (
    <div class="legend">
      {series.length > 8 && (
        <input
          type="search"
          aria-label="Filter the legend"
          placeholder="Filter the legend"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="table-box legend-box" tabIndex={0} aria-label="Legend">
        <table>
          <caption class="sr-only">The series of the graph; a click shows one only, with Ctrl it hides one</caption>
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col" class={name === COLUMNS[0] ? undefined : 'number'}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {series.map((one, i) =>
              matchesSearch(words, one.labels) ? (
                <tr key={one.text} class={hidden.has(one.text) ? 'is-hidden' : ''}>
                  <td>
                    <button
                      type="button"
                      class="legend-item"
                      aria-pressed={!hidden.has(one.text)}
                      onClick={(event) => toggle(one.text, event)}
                    >
                      <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
                        <rect width="12" height="12" rx="3" fill={seriesColor(i)} />
                      </svg>
                      <Series labels={one.labels} />
                    </button>
                  </td>
                  <Numbers series={one} />
                </tr>
              ) : null,
            )}
          </tbody>
        </table>
      </section>
      {series.length > 1 && <p class="quiet small">Click: only this series. Ctrl+click: hide or show it.</p>}
    </div>
  );
}

function Numbers({ series }: { readonly series: ChartSeries }) {
  const { last, min, max, mean } = summarize(series.values);
  const numbers = [last, min, max, mean];
  return (
    <>
      {numbers.map((number, i) => (
        <td key={COLUMNS[i + 1]} class="number">
          {number === undefined ? '–' : formatNumber(number)}
        </td>
      ))}
    </>
  );
}

function flip(set: ReadonlySet<string>, text: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(text)) next.add(text);
  return next;
}
