import { useCallback, useState } from 'preact/hooks';
import { deleteTarget, listTargets } from '../api.ts';
import type { ActiveTarget, TargetsData } from '../api-types.ts';
import { Ago, Badge, Choice, ConfirmButton, Labels, PageHead, Table, type Tone } from '../components/parts.tsx';
import { Empty, Failure, Loaded } from '../components/states.tsx';
import { countOf, formatSeconds, parseWireTime } from '../format.ts';
import { matchesSearch } from '../label-text.ts';
import { useAction, useResource } from '../use-resource.ts';
import { TargetForm } from './target-form.tsx';

const REFRESH_MS = 5000;

const TONES: Readonly<Record<ActiveTarget['health'], Tone>> = { up: 'good', down: 'bad', unknown: 'warn' };
/** What needs a look comes first. */
const ORDER: readonly ActiveTarget['health'][] = ['down', 'unknown', 'up'];

type Filter = 'all' | 'unhealthy';

/** What is scraped and how that goes. */
export function TargetsPage() {
  const resource = useResource(listTargets, REFRESH_MS);
  const [filter, setFilter] = useState<Filter>('all');
  const [words, setWords] = useState('');
  const [isAdding, setAdding] = useState(false);
  const targets = resource.data?.activeTargets ?? [];
  const unhealthy = targets.filter(({ health }) => health !== 'up').length;
  return (
    <div class="stack">
      <PageHead
        title="Targets"
        summary={resource.data && `${targets.length - unhealthy} of ${countOf(targets.length, 'target')} up`}
      >
        <Choice
          legend="Which targets"
          options={[
            { value: 'all', text: 'All' },
            { value: 'unhealthy', text: `Unhealthy ${unhealthy}` },
          ]}
          value={filter}
          onChange={setFilter}
        />
        <input
          type="search"
          aria-label="Filter by label, address or error"
          placeholder="Filter"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <button type="button" class="primary" aria-expanded={isAdding} onClick={() => setAdding(!isAdding)}>
          Register a target
        </button>
      </PageHead>
      {isAdding && (
        <TargetForm
          onClose={() => setAdding(false)}
          onRegistered={() => {
            setAdding(false);
            setFilter('all');
            setWords('');
            resource.reload();
          }}
        />
      )}
      <Loaded resource={resource} what="targets">
        {(data) => <Pools data={data} filter={filter} words={words} onChanged={resource.reload} />}
      </Loaded>
    </div>
  );
}

function Pools(props: {
  readonly data: TargetsData;
  readonly filter: Filter;
  readonly words: string;
  readonly onChanged: () => void;
}) {
  const { data, filter, words, onChanged } = props;
  const shown = data.activeTargets.filter((target) => {
    if (filter === 'unhealthy' && target.health === 'up') return false;
    return matchesSearch(words, target.labels, target.scrapeUrl, target.lastError, target.scrapePool);
  });
  const pools = [...Map.groupBy(shown, ({ scrapePool }) => scrapePool)];
  const isDown = (targets: readonly ActiveTarget[]) => targets.some(({ health }) => health === 'down');
  pools.sort(([, a], [, b]) => Number(isDown(b)) - Number(isDown(a)));
  if (data.activeTargets.length === 0) {
    return (
      <Empty title="Nothing is scraped yet">
        <p>
          Add a <code>scrape_configs</code> entry to prometheus.yml, or register a target with the button above.
        </p>
      </Empty>
    );
  }
  if (pools.length === 0) {
    return (
      <Empty title={words === '' ? 'All targets are up' : 'No target matches the filter'}>
        <p>Choose “All” and empty the filter to see every target.</p>
      </Empty>
    );
  }
  return (
    <>
      {pools.map(([pool, targets]) => (
        <Pool key={pool} pool={pool} targets={targets} onChanged={onChanged} />
      ))}
      {data.droppedTargets.length > 0 && (
        <p class="quiet">{countOf(data.droppedTargets.length, 'discovered target')} dropped by relabelling.</p>
      )}
    </>
  );
}

function Pool(props: {
  readonly pool: string;
  readonly targets: readonly ActiveTarget[];
  readonly onChanged: () => void;
}) {
  const { pool, targets, onChanged } = props;
  const up = targets.filter(({ health }) => health === 'up').length;
  const sorted = targets.toSorted((a, b) => ORDER.indexOf(a.health) - ORDER.indexOf(b.health));
  return (
    <details class="group pool" open>
      <summary>
        <h2>{pool}</h2>
        <Badge tone={up === targets.length ? 'good' : 'bad'}>
          {up} / {targets.length} up
        </Badge>
      </summary>
      <Table
        caption={`Targets of ${pool}`}
        columns={['Endpoint', 'Labels', 'Last scrape', 'Took', 'Every', 'Health', '']}
      >
        {sorted.map((target) => (
          <TargetRow
            key={`${target.scrapeUrl} ${JSON.stringify(target.labels)}`}
            target={target}
            onChanged={onChanged}
          />
        ))}
      </Table>
    </details>
  );
}

function TargetRow({ target, onChanged }: { readonly target: ActiveTarget; readonly onChanged: () => void }) {
  const removal = useAction();
  const id = target.discoveredLabels.__meta_registry_id;
  const remove = useCallback(async () => {
    if (await removal.run((signal) => deleteTarget(id, signal))) onChanged();
  }, [removal.run, id, onChanged]);
  return (
    <tr>
      <td class="wrap">
        <code>{target.scrapeUrl}</code>
        {target.lastError !== '' && <p class="problem">{target.lastError}</p>}
        {removal.error !== undefined && <Failure error={removal.error} />}
      </td>
      <td>
        <Labels labels={target.labels} />
      </td>
      <td>
        <Ago timeMs={parseWireTime(target.lastScrape)} />
      </td>
      <td>{formatSeconds(target.lastScrapeDuration)}</td>
      <td>{target.scrapeInterval}</td>
      <td>
        <Badge tone={TONES[target.health]}>{target.health}</Badge>
      </td>
      <td>
        {id !== undefined && (
          <ConfirmButton
            label="Delete"
            description={`Delete target ${target.scrapeUrl}`}
            disabled={removal.isRunning}
            onConfirm={remove}
          />
        )}
      </td>
    </tr>
  );
}
