import { useEffect, useState } from 'preact/hooks';
import { textOf } from '../broker/errors.ts';
import { listSubscriptions } from '../broker/subscriptions-api.ts';
import { closeTopic, deleteTopic, getHistogram, trimTopic } from '../broker/topics-api.ts';
import type { Subscription, Topic } from '../broker/types.ts';
import { counted, formatBytes } from '../format/numbers.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { Time } from '../parts/time.tsx';
import { timestampOf } from '../time/nanoseconds.ts';

interface EndingProps {
  readonly topic: Topic;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Names what a close means: nothing is lost, and nothing can be added. */
export function CloseDialog({ topic, onClose, onDone }: EndingProps) {
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      title="Close the channel"
      name={topic.topic}
      label="Close it for good"
      onClose={onClose}
      onConfirm={async () => {
        await closeTopic(topic.topic, reason);
        onDone();
      }}
    >
      <p>
        Nobody can publish to it any more, and it cannot be opened again. Its{' '}
        <b>{counted(topic.message_count, 'message')}</b> stay, and every reader gets a clean end.
      </p>
      <label class="field">
        <span>Reason, which readers are told</span>
        <input
          type="text"
          placeholder="none"
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
    </ConfirmDialog>
  );
}

/** Names what is before the playhead. */
export function TrimDialog({
  topic,
  beforeNs,
  onClose,
  onDone,
}: EndingProps & { beforeNs: bigint }) {
  const gone = useGone(topic, beforeNs);
  return (
    <ConfirmDialog
      title="Trim the tape"
      name={topic.topic}
      label="Remove these messages"
      onClose={onClose}
      onConfirm={async () => {
        await trimTopic(topic.topic, beforeNs);
        onDone();
      }}
    >
      <p>
        Everything before the playhead, at <Time ns={beforeNs} /> UTC, will be gone: <b>{gone}</b>.
        Subscriptions that have not consumed it will not get it.
      </p>
    </ConfirmDialog>
  );
}

/** Names all that goes with the topic. */
export function DeleteDialog({ topic, onClose, onDone }: EndingProps) {
  const [subscriptions, setSubscriptions] = useState<readonly Subscription[]>([]);
  useEffect(() => {
    const aborter = new AbortController();
    listSubscriptions({ glob: topic.topic }, aborter.signal).then(
      (page) => setSubscriptions(page.subscriptions),
      () => {},
    );
    return () => aborter.abort();
  }, [topic.topic]);
  return (
    <ConfirmDialog
      title="Delete the topic"
      name={topic.topic}
      label="Delete it with all of this"
      onClose={onClose}
      onConfirm={async () => {
        await deleteTopic(topic.topic);
        onDone();
      }}
    >
      <p>This will be gone, at once and for good:</p>
      <ul class="consequences">
        <li>
          <b>{counted(topic.message_count, 'message')}</b> of {formatBytes(topic.byte_count)}
        </li>
        <li>
          <b>{counted(subscriptions.length, 'subscription')}</b>
          {subscriptions.length > 0 &&
            `: ${subscriptions.map((each) => each.subscription).join(', ')}`}
        </li>
        {topic.subscriber_count > 0 && (
          <li>
            {counted(topic.subscriber_count, 'reader')} that read it now are told that it was
            deleted
          </li>
        )}
      </ul>
    </ConfirmDialog>
  );
}

/** How much is before the time, counted by the broker. */
function useGone(topic: Topic, beforeNs: bigint): string {
  const [gone, setGone] = useState('…');
  useEffect(() => {
    const firstNs = timestampOf(topic.first_timestamp_ns);
    if (firstNs === undefined || beforeNs <= firstNs) {
      setGone('no message');
      return;
    }
    const aborter = new AbortController();
    const query = { from: firstNs, until: beforeNs, buckets: 1 };
    getHistogram(topic.topic, query, aborter.signal).then(
      ({ message_counts: [messages = 0], byte_counts: [bytes = 0] }) =>
        setGone(`${counted(messages, 'message')}, ${formatBytes(bytes)}`),
      (error: unknown) => setGone(textOf(error)),
    );
    return () => aborter.abort();
  }, [topic.topic, beforeNs]);
  return gone;
}
