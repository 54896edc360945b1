import type { ComponentChildren } from 'preact';
import { readStatus, type ServerStatus } from './api.ts';
import { PageHead, Table } from './components/parts.tsx';
import { Loaded } from './components/states.tsx';
import { queryLink } from './query/url-state.ts';
import { useResource } from './use-resource.ts';

const REFRESH_MS = 30_000;

/** What this server is, how it is set up, and where its series come from. */
export function StatusPage() {
  const resource = useResource(readStatus, REFRESH_MS);
  return (
    <div class="stack">
      <PageHead title="Status" summary={resource.data && `API of Prometheus ${resource.data.build.version}`} />
      <Loaded resource={resource} what="status">
        {(status) => <Sections status={status} />}
      </Loaded>
    </div>
  );
}

function Sections({ status }: { readonly status: ServerStatus }) {
  const { headStats, seriesCountByMetricName, labelValueCountByLabelName } = status.tsdb;
  return (
    <>
      <div class="columns">
        <Section title="Build">
          <Facts caption="Build" facts={known({ ...status.build })} />
        </Section>
        <Section title="Runtime">
          <Facts caption="Runtime" facts={known(status.runtime)} />
        </Section>
        <Section title={`Storage: ${headStats.numSeries} series in the last two hours`}>
          <Table caption="Metrics with most series" columns={['Metric', 'Series']} numbers={['Series']}>
            {seriesCountByMetricName.map(({ name, value }) => (
              <tr key={name}>
                <td>
                  <a href={queryLink(`{__name__=${JSON.stringify(name)}}`, 'table')}>
                    <code>{name}</code>
                  </a>
                </td>
                <td class="number">{value}</td>
              </tr>
            ))}
          </Table>
        </Section>
        <Section title="Labels with most values">
          <Table caption="Labels with most values" columns={['Label', 'Values']} numbers={['Values']}>
            {labelValueCountByLabelName.map(({ name, value }) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td class="number">{value}</td>
              </tr>
            ))}
          </Table>
        </Section>
      </div>
      <Section title="Flags">
        <Facts caption="Flags" facts={Object.entries(status.flags)} />
      </Section>
      <Config title="prometheus.yml" text={status.prometheusYaml} />
      <Config title="alertmanager.yml" text={status.alertmanagerYaml} />
    </>
  );
}

/** What Prometheus has fields for and this server has nothing to say of is left out. */
function known(record: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(record)
    .filter(([, value]) => value !== '' && value !== 0)
    .map(([name, value]) => [name, String(value)] as const);
}

function Section({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Facts(props: { readonly caption: string; readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <Table caption={props.caption} columns={['Name', 'Value']}>
      {props.facts.map(([name, value]) => (
        <tr key={name}>
          <td>
            <code>{name}</code>
          </td>
          <td class="wrap">{value}</td>
        </tr>
      ))}
    </Table>
  );
}

function Config({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <details class="group" open>
      <summary>
        <h2>{title}</h2>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll-text" tabIndex={0} aria-label={title}>
        <pre>{text.trim() === '' ? 'Nothing is configured.' : text}</pre>
      </section>
    </details>
  );
}
