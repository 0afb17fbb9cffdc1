import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** What the heap may grow by before V8 collects all of it. */
const GROWTH_BYTES = 120 * 1024 * 1024;
/** V8's own idea of it, below which nothing is gained. */
const MIN_PERCENT = 40;
const INTERVAL_MS = 5000;

/**
 * Tells V8 to let the heap grow before it collects all of it. A broker has little of its own and lets go of
 * hundreds of megabytes of buffers a second, which a collection of the young generation frees. But V8 counts them
 * towards a limit that goes by the live heap, 17 MB here, and so would collect everything at every 20 MB: half of the
 * CPU time of the broker, with four threads. The growth stays the same while the live heap grows, as with many topics.
 */
export function letHeapGrow(): void {
  let set = 0;
  const adjust = () => {
    const { used_heap_size: usedBytes } = getHeapStatistics();
    const percent = Math.max(MIN_PERCENT, Math.round((100 * GROWTH_BYTES) / usedBytes));
    // The next collection goes by it. A few percent more or less change nothing.
    if (Math.abs(percent - set) < set / 10) return;
    set = percent;
    setFlagsFromString(`--heap-growing-percent=${percent}`);
  };
  adjust();
  setInterval(adjust, INTERVAL_MS).unref();
}
