import { useState } from 'preact/hooks';
import { textOf } from '../broker/errors.ts';
import { getDeadLetters, redrive } from '../broker/subscriptions-api.ts';
import type { DeadLetter, DeadLetterPage, Subscription } from '../broker/types.ts';
import { usePoll } from '../broker/use-poll.ts';
import { counted } from '../format/numbers.ts';
import { isEmpty, messageOf, previewOf } from '../message/message.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { ErrorText, tell } from '../parts/notice.tsx';
import { Time } from '../parts/time.tsx';
import { topicHref } from '../route.ts';

const REFRESH_MS = 3000;

interface DeadLettersProps {
  readonly subscription: Subscription;
}

/** What was delivered too often: why, and a way back. */
export function DeadLetters({ subscription }: DeadLettersProps) {
  const { topic, subscription: name } = subscription;
  const [page, setPage] = useState<DeadLetterPage | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [asked, setAsked] = useState<number | 'all' | undefined>(undefined);
  const [redriven, setRedriven] = useState(0);
  usePoll(
    async (signal) => {
      try {
        setPage(await getDeadLetters(topic, name, signal));
        setError(undefined);
      } catch (thrown) {
        if (!signal.aborted) setError(textOf(thrown));
        throw thrown;
      }
    },
    REFRESH_MS,
    [topic, name, redriven, subscription.dead_lettered_count],
  );
  const letters = page?.dead_letters ?? [];
  return (
    <section class="dead-letters" aria-label="Dead letters">
      <header class="section-header">
        <h2>Dead letters</h2>
        {page !== undefined && letters.length > 0 && (
          <>
            <a class="mono" href={topicHref(page.dead_letter_topic)}>
              {page.dead_letter_topic}
            </a>
            <button type="button" onClick={() => setAsked('all')}>
              Redrive all…
            </button>
          </>
        )}
      </header>
      <ErrorText error={error} />
      {page !== undefined && letters.length === 0 && <p class="dim">None: nothing was given up.</p>}
      {letters.length > 0 && <LetterTable letters={letters} redriveUpTo={setAsked} />}
      {page !== undefined && !page.is_caught_up && (
        <p class="dim">The oldest {letters.length}; more follow when these are redriven.</p>
      )}
      {asked !== undefined && (
        <RedriveDialog
          subscription={subscription}
          count={asked}
          onClose={() => setAsked(undefined)}
          onDone={() => setRedriven(redriven + 1)}
        />
      )}
    </section>
  );
}

interface LetterTableProps {
  readonly letters: readonly DeadLetter[];
  /** Redrives so many, the oldest first. */
  readonly redriveUpTo: (count: number) => void;
}

function LetterTable({ letters, redriveUpTo }: LetterTableProps) {
  return (
    <div class="table-scroller" tabIndex={0} role="region" aria-label="Dead letters, oldest first">
      <table>
        <thead>
          <tr>
            <th scope="col">Given up</th>
            <th scope="col">Reason</th>
            <th scope="col" class="number">
              Attempts
            </th>
            <th scope="col">Message</th>
            <th scope="col">
              <span class="sr-only">Redrive</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {letters.map((letter, index) => (
            <LetterRow
              key={letter.message.timestamp_ns}
              letter={letter}
              label={index === 0 ? 'Redrive' : `Redrive up to here`}
              onRedrive={() => redriveUpTo(index + 1)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LetterRowProps {
  readonly letter: DeadLetter;
  readonly label: string;
  readonly onRedrive: () => void;
}

function LetterRow({ letter, label, onRedrive }: LetterRowProps) {
  const message = messageOf(letter.message);
  return (
    <tr>
      <td>
        <Time ns={message.timestampNs} />
      </td>
      <td>{letter.reason}</td>
      <td class="number">{letter.attempts}</td>
      <td class="mono letter-value">
        {!isEmpty(message.key) && <b>{previewOf(message.key, 40)} </b>}
        {previewOf(message.value)}
      </td>
      <td>
        <button type="button" onClick={onRedrive}>
          {label}
        </button>
      </td>
    </tr>
  );
}

interface RedriveDialogProps {
  readonly subscription: Subscription;
  readonly count: number | 'all';
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function RedriveDialog({ subscription, count, onClose, onDone }: RedriveDialogProps) {
  const { topic, subscription: name } = subscription;
  const what = count === 'all' ? 'All dead letters' : `The oldest ${counted(count, 'dead letter')}`;
  const verb = count === 1 ? 'is' : 'are';
  return (
    <ConfirmDialog
      title="Redrive"
      label={count === 'all' ? 'Redrive all' : `Redrive ${count}`}
      isDanger={false}
      onClose={onClose}
      onConfirm={async () => {
        const { message_count: published } = await redrive(
          topic,
          name,
          count === 'all' ? undefined : count,
        );
        tell(`${counted(published, 'dead letter')} published again`);
        onDone();
      }}
    >
      <p>
        {what} {verb} published to <b class="mono">{topic}</b> again, at its tail, and leave{' '}
        {count === 1 ? 'its' : 'their'} topic.
      </p>
    </ConfirmDialog>
  );
}
