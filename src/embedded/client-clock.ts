import { type ClientClock, machineClock } from 'playhead-client/transport';
import type { Clock } from '../clock.ts';
import { SystemClock } from '../clock.ts';

const NS_PER_MS = 1e6;

/** The time of the broker's clock for the client that is in the same process: where it stands still, so does the client. */
export function clientClockOf(clock: Clock): ClientClock {
  // The system's time may jump, and durations are not to.
  if (clock instanceof SystemClock) return machineClock;
  return {
    nowMs: () => Number(clock.nowNs()) / NS_PER_MS,
    schedule: (run, delayMs) => clock.schedule(run, delayMs),
  };
}
