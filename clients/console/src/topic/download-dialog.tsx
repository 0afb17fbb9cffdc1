import { useEffect, useRef, useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import { isAborted } from '../broker/errors.ts';
import type { Topic } from '../broker/types.ts';
import type { Deck } from '../deck/deck.ts';
import { formatBytes } from '../format/numbers.ts';
import { FormEnd } from '../parts/confirm-dialog.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useAction } from '../parts/use-action.ts';
import type { TimeRange } from '../time/time-range.ts';
import type { DownloadRange } from './download.ts';
import { downloadNdjson, fileNameOf, saveAs } from './download.ts';

interface DownloadDialogProps {
  readonly topic: Topic;
  readonly deck: Deck;
  /** What the timeline shows. */
  readonly range: TimeRange;
  readonly onClose: () => void;
}

type Part = 'playhead' | 'shown' | 'all';

const PARTS: readonly (readonly [Part, string])[] = [
  ['playhead', 'From the playhead to the tail'],
  ['shown', 'What the timeline shows'],
  ['all', 'All of the tape'],
];

/** Messages as a file, a line of JSON each. */
export function DownloadDialog({ topic, deck, range, onClose }: DownloadDialogProps) {
  const [part, setPart] = useState<Part>('playhead');
  const [bytes, setBytes] = useState<number | undefined>(undefined);
  const aborter = useRef(new AbortController());
  const { isRunning, error, run } = useAction();
  useEffect(() => () => aborter.current.abort(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    run(async () => {
      try {
        const wanted = rangeOf(part, deck, range);
        const blob = await downloadNdjson(topic.topic, wanted, aborter.current.signal, setBytes);
        saveAs(blob, fileNameOf(topic.topic));
        onClose();
      } catch (thrown) {
        if (!isAborted(thrown)) throw thrown;
      }
    });
  };
  return (
    <Dialog title="Download as NDJSON" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <fieldset class="choices">
          <legend class="sr-only">Which messages</legend>
          {PARTS.map(([each, label]) => (
            <label key={each}>
              <input
                type="radio"
                name="part"
                checked={part === each}
                onChange={() => setPart(each)}
              />{' '}
              {label}
            </label>
          ))}
        </fieldset>
        <p class="dim" role="status">
          {bytes === undefined ? 'A line of JSON for each message' : `${formatBytes(bytes)} so far`}
        </p>
        <FormEnd label="Download" error={error} isDisabled={isRunning} onClose={onClose} />
      </form>
    </Dialog>
  );
}

function rangeOf(part: Part, deck: Deck, range: TimeRange): DownloadRange {
  switch (part) {
    case 'playhead':
      return { fromNs: deck.playheadNs.peek(), untilNs: undefined };
    case 'shown':
      // What is still to come is not waited for.
      return {
        fromNs: range.fromNs,
        untilNs: range.untilNs > connection.nowNs() ? undefined : range.untilNs,
      };
    case 'all':
      return { fromNs: 'earliest', untilNs: undefined };
  }
}
