import { formatAgo } from '../time/duration.ts';
import { formatTime, timeParts } from '../time/nanoseconds.ts';

/** A time with nine digits, which stand in threes to be read; copied, they are the time as RFC 3339 has it but for a space. */
export function Time({ ns }: { readonly ns: bigint }) {
  const { date, clock, fraction } = timeParts(ns);
  return (
    <time
      class="time"
      dateTime={`${formatTime(ns).slice(0, 23)}Z`}
      title={`${formatTime(ns)} · ${ns}`}
    >
      <span class="time-date">{date} </span>
      <span class="time-clock">{clock}</span>
      <span class="time-fraction">
        .<span>{fraction.slice(0, 3)}</span>
        <span>{fraction.slice(3, 6)}</span>
        <span>{fraction.slice(6)}</span>
      </span>
    </time>
  );
}

/** A time as how long it is ago, or a dash. */
export function Ago({ ns, nowNs }: { readonly ns: bigint | undefined; readonly nowNs: bigint }) {
  if (ns === undefined) return <span class="dim">–</span>;
  return (
    <time class="ago" dateTime={`${formatTime(ns).slice(0, 23)}Z`} title={formatTime(ns)}>
      {formatAgo(ns, nowNs)}
    </time>
  );
}
