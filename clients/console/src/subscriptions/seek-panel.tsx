import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import { seekSubscription } from '../broker/subscriptions-api.ts';
import { getHistogram } from '../broker/topics-api.ts';
import type { Subscription } from '../broker/types.ts';
import { counted } from '../format/numbers.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { MomentField } from '../parts/moment-field.tsx';
import { tell } from '../parts/notice.tsx';
import { Time } from '../parts/time.tsx';
import { formatTime, NS_PER_MINUTE, timestampOf } from '../time/nanoseconds.ts';
import type { TapeSpan } from '../timeline/tape-span.ts';
import { Timeline } from '../timeline/timeline.tsx';
import { useLiveTopic, useShownRange } from '../topic/topic-tape.ts';

interface SeekPanelProps {
  readonly subscription: Subscription;
  readonly onSought: (subscription: Subscription) => void;
}

/** The tape with the cursor of the subscription, and the playhead to which it can be moved. */
export function SeekPanel({ subscription, onSought }: SeekPanelProps) {
  const { span, version } = useLiveTopic(subscription.topic);
  if (span === undefined) return null;
  return (
    <SeekTimeline subscription={subscription} onSought={onSought} span={span} version={version} />
  );
}

interface SeekTimelineProps extends SeekPanelProps {
  readonly span: TapeSpan;
  readonly version: string;
}

function SeekTimeline({ subscription, onSought, span, version }: SeekTimelineProps) {
  const cursorNs = timestampOf(subscription.cursor_timestamp_ns);
  const playheadNs = useSignal(cursorNs ?? span.firstNs);
  const shown = useShownRange(span, undefined);
  const [isAsked, setAsked] = useState(false);
  const set = (toNs: bigint) => {
    playheadNs.value = toNs;
  };
  return (
    <section class="seek" aria-label="Seek">
      <h2>Seek</h2>
      <div class="transport">
        <div class="button-row">
          <button type="button" onClick={() => set(span.firstNs)}>
            Earliest
          </button>
          <button type="button" onClick={() => set(connection.nowNs() - 5n * NS_PER_MINUTE)}>
            5 min ago
          </button>
          <button type="button" onClick={() => set(span.endNs)}>
            Tail
          </button>
        </div>
        <MomentField playheadNs={playheadNs} span={span} seek={set} />
        <button type="button" class="primary" onClick={() => setAsked(true)}>
          Seek to the playhead…
        </button>
      </div>
      <Timeline
        topic={subscription.topic}
        span={span}
        range={shown.range}
        setRange={shown.set}
        playheadNs={playheadNs}
        scrub={set}
        seek={set}
        version={version}
        cursorNs={cursorNs}
      />
      {isAsked && (
        <SeekDialog
          subscription={subscription}
          toNs={playheadNs.value}
          endNs={span.endNs}
          onSought={onSought}
          onClose={() => setAsked(false)}
        />
      )}
    </section>
  );
}

interface SeekDialogProps extends SeekPanelProps {
  readonly toNs: bigint;
  readonly endNs: bigint;
  readonly onClose: () => void;
}

function SeekDialog({ subscription, toNs, endNs, onSought, onClose }: SeekDialogProps) {
  const { topic, subscription: name } = subscription;
  const again = useCountBetween(topic, toNs, endNs);
  return (
    <ConfirmDialog
      title={`Seek ${name}`}
      label="Seek"
      isDanger={false}
      onClose={onClose}
      onConfirm={async () => {
        onSought(await seekSubscription(topic, name, toNs));
        tell(`${name} is at ${formatTime(toNs)}`);
      }}
    >
      <p>
        Everything from <Time ns={toNs} /> UTC on will be delivered, also what was acknowledged:{' '}
        <b>{again}</b>. What was before will not be.
      </p>
      <p>
        {counted(subscription.in_flight_count, 'message')} that workers hold now can no longer be
        acknowledged.
      </p>
    </ConfirmDialog>
  );
}

function useCountBetween(topic: string, fromNs: bigint, untilNs: bigint): string {
  const [text, setText] = useState('…');
  useEffect(() => {
    if (fromNs >= untilNs) {
      setText('nothing of what is there now');
      return;
    }
    const aborter = new AbortController();
    getHistogram(topic, { from: fromNs, until: untilNs, buckets: 1 }, aborter.signal).then(
      ({ message_counts: [count = 0] }) => setText(counted(count, 'message')),
      () => setText('all messages'),
    );
    return () => aborter.abort();
  }, [topic, fromNs, untilNs]);
  return text;
}
