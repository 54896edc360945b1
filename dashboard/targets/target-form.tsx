import { useState } from 'preact/hooks';
import { ApiFailure, registerTarget } from '../api.ts';
import { Field } from '../components/parts.tsx';
import { Failure } from '../components/states.tsx';
import { useAction } from '../use-resource.ts';
import { EMPTY_TARGET, problemOf, type TargetText, toTargetInput } from './target-input.ts';

interface FormField {
  readonly name: Exclude<keyof TargetText, 'scheme'>;
  readonly label: string;
  readonly placeholder: string;
  readonly hint?: string;
}

const FIELDS: readonly FormField[] = [
  { name: 'address', label: 'Address', placeholder: 'localhost:9100', hint: 'host:port' },
  { name: 'job', label: 'Job', placeholder: 'registered' },
  { name: 'metricsPath', label: 'Path', placeholder: '/metrics' },
  { name: 'labels', label: 'Labels', placeholder: 'env=prod, team=web' },
  { name: 'scrapeInterval', label: 'Interval', placeholder: '15s', hint: 'Whole seconds' },
  { name: 'ttl', label: 'Time to live', placeholder: 'forever', hint: 'Forgotten this long after, such as 1h' },
];

/** Registers a target with the API, which says of each field what is wrong with it. */
export function TargetForm(props: { readonly onRegistered: () => void; readonly onClose: () => void }) {
  const [text, setText] = useState<TargetText>(EMPTY_TARGET);
  const registration = useAction();
  const submit = async (event: Event) => {
    event.preventDefault();
    // Inside, so that labels that cannot be read are shown as any failure.
    const isDone = await registration.run(async (signal) => registerTarget(toTargetInput(text), signal));
    if (isDone) props.onRegistered();
  };
  const { error } = registration;
  const problems =
    error instanceof ApiFailure
      ? error.problems
      : error instanceof SyntaxError
        ? [{ field: 'labels', problem: error.message }]
        : [];
  return (
    <form class="card" aria-label="Register a target" noValidate onSubmit={submit}>
      <div class="fields">
        {FIELDS.map(({ name, label, placeholder, hint }) => {
          const problem = problemOf(name, problems);
          return (
            <Field key={name} id={`target-${name}`} label={label} hint={hint} problem={problem}>
              <input
                id={`target-${name}`}
                type="text"
                autocomplete="off"
                spellcheck={false}
                placeholder={placeholder}
                required={name === 'address'}
                aria-invalid={problem !== undefined}
                aria-describedby={problem !== undefined || hint !== undefined ? `target-${name}-note` : undefined}
                value={text[name]}
                onInput={(event) => setText({ ...text, [name]: event.currentTarget.value })}
              />
            </Field>
          );
        })}
        <Field id="target-scheme" label="Scheme" problem={problemOf('scheme', problems)}>
          <select
            id="target-scheme"
            value={text.scheme}
            onChange={(event) => setText({ ...text, scheme: event.currentTarget.value })}
          >
            <option>http</option>
            <option>https</option>
          </select>
        </Field>
      </div>
      {error !== undefined && problems.length === 0 && <Failure error={error} />}
      <div class="row">
        <button type="submit" class="primary" disabled={registration.isRunning}>
          Register
        </button>
        <button type="button" onClick={props.onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
