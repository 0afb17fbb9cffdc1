import type { ReadonlySignal } from '@preact/signals';
import { useId, useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import { formatTimePlain } from '../time/nanoseconds.ts';
import { parseMoment } from '../time/parse-moment.ts';
import type { TapeSpan } from '../timeline/tape-span.ts';

interface MomentFieldProps {
  readonly playheadNs: ReadonlySignal<bigint>;
  readonly span: TapeSpan;
  readonly seek: (toNs: bigint) => void;
}

/** The playhead as text; another moment can be typed. */
export function MomentField({ playheadNs, span, seek }: MomentFieldProps) {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const [isWrong, setWrong] = useState(false);
  const hintId = useId();
  const forget = () => {
    setTyped(undefined);
    setWrong(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed === undefined) return;
    const nowNs = connection.nowNs();
    const context = { nowNs, earliestNs: span.firstNs, latestNs: span.endNs };
    const momentNs = parseMoment(typed, context);
    setWrong(momentNs === undefined);
    if (momentNs === undefined) return;
    setTyped(undefined);
    seek(momentNs);
  };
  return (
    <form class="moment" onSubmit={submit}>
      <input
        type="text"
        class="mono moment-input"
        aria-label="Playhead, in UTC"
        aria-invalid={isWrong}
        aria-describedby={hintId}
        autoComplete="off"
        spellcheck={false}
        value={typed ?? formatTimePlain(playheadNs.value)}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => {
          setWrong(false);
          setTyped(event.currentTarget.value);
        }}
        onBlur={() => {
          if (!isWrong) setTyped(undefined);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') forget();
        }}
      />
      <span class={isWrong ? 'hint error' : 'sr-only'} id={hintId}>
        A time such as 2026-11-21 18:00:00.5, 18:00, 5 min ago, now, or nanoseconds since 1970
      </span>
    </form>
  );
}
