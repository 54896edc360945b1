import { formatLinkTime, formatRange, parseLinkTime, parseRange } from './time-range.ts';

/** One query with how it is shown. All of it is in the address, so that a link or a reload shows the same. */
export interface Panel {
  readonly expr: string;
  readonly tab: 'table' | 'graph';
  readonly rangeMs: number;
  /** Unix milliseconds; absent: now. */
  readonly endMs?: number;
  /** Absent: automatic. */
  readonly stepMs?: number;
  readonly isStacked: boolean;
}

export const EMPTY_PANEL: Panel = {
  expr: '',
  tab: 'table',
  rangeMs: 3_600_000,
  endMs: undefined,
  stepMs: undefined,
  isStacked: false,
};

/** More would be a mistake, or a link that is meant to do harm. */
const MAX_PANELS = 20;

/** Reads the parameters of Prometheus's links: `g0.expr`, `g0.tab` (0 or `graph`, 1 or `table`), `g0.range_input`,
 *  `g0.end_input`, `g0.moment_input`, `g0.step_input`, `g0.stacked`, `g0.display_mode`. What cannot be read has its default.
 *  @returns At least one panel.
 *  @see prometheus/web/ui/mantine-ui/src/pages/query/urlStateEncoding.ts */
export function panelsFromSearch(search: string): readonly Panel[] {
  const byPanel = new Map<number, Map<string, string>>();
  for (const [name, value] of new URLSearchParams(search)) {
    const match = /^g([0-9]{1,3})\.([a-z_]+)$/.exec(name);
    if (match === null) continue;
    const fields = byPanel.get(Number(match[1])) ?? new Map<string, string>();
    byPanel.set(Number(match[1]), fields.set(match[2], value));
  }
  const panels: readonly Panel[] = [...byPanel].sort(([a], [b]) => a - b).map(([, fields]) => readPanel(fields));
  return panels.length === 0 ? [EMPTY_PANEL] : panels.slice(0, MAX_PANELS);
}

function readPanel(fields: ReadonlyMap<string, string>): Panel {
  const tab = fields.get('tab') ?? '';
  const isGraph = tab === '0' || tab === 'graph';
  const end = fields.get('end_input') ?? fields.get('moment_input') ?? '';
  const step = fields.get('step_input') ?? '';
  return {
    expr: fields.get('expr') ?? '',
    tab: isGraph ? 'graph' : 'table',
    rangeMs: duration(fields.get('range_input') ?? '') ?? EMPTY_PANEL.rangeMs,
    endMs: parseLinkTime(end),
    stepMs: duration(step),
    isStacked: fields.get('stacked') === '1' || fields.get('display_mode') === 'stacked',
  };
}

function duration(text: string): number | undefined {
  try {
    return parseRange(text);
  } catch {
    return undefined;
  }
}

/** The inverse of `panelsFromSearch`, with the `?`; times to the second. */
export function panelsToSearch(panels: readonly Panel[]): string {
  const params = new URLSearchParams();
  panels.forEach((panel, i) => {
    params.set(`g${i}.expr`, panel.expr);
    params.set(`g${i}.tab`, panel.tab === 'graph' ? '0' : '1');
    params.set(`g${i}.range_input`, formatRange(panel.rangeMs));
    if (panel.endMs !== undefined) {
      params.set(`g${i}.end_input`, formatLinkTime(panel.endMs));
      params.set(`g${i}.moment_input`, formatLinkTime(panel.endMs));
    }
    if (panel.stepMs !== undefined) params.set(`g${i}.step_input`, String(panel.stepMs / 1000));
    if (panel.isStacked) params.set(`g${i}.display_mode`, 'stacked');
  });
  return `?${params}`;
}

/** The address of a graph or a table of one query. */
export function queryLink(expr: string, tab: Panel['tab']): string {
  return `/query${panelsToSearch([{ ...EMPTY_PANEL, expr, tab }])}`;
}
