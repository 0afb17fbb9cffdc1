import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { AwayBanner } from './broker/away-banner.tsx';
import { connection } from './broker/connection.ts';
import { OverviewPage } from './overview/overview-page.tsx';
import { Empty, NoticeArea } from './parts/notice.tsx';
import type { Route } from './route.ts';
import { parseRoute } from './route.ts';
import { SubscriptionPage } from './subscriptions/subscription-page.tsx';
import { SubscriptionsPage } from './subscriptions/subscriptions-page.tsx';
import { TopicPage } from './topic/topic-page.tsx';
import { TopicsPage } from './topics/topics-page.tsx';

const route = signal(parseRoute(location.hash));

addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
});

/** The console: what is the same on each page, and the page that the address names. */
export function App() {
  const current = route.value;
  useEffect(() => {
    document.title = titleOf(current);
  }, [current]);
  return (
    <>
      <AppHeader route={current} />
      <AwayBanner />
      <Page route={current} />
      <NoticeArea />
    </>
  );
}

const LINKS: readonly {
  readonly href: string;
  readonly label: string;
  readonly pages: readonly Route['page'][];
}[] = [
  { href: '#/topics', label: 'Topics', pages: ['topics', 'topic'] },
  { href: '#/subscriptions', label: 'Subscriptions', pages: ['subscriptions', 'subscription'] },
  { href: '#/overview', label: 'Overview', pages: ['overview'] },
];

function AppHeader({ route: { page } }: { readonly route: Route }) {
  const isAway = connection.isAway.value;
  return (
    <header class="app-header">
      <a class="skip-link" href={location.hash} onClick={skipToPage}>
        To the content
      </a>
      <a class="brand" href="#/topics">
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <path class="brand-tape" d="M1 10h18M1 7v6M5.5 8v4M14.5 8v4M19 7v6" />
          <path class="brand-head" d="M6 1h8v5l-4 4l-4 -4zM9.5 9h1v10h-1z" />
        </svg>
        playhead
      </a>
      <nav aria-label="Console">
        {LINKS.map(({ href, label, pages }) => (
          <a
            key={href}
            href={href}
            {...(pages.includes(page) && { 'aria-current': 'page' as const })}
          >
            {label}
          </a>
        ))}
      </nav>
      <span class={isAway ? 'lamp is-away' : 'lamp'} title={isAway ? 'away' : 'connected'}>
        <span class="sr-only">{isAway ? 'The broker is away' : 'Connected to the broker'}</span>
      </span>
    </header>
  );
}

function Page({ route: current }: { readonly route: Route }) {
  switch (current.page) {
    case 'topics':
      return <TopicsPage />;
    case 'topic':
      return <TopicPage key={current.topic} name={current.topic} view={current.view} />;
    case 'subscriptions':
      return <SubscriptionsPage />;
    case 'subscription':
      return (
        <SubscriptionPage
          key={`${current.topic} ${current.subscription}`}
          topic={current.topic}
          name={current.subscription}
        />
      );
    case 'overview':
      return <OverviewPage />;
    case 'unknown':
      return (
        <main class="page">
          <Empty>
            <h1>There is no such page</h1>
            <p>
              <a href="#/topics">All topics</a>
            </p>
          </Empty>
        </main>
      );
  }
}

/** The address belongs to the page and its playhead: the link moves the focus alone. */
function skipToPage(event: Event): void {
  event.preventDefault();
  const first = document.querySelector<HTMLElement>('main a, main button, main input');
  first?.focus();
}

function titleOf(current: Route): string {
  switch (current.page) {
    case 'topic':
      return `${current.topic} · playhead`;
    case 'subscription':
      return `${current.subscription} of ${current.topic} · playhead`;
    case 'topics':
      return 'Topics · playhead';
    case 'subscriptions':
      return 'Subscriptions · playhead';
    case 'overview':
      return 'Overview · playhead';
    case 'unknown':
      return 'playhead';
  }
}
