import { useCallback, useEffect, useState } from 'preact/hooks';
import { listReceivedAlerts, saveSilence } from '../api.ts';
import type { ReceivedAlert } from '../api-types.ts';
import { Field, Labels, Time } from '../components/parts.tsx';
import { Failure } from '../components/states.tsx';
import { countOf } from '../format.ts';
import { type MatcherInput, matcherText, OPERATORS } from '../label-text.ts';
import { creator } from '../settings.ts';
import { useAction, useResource } from '../use-resource.ts';
import { EMPTY_MATCHER, filledMatchers, type SilenceDraft, toSilenceInput } from './silence-draft.ts';

const TYPING_PAUSE_MS = 300;
/** A silence of more alerts than this is more often a slip than meant. */
const MANY_ALERTS = 10;
const MAX_PREVIEW = 20;
const DURATIONS = ['30m', '1h', '2h', '4h', '1d', '1w'];

/** Makes or edits a silence, and shows what it would silence before it does. */
export function SilenceForm(props: {
  readonly initial: SilenceDraft;
  readonly onSaved: (id: string) => void;
  readonly onClose: () => void;
}) {
  const [draft, setDraft] = useState(props.initial);
  const saving = useAction();
  const set = (change: Partial<SilenceDraft>) => setDraft({ ...draft, ...change });
  const submit = async (event: Event) => {
    event.preventDefault();
    let id = '';
    const isDone = await saving.run(async (signal) => {
      id = await saveSilence(toSilenceInput(draft, Date.now()), signal);
    });
    if (!isDone) return;
    creator.value = draft.createdBy.trim();
    props.onSaved(id);
  };
  return (
    <form
      class="card"
      aria-label={draft.id === undefined ? 'New silence' : 'Edit silence'}
      noValidate
      onSubmit={submit}
    >
      <MatcherList matchers={draft.matchers} onChange={(matchers) => set({ matchers })} />
      <div class="fields">
        <Field id="silence-duration" label="Duration from now" hint={`Such as ${DURATIONS.join(', ')}`}>
          <input
            id="silence-duration"
            type="text"
            list="silence-durations"
            aria-describedby="silence-duration-note"
            value={draft.duration}
            onInput={(event) => set({ duration: event.currentTarget.value })}
          />
          <datalist id="silence-durations">
            {DURATIONS.map((text) => (
              <option key={text} value={text} />
            ))}
          </datalist>
        </Field>
        <Field id="silence-creator" label="Creator">
          <input
            id="silence-creator"
            type="text"
            autocomplete="username"
            value={draft.createdBy}
            onInput={(event) => set({ createdBy: event.currentTarget.value })}
          />
        </Field>
        <Field id="silence-comment" label="Comment">
          <input
            id="silence-comment"
            type="text"
            placeholder="Why, and who knows more"
            value={draft.comment}
            onInput={(event) => set({ comment: event.currentTarget.value })}
          />
        </Field>
      </div>
      <Preview matchers={draft.matchers} />
      {saving.error !== undefined && <Failure error={saving.error} />}
      <div class="row">
        <button type="submit" class="primary" disabled={saving.isRunning}>
          {draft.id === undefined ? 'Create silence' : 'Save silence'}
        </button>
        <button type="button" onClick={props.onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function MatcherList(props: {
  readonly matchers: readonly MatcherInput[];
  readonly onChange: (matchers: readonly MatcherInput[]) => void;
}) {
  const { matchers, onChange } = props;
  return (
    <fieldset class="matchers">
      <legend>Silences alerts that match all of</legend>
      {matchers.map((matcher, i) => {
        const set = (change: Partial<MatcherInput>) => onChange(matchers.with(i, { ...matcher, ...change }));
        return (
          // A matcher has no identity but its place.
          <div class="matcher" key={i}>
            <input
              type="text"
              aria-label={`Label of matcher ${i + 1}`}
              placeholder="label"
              spellcheck={false}
              value={matcher.name}
              onInput={(event) => set({ name: event.currentTarget.value })}
            />
            <select
              aria-label={`Operator of matcher ${i + 1}`}
              value={matcher.operator}
              onChange={(event) => set({ operator: event.currentTarget.value as MatcherInput['operator'] })}
            >
              {OPERATORS.map((operator) => (
                <option key={operator}>{operator}</option>
              ))}
            </select>
            <input
              type="text"
              aria-label={`Value of matcher ${i + 1}`}
              placeholder={matcher.operator.endsWith('~') ? 'regular expression' : 'value'}
              spellcheck={false}
              value={matcher.value}
              onInput={(event) => set({ value: event.currentTarget.value })}
            />
            <button
              type="button"
              aria-label={`Remove matcher ${i + 1}`}
              disabled={matchers.length === 1}
              onClick={() => onChange(matchers.toSpliced(i, 1))}
            >
              ×
            </button>
          </div>
        );
      })}
      <button type="button" onClick={() => onChange([...matchers, EMPTY_MATCHER])}>
        Add matcher
      </button>
    </fieldset>
  );
}

/** The alerts that a silence would hold for now, as the server matches them. */
function Preview({ matchers }: { readonly matchers: readonly MatcherInput[] }) {
  const filters = useSettled(JSON.stringify(filledMatchers(matchers).map(matcherText)));
  const load = useCallback(
    async (signal: AbortSignal) => {
      const list = JSON.parse(filters) as string[];
      return list.length === 0 ? undefined : listReceivedAlerts(list, signal);
    },
    [filters],
  );
  const { data: alerts, error } = useResource(load, 0);
  if (error !== undefined) return <Failure error={error} />;
  return (
    <div class="preview" aria-live="polite">
      {alerts === undefined ? (
        <p class="quiet">Type a label and a value to see which alerts are affected.</p>
      ) : (
        <Affected alerts={alerts} />
      )}
    </div>
  );
}

function Affected({ alerts }: { readonly alerts: readonly ReceivedAlert[] }) {
  return (
    <>
      <p>
        <strong>{countOf(alerts.length, 'alert')} affected now</strong>
        {alerts.length === 0 && <span class="quiet"> – it would hold for alerts to come</span>}
      </p>
      {alerts.length > MANY_ALERTS && (
        <p class="note warn">This is a broad silence: add a matcher unless all of these are meant.</p>
      )}
      <ul>
        {alerts.slice(0, MAX_PREVIEW).map((alert) => (
          <li key={alert.fingerprint}>
            <Labels labels={alert.labels} /> <span class="quiet">since</span>{' '}
            <Time timeMs={Date.parse(alert.startsAt)} />
          </li>
        ))}
      </ul>
      {alerts.length > MAX_PREVIEW && <p class="quiet">… and {alerts.length - MAX_PREVIEW} more</p>}
    </>
  );
}

/** A text as it is when typing pauses. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
