import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ApiFailure } from '../api.ts';
import { token } from '../settings.ts';
import type { Resource } from '../use-resource.ts';

/** Shows what was loaded; before that a placeholder, after a failure why and a way to try again. */
export function Loaded<T>(props: {
  readonly resource: Resource<T>;
  readonly what: string;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { data, error, reload } = props.resource;
  return (
    <>
      {error !== undefined && <Failure error={error} what={props.what} onRetry={reload} />}
      {data !== undefined && props.children(data)}
      {data === undefined && error === undefined && <Skeleton what={props.what} />}
    </>
  );
}

function Skeleton({ what }: { readonly what: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="sr-only">Loading {what}</span>
      <div />
      <div />
      <div />
    </div>
  );
}

/** Says why something failed. Where a token is needed, asks for it. */
export function Failure(props: {
  readonly error: Error;
  /** What could not be done: `targets`; absent where the error itself says it. */
  readonly what?: string;
  readonly onRetry?: () => void;
}) {
  const { error, what, onRetry } = props;
  const status = error instanceof ApiFailure ? error.status : undefined;
  return (
    <div class="note bad" role="alert">
      <p>
        {what !== undefined && <strong>Cannot load {what}: </strong>}
        {error.message}
      </p>
      {(status === 401 || status === 403) && <TokenForm onDone={onRetry} />}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

function TokenForm({ onDone }: { readonly onDone?: () => void }) {
  const [text, setText] = useState('');
  const save = (event: Event) => {
    event.preventDefault();
    token.value = text.trim();
    onDone?.();
  };
  return (
    <form class="row" onSubmit={save}>
      <label>
        Token{' '}
        <input
          type="password"
          autocomplete="current-password"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Use this token</button>
    </form>
  );
}

/** Says that there is nothing, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}

/** Remarks of the server on a result. */
export function Remarks(props: { readonly warnings: readonly string[]; readonly infos: readonly string[] }) {
  const { warnings, infos } = props;
  if (warnings.length + infos.length === 0) return null;
  return (
    <ul class="remarks" role="status">
      {warnings.map((text) => (
        <li key={text} class="note warn">
          <strong>Warning: </strong>
          {text}
        </li>
      ))}
      {infos.map((text) => (
        <li key={text} class="note">
          <strong>Info: </strong>
          {text}
        </li>
      ))}
    </ul>
  );
}
