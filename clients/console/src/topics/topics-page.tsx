import { useMemo, useState } from 'preact/hooks';
import { isAborted, textOf } from '../broker/errors.ts';
import { TOPICS_PER_PAGE } from '../broker/topics-api.ts';
import type { Topic } from '../broker/types.ts';
import { usePoll } from '../broker/use-poll.ts';
import { counted, formatCount } from '../format/numbers.ts';
import { Empty, ErrorText } from '../parts/notice.tsx';
import type { VirtualRows } from '../parts/use-virtual-rows.ts';
import { useVirtualRows } from '../parts/use-virtual-rows.ts';
import { CreateTopicDialog } from '../topic/create-topic-dialog.tsx';
import { topicList } from './topic-list.ts';
import { TopicRow, TopicRowHeader } from './topic-row.tsx';

const ROW_HEIGHT = 40;
/** What is seen is asked for this often, everything this often. */
const REFRESH_MS = 2000;
const RELOAD_MS = 30_000;

/** All topics: found by a part of their name, live. */
export function TopicsPage() {
  const [search, setSearch] = useState('');
  const [isCreating, setCreating] = useState(false);
  const topics = topicList.topics.value;
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return wanted === ''
      ? topics
      : topics.filter(({ topic }) => topic.toLowerCase().includes(wanted));
  }, [topics, search]);
  const rows = useVirtualRows(shown.length, ROW_HEIGHT);
  const error = useFreshTopics(shown.slice(rows.firstSeen, rows.endSeen), search);
  return (
    <main class="page page-list">
      <header class="page-header">
        <h1>Topics</h1>
        <p class="dim" role="status">
          {search === ''
            ? counted(topics.length, 'topic')
            : `${formatCount(shown.length)} of ${counted(topics.length, 'topic')}`}
        </p>
        <input
          type="search"
          class="search"
          placeholder="Search"
          aria-label="Search topics by name"
          value={search}
          onInput={(event) => {
            setSearch(event.currentTarget.value);
            rows.scrollTo(0);
          }}
        />
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          New topic
        </button>
      </header>
      <ErrorText error={error} />
      {shown.length === 0 && topicList.isComplete.value ? (
        <NoTopic search={search} />
      ) : (
        <TopicTable shown={shown} rows={rows} />
      )}
      {isCreating && <CreateTopicDialog onClose={() => setCreating(false)} />}
    </main>
  );
}

/** Keeps the list fresh: all of few topics, of many those that are seen. Answers with why it cannot. */
function useFreshTopics(seen: readonly Topic[], search: string): string | undefined {
  const [error, setError] = useState<string | undefined>(undefined);
  const count = topicList.topics.value.length;
  const isMany = count > TOPICS_PER_PAGE;
  const noting = async (work: Promise<void>) => {
    try {
      await work;
      setError(undefined);
    } catch (thrown) {
      if (!isAborted(thrown)) setError(textOf(thrown));
      throw thrown;
    }
  };
  usePoll((signal) => noting(topicList.loadAll(signal)), isMany ? RELOAD_MS : REFRESH_MS, []);
  usePoll(
    async (signal) => {
      if (isMany) await noting(topicList.refresh(seen, signal));
      await noting(topicList.refreshSubscriptions(seen, signal));
    },
    REFRESH_MS,
    [isMany, search, seen[0]?.topic, count === 0],
  );
  return error;
}

interface TopicTableProps {
  readonly shown: readonly Topic[];
  readonly rows: VirtualRows;
}

function TopicTable({ shown, rows }: TopicTableProps) {
  return (
    <div class="rows" role="table" aria-label="Topics" aria-rowcount={shown.length + 1}>
      <TopicRowHeader />
      <div class="rows-scroller" role="rowgroup" ref={rows.scroller}>
        <div
          class="rows-all"
          role="presentation"
          style={{ height: `${shown.length * ROW_HEIGHT}px` }}
        >
          {shown.slice(rows.first, rows.end).map((topic, index) => (
            <TopicRow
              key={topic.topic}
              topic={topic}
              index={rows.first + index}
              top={(rows.first + index) * ROW_HEIGHT}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function NoTopic({ search }: { readonly search: string }) {
  return (
    <Empty>
      {search === '' ? (
        <p>Nothing has been published yet. The first message to a topic makes it.</p>
      ) : (
        <p>No topic has “{search}” in its name.</p>
      )}
    </Empty>
  );
}
