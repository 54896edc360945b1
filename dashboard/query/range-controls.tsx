import { useState } from 'preact/hooks';
import { zone } from '../settings.ts';
import { formatRange, neighbourRange, parseRange } from './time-range.ts';
import type { Panel } from './url-state.ts';

/** What a panel shows of time: its range, its end, its step. A table has an end only. */
export function RangeControls(props: {
  readonly id: string;
  readonly panel: Panel;
  readonly onChange: (panel: Panel) => void;
}) {
  const { id, panel, onChange } = props;
  const isGraph = panel.tab === 'graph';
  const { rangeMs, endMs } = panel;
  const shiftEnd = (direction: 1 | -1) => {
    const next = (endMs ?? Date.now()) + (direction * rangeMs) / 2;
    onChange({ ...panel, endMs: Math.round(next / 1000) * 1000 });
  };
  return (
    <>
      {isGraph && (
        <span class="joined">
          <button
            type="button"
            aria-label="Shorter range"
            onClick={() => onChange({ ...panel, rangeMs: neighbourRange(rangeMs, -1) })}
          >
            −
          </button>
          <DurationInput
            label="Range"
            value={formatRange(rangeMs)}
            onValue={(next) => next !== undefined && onChange({ ...panel, rangeMs: next })}
          />
          <button
            type="button"
            aria-label="Longer range"
            onClick={() => onChange({ ...panel, rangeMs: neighbourRange(rangeMs, 1) })}
          >
            +
          </button>
        </span>
      )}
      <span class="joined">
        <button type="button" aria-label="Earlier" onClick={() => shiftEnd(-1)}>
          ‹
        </button>
        <input
          type="datetime-local"
          step={1}
          id={`${id}-end`}
          aria-label={`${isGraph ? 'End' : 'Time'} (${zone.value === 'utc' ? 'UTC' : 'local time'}), empty is now`}
          value={endMs === undefined ? '' : toInputTime(endMs)}
          onChange={(event) => onChange({ ...panel, endMs: fromInputTime(event.currentTarget.value) })}
        />
        <button type="button" aria-label="Later" onClick={() => shiftEnd(1)}>
          ›
        </button>
        <button
          type="button"
          aria-pressed={endMs === undefined}
          onClick={() => onChange({ ...panel, endMs: undefined })}
        >
          Now
        </button>
      </span>
      {isGraph && (
        <>
          <DurationInput
            label="Step"
            placeholder="step auto"
            value={panel.stepMs === undefined ? '' : formatRange(panel.stepMs)}
            onValue={(stepMs) => onChange({ ...panel, stepMs })}
          />
          <label class="check">
            <input
              type="checkbox"
              checked={panel.isStacked}
              onChange={(event) => onChange({ ...panel, isStacked: event.currentTarget.checked })}
            />
            Stacked
          </label>
        </>
      )}
    </>
  );
}

/** @param props.onValue Called when the user is done, with milliseconds, `undefined` when the input is empty. */
function DurationInput(props: {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onValue: (durationMs: number | undefined) => void;
}) {
  const [problem, setProblem] = useState('');
  const change = (text: string) => {
    try {
      const durationMs = text.trim() === '' ? undefined : parseRange(text);
      setProblem('');
      props.onValue(durationMs);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <>
      <input
        class="duration"
        type="text"
        aria-label={props.label}
        placeholder={props.placeholder}
        aria-invalid={problem !== ''}
        title={problem === '' ? `${props.label}, such as 90m` : problem}
        value={props.value}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && change(event.currentTarget.value)}
      />
      {problem !== '' && (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}

/** Such inputs have no zone: the parts are those of the zone that times are shown in. */
function toInputTime(timeMs: number): string {
  const offsetMs = zone.value === 'utc' ? 0 : new Date(timeMs).getTimezoneOffset() * 60_000;
  return new Date(timeMs - offsetMs).toISOString().slice(0, 19);
}

function fromInputTime(text: string): number | undefined {
  if (text === '') return undefined;
  const timeMs = Date.parse(zone.value === 'utc' ? `${text}Z` : text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
