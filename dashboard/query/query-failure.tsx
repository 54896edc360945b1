import { Failure } from '../components/states.tsx';
import { errorPlace, markError } from './query-error.ts';

/** Says why a query failed, and shows the place where it is wrong. */
export function QueryFailure(props: { readonly query: string; readonly error: Error; readonly onRetry: () => void }) {
  const { query, error, onRetry } = props;
  const place = errorPlace(query, error.message);
  if (place === undefined) return <Failure error={error} onRetry={onRetry} />;
  const [before, at, after] = markError(query, place);
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>
          Line {place.line}, column {place.column}:{' '}
        </strong>
        {place.problem}
      </p>
      <pre class="query-error">
        {before}
        <mark>{at === '' || at === '\n' ? '␤' : at}</mark>
        {at === '\n' ? '\n' : ''}
        {after}
      </pre>
    </div>
  );
}
