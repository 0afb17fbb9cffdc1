import { connection } from '../broker/connection.ts';
import type { Deck } from '../deck/deck.ts';
import { SPEEDS, speedLabel } from '../deck/pacer.ts';
import { MomentField } from '../parts/moment-field.tsx';
import { Time } from '../parts/time.tsx';
import { formatDuration } from '../time/duration.ts';
import { NS_PER_MINUTE } from '../time/nanoseconds.ts';
import type { TapeSpan } from '../timeline/tape-span.ts';

interface TransportProps {
  readonly deck: Deck;
  readonly span: TapeSpan;
  readonly seek: (toNs: bigint) => void;
}

/** The keys of the tape deck: where the playhead is, and how it moves. */
export function Transport({ deck, span, seek }: TransportProps) {
  const motion = deck.motion.value;
  const isMoving = motion !== 'stopped';
  return (
    <section class="transport" aria-label="Playing">
      <div class="button-row">
        <button type="button" title="To the first message" onClick={() => seek(span.firstNs)}>
          <Icon path="M3 3h2v10H3zM14 3v10L6 8z" />
          <span class="label">Earliest</span>
        </button>
        <button
          type="button"
          onClick={() => seek(connection.nowNs() - 5n * NS_PER_MINUTE)}
          title="Five minutes before now"
        >
          5 min ago
        </button>
        <button type="button" class="play" onClick={() => (isMoving ? deck.pause() : deck.play())}>
          <Icon path={isMoving ? 'M3 2h4v12H3zM9 2h4v12H9z' : 'M4 2l10 6l-10 6z'} />
          <span>{isMoving ? 'Pause' : 'Play'}</span>
        </button>
        <button
          type="button"
          title="To the tail, and wait there for what comes"
          aria-pressed={motion === 'following'}
          onClick={() => deck.followTail(span.endNs)}
        >
          <Icon path="M2 3l8 5l-8 5zM11 3h2v10h-2z" />
          <span class="label">Tail</span>
        </button>
      </div>
      <fieldset class="segments">
        <legend class="sr-only">Speed</legend>
        {SPEEDS.map((speed) => (
          <label key={speed}>
            <input
              type="radio"
              name="speed"
              checked={deck.speed.value === speed}
              onChange={() => deck.setSpeed(speed)}
            />
            <span>{speedLabel(speed)}</span>
          </label>
        ))}
      </fieldset>
      <MomentField playheadNs={deck.playheadNs} span={span} seek={seek} />
      <MotionText deck={deck} />
    </section>
  );
}

function MotionText({ deck }: { readonly deck: Deck }) {
  const silentUntilNs = deck.silentUntilNs.value;
  const { closed } = deck.status.value;
  if (silentUntilNs !== undefined) {
    return (
      <p class="motion">
        Silence for {formatDuration(silentUntilNs - deck.playheadNs.value)}{' '}
        <button type="button" onClick={() => deck.skipSilence()}>
          Skip it
        </button>
      </p>
    );
  }
  return (
    <p class={`motion motion-${deck.motion.value}`} role="status">
      {motionText(deck)}
      {deck.motion.value === 'stopped' && closed !== null && deck.status.value.isAtTail && (
        <span class="dim">
          Closed at <Time ns={BigInt(closed.timestamp_ns)} />
          {closed.reason !== '' && `: ${closed.reason}`}
        </span>
      )}
    </p>
  );
}

function motionText(deck: Deck): string {
  switch (deck.motion.value) {
    case 'stopped':
      return '';
    case 'playing':
      return `Playing at ${deck.speed.value === 'max' ? 'full speed' : speedLabel(deck.speed.value)}`;
    case 'following':
      return 'Following the tail';
  }
}

function Icon({ path }: { readonly path: string }) {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
