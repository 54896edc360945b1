import { useCallback, useState } from 'preact/hooks';
import { listMails, listNotifications, readMail } from './api.ts';
import type { NotificationAttempt, OutboxMail } from './api-types.ts';
import { Ago, Badge, Labels, PageHead, Table } from './components/parts.tsx';
import { Empty, Loaded } from './components/states.tsx';
import { formatBytes, parseWireTime } from './format.ts';
import { useResource } from './use-resource.ts';

const REFRESH_MS = 5000;

/** What was sent to whom, and what was not and why. */
export function NotificationsPage() {
  const log = useResource(listNotifications, REFRESH_MS);
  const mails = useResource(listMails, REFRESH_MS);
  const failed = (log.data ?? []).filter(({ ok }) => !ok).length;
  return (
    <div class="stack">
      <PageHead title="Notifications" summary={log.data && `${log.data.length} shown, ${failed} failed`} />
      <Loaded resource={log} what="notifications">
        {(attempts) => <Log attempts={attempts} />}
      </Loaded>
      <h2>Mails in the outbox</h2>
      <Loaded resource={mails} what="mails">
        {(list) => <Mails mails={list} />}
      </Loaded>
    </div>
  );
}

function Log({ attempts }: { readonly attempts: readonly NotificationAttempt[] }) {
  if (attempts.length === 0) {
    return (
      <Empty title="Nobody was notified yet">
        <p>
          When an <a href="/alerts">alert</a> fires, each try to notify a receiver is listed here with what came of it.
        </p>
      </Empty>
    );
  }
  return (
    <Table caption="Notifications" columns={['When', 'Result', 'Receiver', 'Group', 'Alerts', 'Why']}>
      {attempts.map((attempt) => (
        <tr key={`${attempt.id} ${attempt.attempt} ${attempt.time}`}>
          <td>
            <Ago timeMs={parseWireTime(attempt.time)} />
          </td>
          <td>
            <Badge tone={attempt.ok ? 'good' : 'bad'}>{attempt.ok ? 'sent' : 'failed'}</Badge>
            {attempt.attempt > 1 && <span class="quiet"> try {attempt.attempt}</span>}
          </td>
          <td>
            {attempt.receiver} <span class="quiet">{attempt.integration}</span>
          </td>
          <td>
            <Labels labels={attempt.groupLabels} />
          </td>
          <td>
            {attempt.alerts} <Badge tone={attempt.status === 'resolved' ? 'good' : 'bad'}>{attempt.status}</Badge>
          </td>
          <td class="wrap">
            {attempt.reason}
            {attempt.error !== undefined && <p class="problem">{attempt.error}</p>}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Mails({ mails }: { readonly mails: readonly OutboxMail[] }) {
  const [open, setOpen] = useState<string>();
  if (mails.length === 0) {
    return (
      <Empty title="The outbox is empty">
        <p>Where no mail server is configured, mails are kept here instead of being sent.</p>
      </Empty>
    );
  }
  return (
    <>
      <Table caption="Mails" columns={['When', 'Subject', 'To', 'Size', '']}>
        {mails.map(({ id, subject, to, date, sizeBytes }) => (
          <tr key={id}>
            <td>
              <Ago timeMs={parseWireTime(date)} />
            </td>
            <td class="wrap">{subject}</td>
            <td>{to}</td>
            <td>{formatBytes(sizeBytes)}</td>
            <td>
              <button
                type="button"
                aria-expanded={open === id}
                aria-label={`${open === id ? 'Hide' : 'Show'} mail ${subject}`}
                onClick={() => setOpen(open === id ? undefined : id)}
              >
                {open === id ? 'Hide' : 'Show'}
              </button>
            </td>
          </tr>
        ))}
      </Table>
      {open !== undefined && <Mail id={open} />}
    </>
  );
}

/** A mail as text, never as a page: what it holds came from elsewhere. */
function Mail({ id }: { readonly id: string }) {
  const load = useCallback((signal: AbortSignal) => readMail(id, signal), [id]);
  const resource = useResource(load, 0);
  return (
    <Loaded resource={resource} what="the mail">
      {(text) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section tabIndex={0} class="scroll-text" aria-label="Mail">
          <pre>{text}</pre>
        </section>
      )}
    </Loaded>
  );
}
