import { useState } from 'preact/hooks';
import { expireSilence, listSilences } from '../api.ts';
import type { Silence } from '../api-types.ts';
import { Ago, Badge, Choice, ConfirmButton, PageHead, Table, type Tone } from '../components/parts.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { parseWireTime } from '../format.ts';
import { fromWireMatcher, matchersFromSearch, matcherText } from '../label-text.ts';
import { goTo, place } from '../router.ts';
import { creator } from '../settings.ts';
import { useAction, useResource } from '../use-resource.ts';
import { draftOf, EMPTY_MATCHER, type SilenceDraft } from './silence-draft.ts';
import { SilenceForm } from './silence-form.tsx';

const REFRESH_MS = 5000;
const DEFAULT_DURATION = '2h';

type State = Silence['status']['state'];

const STATES: readonly State[] = ['active', 'pending', 'expired'];
const TONES: Readonly<Record<State, Tone>> = { active: 'info', pending: 'warn', expired: 'quiet' };

/** The silences, and the form that makes them. `?new=1&matcher=…` opens it, `?id=…` shows one silence. */
export function SilencesPage() {
  const { search } = place.value;
  const params = new URLSearchParams(search);
  const only = params.get('id') ?? undefined;
  const resource = useResource(listSilences, REFRESH_MS);
  const [state, setState] = useState<State>('active');
  const [copied, setCopied] = useState<Silence>();
  const isNew = params.has('new');
  const close = () => {
    setCopied(undefined);
    goTo('/silences', { replace: true });
  };
  const saved = () => {
    close();
    setState('active');
    resource.reload();
  };
  const counts = Object.groupBy(resource.data ?? [], ({ status }) => status.state);
  return (
    <div class="stack">
      <PageHead title="Silences" summary={resource.data && `${counts.active?.length ?? 0} active`}>
        <Choice
          legend="Which silences"
          options={STATES.map((value) => ({
            value,
            text: `${value[0].toUpperCase()}${value.slice(1)} ${counts[value]?.length ?? 0}`,
          }))}
          value={state}
          onChange={(next) => {
            setState(next);
            if (only !== undefined) close();
          }}
        />
        <button
          type="button"
          class="primary"
          onClick={() => {
            setCopied(undefined);
            goTo('/silences?new=1');
          }}
        >
          New silence
        </button>
      </PageHead>
      {(isNew || copied !== undefined) && (
        <SilenceForm
          key={copied?.id ?? search}
          initial={copied === undefined ? newDraft(search) : { ...draftOf(copied), duration: DEFAULT_DURATION }}
          onSaved={saved}
          onClose={close}
        />
      )}
      <Loaded resource={resource} what="silences">
        {(silences) => (
          <SilenceTable
            silences={silences.filter(({ id, status }) => (only === undefined ? status.state === state : id === only))}
            state={state}
            only={only}
            onChanged={resource.reload}
            onCopy={(silence) => {
              goTo('/silences', { replace: true });
              setCopied(silence);
              scrollTo(0, 0);
            }}
          />
        )}
      </Loaded>
    </div>
  );
}

function newDraft(search: string): SilenceDraft {
  const matchers = matchersFromSearch(search);
  return {
    matchers: matchers.length === 0 ? [EMPTY_MATCHER] : matchers,
    duration: DEFAULT_DURATION,
    createdBy: creator.value,
    comment: '',
  };
}

function SilenceTable(props: {
  readonly silences: readonly Silence[];
  readonly state: State;
  /** The one silence that is asked for. */
  readonly only: string | undefined;
  readonly onChanged: () => void;
  readonly onCopy: (silence: Silence) => void;
}) {
  const { silences, state, only, onChanged, onCopy } = props;
  if (silences.length === 0) {
    return (
      <Empty title={only === undefined ? `No silence is ${state}` : `There is no silence ${only}`}>
        <p>
          A silence keeps matching alerts from notifying anybody for a while. Make one with the button above, or from an
          alert on <a href="/alerts">Alerts</a>.
        </p>
      </Empty>
    );
  }
  return (
    <>
      {only !== undefined && (
        <p>
          Only silence <code>{only}</code> is shown. <a href="/silences">Show all</a>
        </p>
      )}
      <Table
        caption={`Silences that are ${state}`}
        columns={['Matchers', 'State', 'Starts', 'Ends', 'By', 'Comment', '']}
      >
        {silences.map((silence) => (
          <SilenceRow key={silence.id} silence={silence} onChanged={onChanged} onCopy={onCopy} />
        ))}
      </Table>
    </>
  );
}

function SilenceRow(props: {
  readonly silence: Silence;
  readonly onChanged: () => void;
  readonly onCopy: (silence: Silence) => void;
}) {
  const { silence, onChanged, onCopy } = props;
  const { id, status, matchers, comment, createdBy, startsAt, endsAt } = silence;
  const expiry = useAction();
  const texts = matchers.map((matcher) => matcherText(fromWireMatcher(matcher)));
  const isOver = status.state === 'expired';
  return (
    <tr>
      <td>
        <span class="labels">
          {texts.map((text) => (
            <span class="label" key={text}>
              {text}
            </span>
          ))}
        </span>
        {expiry.error !== undefined && <Failure error={expiry.error} />}
      </td>
      <td>
        <Badge tone={TONES[status.state]}>{status.state}</Badge>
      </td>
      <td>
        <Ago timeMs={parseWireTime(startsAt)} />
      </td>
      <td>
        <Ago timeMs={parseWireTime(endsAt)} />
      </td>
      <td>{createdBy}</td>
      <td class="wrap">{comment}</td>
      <td class="actions">
        <button
          type="button"
          aria-label={`${isOver ? 'Recreate' : 'Edit'} silence ${texts.join(', ')}`}
          onClick={() => onCopy(silence)}
        >
          {isOver ? 'Recreate' : 'Edit'}
        </button>
        {!isOver && (
          <ConfirmButton
            label="Expire"
            description={`Expire silence ${texts.join(', ')}`}
            disabled={expiry.isRunning}
            onConfirm={async () => {
              if (await expiry.run((signal) => expireSilence(id, signal))) onChanged();
            }}
          />
        )}
      </td>
    </tr>
  );
}
