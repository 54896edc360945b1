import { useState } from 'preact/hooks';
import { listReceivedAlerts, listRuleGroups } from '../api.ts';
import type { AlertState, ReceivedAlert } from '../api-types.ts';
import { Ago, Badge, Choice, Labels, PageHead, Table, type Tone } from '../components/parts.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { countOf, formatNumber, formatRoughDuration, parseWireTime } from '../format.ts';
import { matchesSearch, silenceLink } from '../label-text.ts';
import { queryLink } from '../query/url-state.ts';
import { useResource } from '../use-resource.ts';
import { type AlertsView, type AlertView, countStates, joinAlerts, type RuleView } from './alert-view.ts';

const REFRESH_MS = 5000;

export const STATE_TONES: Readonly<Record<AlertState, Tone>> = { firing: 'bad', pending: 'warn', inactive: 'good' };
const ORDER: readonly AlertState[] = ['firing', 'pending', 'inactive'];

async function loadAlerts(signal: AbortSignal): Promise<AlertsView> {
  const [groups, received] = await Promise.all([listRuleGroups(signal), listReceivedAlerts([], signal)]);
  return joinAlerts(groups, received);
}

type Filter = 'all' | AlertState;

/** The alerting rules with their alerts, and what is done with them. */
export function AlertsPage() {
  const resource = useResource(loadAlerts, REFRESH_MS);
  const [filter, setFilter] = useState<Filter>('all');
  const [words, setWords] = useState('');
  const rules = resource.data?.rules ?? [];
  const counts = countStates(rules);
  return (
    <div class="stack">
      <PageHead
        title="Alerts"
        summary={resource.data && `${counts.firing} firing, ${counts.pending} pending, ${counts.inactive} inactive`}
      >
        <Choice
          legend="Which rules"
          options={[
            { value: 'all', text: `All ${rules.length}` },
            { value: 'firing', text: `Firing ${counts.firing}` },
            { value: 'pending', text: `Pending ${counts.pending}` },
            { value: 'inactive', text: `Inactive ${counts.inactive}` },
          ]}
          value={filter}
          onChange={setFilter}
        />
        <input
          type="search"
          aria-label="Filter by name or label"
          placeholder="Filter"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </PageHead>
      <Loaded resource={resource} what="alerts">
        {(data) => <AlertList view={data} filter={filter} words={words} />}
      </Loaded>
    </div>
  );
}

function AlertList(props: { readonly view: AlertsView; readonly filter: Filter; readonly words: string }) {
  const { view, filter, words } = props;
  const shown = view.rules
    .filter(({ rule }) => filter === 'all' || rule.state === filter)
    .filter(({ rule, alerts }) => {
      const own = matchesSearch(words, rule.labels, rule.name, rule.query);
      return own || alerts.some(({ alert }) => matchesSearch(words, alert.labels, rule.name));
    })
    .sort((a, b) => ORDER.indexOf(a.rule.state) - ORDER.indexOf(b.rule.state));
  const others = filter === 'all' ? view.others.filter(({ labels }) => matchesSearch(words, labels)) : [];
  if (view.rules.length + view.others.length === 0) {
    return (
      <Empty title="There are no alerting rules">
        <p>
          Write rules with <code>alert:</code> into a file and name it under <code>rule_files</code> in prometheus.yml.
        </p>
      </Empty>
    );
  }
  if (shown.length + others.length === 0) {
    return (
      <Empty title={filter === 'firing' && words === '' ? 'Nothing fires' : 'No rule matches the filter'}>
        <p>Choose “All” and empty the filter to see every rule.</p>
      </Empty>
    );
  }
  return (
    <>
      {shown.map((view) => (
        <RuleCard key={`${view.file} ${view.group} ${view.rule.name} ${view.rule.query}`} view={view} />
      ))}
      {others.length > 0 && <OtherAlerts alerts={others} />}
    </>
  );
}

function RuleCard({ view }: { readonly view: RuleView }) {
  const { rule, group, alerts } = view;
  return (
    <details class={`group state-${rule.state}`} open={rule.state !== 'inactive'}>
      <summary>
        <h2>{rule.name}</h2>
        <Badge tone={STATE_TONES[rule.state]}>{rule.state}</Badge>
        {alerts.length > 0 && <span class="quiet">{countOf(alerts.length, 'alert')}</span>}
        {rule.health === 'err' && <Badge tone="bad">rule fails</Badge>}
        <span class="quiet end">{group}</span>
      </summary>
      <p class="rule-expr">
        <a href={queryLink(rule.query, 'graph')}>
          <code>{rule.query}</code>
        </a>
        {rule.duration > 0 && <span class="quiet"> for {formatRoughDuration(rule.duration * 1000)}</span>}
        {rule.keepFiringFor > 0 && (
          <span class="quiet"> keeps firing for {formatRoughDuration(rule.keepFiringFor * 1000)}</span>
        )}
      </p>
      {rule.lastError !== undefined && <p class="problem">{rule.lastError}</p>}
      {alerts.length > 0 && (
        <Table
          caption={`Alerts of ${rule.name}`}
          columns={['Labels', 'State', 'Active', 'Value', '']}
          numbers={['Value']}
        >
          {alerts.map((alert) => (
            <AlertRow key={JSON.stringify(alert.alert.labels)} view={alert} />
          ))}
        </Table>
      )}
    </details>
  );
}

function AlertRow({ view: { alert, received } }: { readonly view: AlertView }) {
  return (
    <tr>
      <td class="wrap">
        <Labels labels={alert.labels} omit={['alertname']} />
        <Annotations annotations={alert.annotations} />
      </td>
      <td>
        <Badge tone={STATE_TONES[alert.state]}>{alert.state}</Badge> <Suppression alert={received} />
      </td>
      <td>
        <Ago timeMs={parseWireTime(alert.activeAt)} />
      </td>
      <td class="number">{formatNumber(Number(alert.value))}</td>
      <td>
        <SilenceButton alert={received} labels={alert.labels} />
      </td>
    </tr>
  );
}

function Annotations({ annotations }: { readonly annotations: Readonly<Record<string, string>> }) {
  const entries = Object.entries(annotations);
  if (entries.length === 0) return null;
  return (
    <dl class="annotations">
      {entries.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {/^https?:\/\/\S+$/.test(text) ? (
              <a href={text} target="_blank" rel="noreferrer">
                {text}
              </a>
            ) : (
              text
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Why nobody is notified of an alert. */
function Suppression({ alert }: { readonly alert: ReceivedAlert | undefined }) {
  if (alert === undefined) return null;
  const { silencedBy, inhibitedBy } = alert.status;
  return (
    <>
      {silencedBy.length > 0 && (
        <a class="badge info" href={`/silences?id=${encodeURIComponent(silencedBy[0])}`}>
          silenced
        </a>
      )}{' '}
      {inhibitedBy.length > 0 && <Badge tone="info">inhibited</Badge>}
    </>
  );
}

function SilenceButton(props: {
  readonly alert: ReceivedAlert | undefined;
  readonly labels: Readonly<Record<string, string>>;
}) {
  if ((props.alert?.status.silencedBy.length ?? 0) > 0) return null;
  const { alertname, instance } = props.labels;
  return (
    <a class="button" href={silenceLink(props.labels)} aria-label={`Silence ${alertname} ${instance ?? ''}`.trim()}>
      Silence
    </a>
  );
}

/** Alerts that no rule here has: sent by others, or resolved and not yet forgotten. */
function OtherAlerts({ alerts }: { readonly alerts: readonly ReceivedAlert[] }) {
  return (
    <details class="group" open>
      <summary>
        <h2>Other alerts</h2>
        <span class="quiet">Sent to the Alertmanager API by others, or of rules that are gone</span>
      </summary>
      <Table caption="Other alerts" columns={['Alert', 'State', 'Active', '']}>
        {alerts.map((alert) => (
          <tr key={alert.fingerprint}>
            <td class="wrap">
              <Labels labels={alert.labels} />
              <Annotations annotations={alert.annotations} />
            </td>
            <td>
              <Badge tone="bad">firing</Badge> <Suppression alert={alert} />
            </td>
            <td>
              <Ago timeMs={parseWireTime(alert.startsAt)} />
            </td>
            <td>
              <SilenceButton alert={alert} labels={alert.labels} />
            </td>
          </tr>
        ))}
      </Table>
    </details>
  );
}
