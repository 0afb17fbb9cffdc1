import { setFlagsFromString } from 'node:v8';

/** By how much the heap may grow, in percent of what was live after the last collection of all of it. */
const GROWING_PERCENT = 700;

/**
 * Tells V8 to let the heap grow before it collects all of it. A broker has little of its own and lets go of
 * hundreds of megabytes of buffers a second, which a collection of the young generation frees. But V8 counts them
 * towards a limit that goes by the live heap, 17 MB here, and so would collect everything at every 20 MB: half of the
 * CPU time of the broker, with four threads.
 */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
