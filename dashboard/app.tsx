import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { AlertsPage } from './alerts/alerts-page.tsx';
import { RulesPage } from './alerts/rules-page.tsx';
import { Choice } from './components/parts.tsx';
import { Empty } from './components/states.tsx';
import { NotificationsPage } from './notifications-page.tsx';
import { QueryPage } from './query/query-page.tsx';
import { place } from './router.ts';
import { isLive, theme, zone } from './settings.ts';
import { SilencesPage } from './silences/silences-page.tsx';
import { StatusPage } from './status-page.tsx';
import { TargetsPage } from './targets/targets-page.tsx';

interface Page {
  readonly path: string;
  /** Other addresses of the page, as Prometheus and Alertmanager have them. */
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly component: ComponentType;
}

const PAGES: readonly Page[] = [
  { path: '/query', aliases: ['/', '/graph', '/index.html'], title: 'Query', component: QueryPage },
  { path: '/alerts', title: 'Alerts', component: AlertsPage },
  { path: '/silences', title: 'Silences', component: SilencesPage },
  { path: '/targets', title: 'Targets', component: TargetsPage },
  { path: '/rules', title: 'Rules', component: RulesPage },
  { path: '/notifications', title: 'Notifications', component: NotificationsPage },
  { path: '/status', aliases: ['/config', '/flags', '/tsdb-status'], title: 'Status', component: StatusPage },
];

/** The dashboard: its head with the pages, and the page that the address names. */
export function App() {
  const path = place.value.path.replace(/(?<=.)\/+$/, '');
  const page = PAGES.find((candidate) => candidate.path === path || candidate.aliases?.includes(path));
  useEffect(() => {
    document.title = `${page?.title ?? 'Not found'} · Emberwatch`;
  }, [page]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="/query">
          <Mark />
          Emberwatch
        </a>
        <nav aria-label="Pages">
          {PAGES.map(({ path: to, title }) => (
            <a key={to} href={to} aria-current={page?.path === to ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <Settings />
      </header>
      <main id="main" tabIndex={-1}>
        {page === undefined ? <NotFound path={path} /> : <page.component key={page.path} />}
      </main>
    </>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#c2410c" />
      <path
        d="M6 21l6-8 5 5 9-11"
        fill="none"
        stroke="#fff"
        stroke-width="3.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

function Settings() {
  return (
    <div class="settings">
      <Choice
        legend="Refresh"
        options={[
          { value: 'on', text: 'Live' },
          { value: 'off', text: 'Paused' },
        ]}
        value={isLive.value ? 'on' : 'off'}
        onChange={(value) => {
          isLive.value = value === 'on';
        }}
      />
      <Choice
        legend="Time zone"
        options={[
          { value: 'local', text: 'Local' },
          { value: 'utc', text: 'UTC' },
        ]}
        value={zone.value}
        onChange={(value) => {
          zone.value = value;
        }}
      />
      <Choice
        legend="Colours"
        options={[
          { value: 'auto', text: 'Auto' },
          { value: 'light', text: 'Light' },
          { value: 'dark', text: 'Dark' },
        ]}
        value={theme.value}
        onChange={(value) => {
          theme.value = value;
        }}
      />
    </div>
  );
}

function NotFound({ path }: { readonly path: string }) {
  return (
    <Empty title={`There is no page ${path}`}>
      <p>
        Go to <a href="/query">Query</a>, or to any page named above.
      </p>
    </Empty>
  );
}
