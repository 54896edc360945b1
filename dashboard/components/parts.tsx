import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LabelRecord } from '../api-types.ts';
import { formatRelative, formatTime } from '../format.ts';
import { sortedLabels } from '../label-text.ts';
import { zone } from '../settings.ts';

export type Tone = 'good' | 'bad' | 'warn' | 'quiet' | 'info';

/** A state in a word. The colour only repeats it. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** Labels as `name="value"`, without the metric name. */
export function Labels({ labels, omit = [] }: { readonly labels: LabelRecord; readonly omit?: readonly string[] }) {
  const shown = sortedLabels(labels).filter(([name]) => !omit.includes(name));
  return (
    <span class="labels">
      {shown.map(([name, value]) => (
        <span class="label" key={name}>
          <b>{name}</b>={'"'}
          {value}
          {'"'}
        </span>
      ))}
    </span>
  );
}

/** One clock for all times on a page. */
const nowMs = signal(Date.now());
setInterval(() => {
  nowMs.value = Date.now();
}, 1000);

/** A time as its distance from now, the time itself in its tooltip. @param timeMs `undefined`: never. */
export function Ago({ timeMs }: { readonly timeMs: number | undefined }) {
  if (timeMs === undefined) return <span class="quiet">never</span>;
  return (
    <time dateTime={new Date(timeMs).toISOString()} title={formatTime(timeMs, zone.value)}>
      {formatRelative(timeMs, nowMs.value)}
    </time>
  );
}

/** A time as a date. */
export function Time({ timeMs }: { readonly timeMs: number }) {
  return <time dateTime={new Date(timeMs).toISOString()}>{formatTime(timeMs, zone.value)}</time>;
}

/** A button for what cannot be undone: the first click asks, the second does it. */
export function ConfirmButton(props: {
  readonly label: string;
  /** What a screen reader says in place of `label`, which may stand in every row. */
  readonly description: string;
  readonly disabled?: boolean;
  readonly onConfirm: () => void;
}) {
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (!isAsking) return;
    const timer = setTimeout(() => setAsking(false), 4000);
    return () => clearTimeout(timer);
  }, [isAsking]);
  const click = () => {
    if (isAsking) props.onConfirm();
    setAsking(!isAsking);
  };
  return (
    <button
      type="button"
      class={isAsking ? 'danger' : ''}
      disabled={props.disabled}
      aria-label={`${isAsking ? 'Confirm: ' : ''}${props.description}`}
      onClick={click}
    >
      {isAsking ? `${props.label}?` : props.label}
    </button>
  );
}

/** A choice between few values, all of them in sight. */
export function Choice<const T extends string>(props: {
  readonly legend: string;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <fieldset class="choice">
      <legend class="sr-only">{props.legend}</legend>
      {props.options.map(({ value, text }) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

/** A field with its label above and what is wrong with it below. */
export function Field(props: {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly problem?: string;
  readonly children: ComponentChildren;
}) {
  const { id, label, hint, problem } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {props.children}
      {problem !== undefined ? (
        <p class="problem" id={`${id}-note`}>
          {problem}
        </p>
      ) : (
        hint !== undefined && (
          <p class="hint" id={`${id}-note`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

/** The head of a page: its name, what is on it, its controls. */
export function PageHead(props: {
  readonly title: string;
  readonly summary?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="page-head">
      <h1>{props.title}</h1>
      <div class="summary">{props.summary}</div>
      <div class="controls">{props.children}</div>
    </div>
  );
}

/** A table that scrolls by itself where the screen is narrow. */
export function Table(props: {
  readonly caption: string;
  readonly columns: readonly string[];
  /** Those of the columns that have numbers. */
  readonly numbers?: readonly string[];
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-box" tabIndex={0} aria-label={props.caption}>
      <table>
        <caption class="sr-only">{props.caption}</caption>
        <thead>
          <tr>
            {props.columns.map((name) => (
              <th key={name} scope="col" class={props.numbers?.includes(name) ? 'number' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  );
}
