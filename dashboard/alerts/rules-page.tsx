import { useState } from 'preact/hooks';
import { listRuleGroups } from '../api.ts';
import type { AlertingRule, RecordingRule, RuleGroup } from '../api-types.ts';
import { Ago, Badge, Labels, PageHead, Table, type Tone } from '../components/parts.tsx';
import { Empty, Loaded } from '../components/states.tsx';
import { countOf, formatRoughDuration, formatSeconds, parseWireTime } from '../format.ts';
import { matchesSearch } from '../label-text.ts';
import { queryLink } from '../query/url-state.ts';
import { useResource } from '../use-resource.ts';

const REFRESH_MS = 10_000;

const TONES: Readonly<Record<AlertingRule['health'], Tone>> = { ok: 'good', err: 'bad', unknown: 'warn' };

/** The rule groups as they are evaluated. */
export function RulesPage() {
  const resource = useResource(listRuleGroups, REFRESH_MS);
  const [words, setWords] = useState('');
  const rules = (resource.data ?? []).flatMap((group) => group.rules);
  const failing = rules.filter(({ health }) => health === 'err').length;
  return (
    <div class="stack">
      <PageHead title="Rules" summary={resource.data && `${countOf(rules.length, 'rule')}, ${failing} failing`}>
        <input
          type="search"
          aria-label="Filter by name, label or expression"
          placeholder="Filter"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
      </PageHead>
      <Loaded resource={resource} what="rules">
        {(groups) => <Groups groups={groups} words={words} />}
      </Loaded>
    </div>
  );
}

function Groups({ groups, words }: { readonly groups: readonly RuleGroup[]; readonly words: string }) {
  if (groups.length === 0) {
    return (
      <Empty title="There are no rules">
        <p>
          Write rule groups into a file and name it under <code>rule_files</code> in prometheus.yml.
        </p>
      </Empty>
    );
  }
  const shown = groups
    .map((group) => ({
      group,
      rules: group.rules.filter(({ name, query, labels }) => matchesSearch(words, labels, name, query, group.name)),
    }))
    .filter(({ rules }) => rules.length > 0);
  if (shown.length === 0) return <Empty title="No rule matches the filter" />;
  return (
    <>
      {shown.map(({ group, rules }) => (
        <details class="group" open key={`${group.file} ${group.name}`}>
          <summary>
            <h2>{group.name}</h2>
            <span class="quiet">every {formatRoughDuration(group.interval * 1000)}</span>
            <span class="quiet">
              evaluated <Ago timeMs={parseWireTime(group.lastEvaluation)} />, took {formatSeconds(group.evaluationTime)}
            </span>
            <span class="quiet end">{group.file}</span>
          </summary>
          <Table caption={`Rules of ${group.name}`} columns={['Rule', 'Evaluated', 'Took', 'Health']}>
            {rules.map((rule) => (
              <RuleRow key={`${rule.name} ${rule.query} ${JSON.stringify(rule.labels)}`} rule={rule} />
            ))}
          </Table>
        </details>
      ))}
    </>
  );
}

function RuleRow({ rule }: { readonly rule: AlertingRule | RecordingRule }) {
  const isAlert = rule.type === 'alerting';
  return (
    <tr>
      <td class="wrap">
        <div>
          <span class="quiet">{isAlert ? 'alert' : 'record'}</span> <b>{rule.name}</b>
        </div>
        <a href={queryLink(rule.query, 'graph')}>
          <code>{rule.query}</code>
        </a>
        {isAlert && rule.duration > 0 && <span class="quiet"> for {formatRoughDuration(rule.duration * 1000)}</span>}
        {Object.keys(rule.labels).length > 0 && (
          <div>
            <Labels labels={rule.labels} />
          </div>
        )}
        {rule.lastError !== undefined && <p class="problem">{rule.lastError}</p>}
      </td>
      <td>
        <Ago timeMs={parseWireTime(rule.lastEvaluation)} />
      </td>
      <td>{formatSeconds(rule.evaluationTime)}</td>
      <td>
        <Badge tone={TONES[rule.health]}>{rule.health}</Badge>
      </td>
    </tr>
  );
}
