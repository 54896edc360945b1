import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatNumber, formatTime } from '../format.ts';
import { theme, zone } from '../settings.ts';
import { seriesColor } from './chart-colors.ts';
import { type ChartData, stack } from './chart-data.ts';

const HEIGHT_PX = 340;
/** Where the screen is narrow. */
const LOW_HEIGHT_PX = 240;
const NARROW_PX = 560;

/** How the ticks of the time axis are written, by their distance in seconds: the format; that with which a new year, day or
 *  minute begins. @see uPlot's docs, Axis.values */
const DAY = '\n{YYYY}-{MM}-{DD}';
const TIME_TICKS: uPlot.Axis.StaticValues | (string | number | null)[][] = [
  [28 * 86_400, '{YYYY}-{MM}', null, null, null, null, null, null, 1],
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', DAY, null, DAY, null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', DAY, null, DAY, null, null, null, 1],
  [0.001, ':{ss}.{fff}', `${DAY} {HH}:{mm}`, null, `${DAY} {HH}:{mm}`, null, '\n{HH}:{mm}', null, 1],
];

interface ChartProps {
  readonly data: ChartData;
  /** By the text of the series. */
  readonly hidden: ReadonlySet<string>;
  readonly isStacked: boolean;
  /** What the chart shows, for who cannot see it. */
  readonly title: string;
  /** Unix milliseconds. */
  readonly onZoom: (startMs: number, endMs: number) => void;
}

/** What the cursor points at: a time, and the series nearest to it. */
interface Pointed {
  readonly index: number;
  readonly series: number;
}

/** Lines over time. Dragging zooms; with the focus on it, the arrow keys move the cursor and its values are read out. */
export function Chart({ data, hidden, isStacked, title, onZoom }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const [pointed, setPointed] = useState<Pointed>();
  const utc = zone.value === 'utc';
  const { value: colors } = theme;
  const names = data.series.map(({ text }) => text).join('\n');
  const values = plotValues(data, hidden, isStacked);
  // A plot is made anew when its series or its looks change; new values of the same series only go into it.
  useEffect(() => {
    const element = box.current!;
    const options = plotOptions(data, {
      element,
      isStacked,
      utc,
      onPoint: setPointed,
      onZoom: (startMs, endMs) => zoom.current(startMs, endMs),
    });
    const made = new uPlot({ ...options, ...sizeOf(element) }, values, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
      setPointed(undefined);
    };
  }, [names, isStacked, utc, colors]);
  // The plot may be a new one that knows nothing yet, so what makes a new one comes here too.
  useEffect(() => {
    const current = plot.current!;
    current.batch(() => {
      current.setData(values);
      data.series.forEach(({ text }, i) => {
        if (current.series[i + 1].show === hidden.has(text)) current.setSeries(i + 1, { show: !hidden.has(text) });
      });
    });
  }, [data, hidden, isStacked, utc, colors]);
  const keyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined || plot.current === undefined) return;
    event.preventDefault();
    moveCursor(plot.current, by * (event.shiftKey ? 10 : 1));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the cursor
    <figure class="chart" tabIndex={0} aria-label={title} onKeyDown={keyDown}>
      <div ref={box} />
      <figcaption aria-live="polite">
        {pointed === undefined || data.series[pointed.series] === undefined ? (
          <span class="quiet">Point at the graph, or focus it and use the arrow keys. Drag to zoom.</span>
        ) : (
          <Tip data={data} pointed={pointed} />
        )}
      </figcaption>
    </figure>
  );
}

function Tip({ data, pointed }: { readonly data: ChartData; readonly pointed: Pointed }) {
  const { text, values } = data.series[pointed.series];
  const value = values[pointed.index];
  return (
    <>
      <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
        <rect width="12" height="12" rx="3" fill={seriesColor(pointed.series)} />
      </svg>
      <b>{value === null || value === undefined ? 'no value' : String(value)}</b>
      <span class="quiet">{formatTime(data.times[pointed.index] * 1000, zone.value)}</span>
      <code>{text}</code>
    </>
  );
}

function plotValues(data: ChartData, hidden: ReadonlySet<string>, isStacked: boolean): uPlot.AlignedData {
  const values = data.series.map((series) => series.values);
  const shown = isStacked ? stack(values, (i) => !hidden.has(data.series[i].text)) : values;
  return [data.times, ...shown] as unknown as uPlot.AlignedData;
}

function sizeOf(element: HTMLElement): { readonly width: number; readonly height: number } {
  const width = Math.max(element.clientWidth, 200);
  return { width, height: width < NARROW_PX ? LOW_HEIGHT_PX : HEIGHT_PX };
}

function plotOptions(
  data: ChartData,
  context: {
    readonly element: HTMLElement;
    readonly isStacked: boolean;
    readonly utc: boolean;
    readonly onPoint: (pointed: Pointed | undefined) => void;
    readonly onZoom: (startMs: number, endMs: number) => void;
  },
): Omit<uPlot.Options, 'width' | 'height'> {
  const { element, isStacked, utc, onPoint, onZoom } = context;
  const style = getComputedStyle(element);
  const axis = {
    stroke: style.getPropertyValue('--quiet'),
    grid: { stroke: style.getPropertyValue('--line'), width: 1 },
    ticks: { stroke: style.getPropertyValue('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    legend: { show: false },
    tzDate: (seconds) => (utc ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000)),
    cursor: { focus: { prox: 1e6 }, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
    focus: { alpha: 1 },
    scales: { y: { range: (_, min, max) => rangeOf(min, max, isStacked) } },
    // Of a stack each series fills the room above the one before it.
    bands: isStacked ? data.series.slice(1).map((_, i) => ({ series: [i + 2, i + 1] })) : undefined,
    axes: [
      { ...axis, values: TIME_TICKS },
      {
        ...axis,
        values: (_, ticks) => ticks.map((tick) => formatNumber(tick)),
        size: (_, labels) => 16 + 7 * Math.max(4, ...(labels ?? []).map((label) => label.length)),
      },
    ],
    series: [
      {},
      ...data.series.map(({ text }, i) => ({
        label: text,
        stroke: seriesColor(i),
        width: 1.5,
        fill: isStacked ? `${seriesColor(i)}33` : undefined,
      })),
    ],
    hooks: {
      setCursor: [(u) => onPoint(pointedAt(u))],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          const [start, end] = [u.select.left, u.select.left + u.select.width].map((x) => u.posToVal(x, 'x') * 1000);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onZoom(start, end);
        },
      ],
    },
  };
}

/** A flat line gets room above and below; a stack begins at zero. */
function rangeOf(min: number | null, max: number | null, isStacked: boolean): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 1];
  const low = isStacked ? Math.min(min, 0) : min;
  if (low === max) {
    const room = Math.abs(max) / 2 || 1;
    return [low - room, max + room];
  }
  return uPlot.rangeNum(low, max, 0.08, true);
}

function pointedAt({ cursor, data, series, valToPos }: uPlot): Pointed | undefined {
  const { idx, top } = cursor;
  if (idx === null || idx === undefined || (cursor.left ?? -1) < 0) return undefined;
  let nearest: Pointed | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < data.length; i++) {
    const value = data[i][idx];
    if (value === null || value === undefined || series[i].show === false) continue;
    const distance = Math.abs(valToPos(value, 'y') - (top ?? 0));
    if (distance < least) {
      least = distance;
      nearest = { index: idx, series: i - 1 };
    }
  }
  return nearest;
}

function moveCursor(plot: uPlot, by: number): void {
  const times = plot.data[0];
  const from = plot.cursor.idx ?? (by > 0 ? -1 : times.length);
  const index = Math.min(Math.max(from + by, 0), times.length - 1);
  const top = (plot.cursor.top ?? -1) >= 0 ? plot.cursor.top! : plot.over.clientHeight / 2;
  plot.setCursor({ left: plot.valToPos(times[index], 'x'), top });
}
