import { useEffect, useState } from 'preact/hooks';
import { getHistogram } from '../broker/topics-api.ts';
import type { TimeRange } from '../time/time-range.ts';
import type { Histogram } from './histogram.ts';
import { histogramOf } from './histogram.ts';

/** A zoom or a drag passes over many ranges: only where it rests for so long is asked for. */
const REST_MS = 70;

/**
 * The histogram of what is shown; the one before until it has come. `version` changes when the tape has. A topic
 * that is gone, or a broker that does not answer, leaves what there is: others tell.
 */
export function useHistogram(
  topic: string,
  range: TimeRange,
  buckets: number,
  version: string,
): Histogram | undefined {
  const [histogram, setHistogram] = useState<Histogram | undefined>(undefined);
  const isFirst = histogram === undefined;
  useEffect(() => {
    if (buckets === 0) return;
    const aborter = new AbortController();
    const ask = () => {
      const query = { from: range.fromNs, until: range.untilNs, buckets };
      getHistogram(topic, query, aborter.signal).then(
        (answer) => setHistogram(histogramOf(answer)),
        () => {},
      );
    };
    const timer = setTimeout(ask, isFirst ? 0 : REST_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [topic, `${range.fromNs}-${range.untilNs}`, buckets, version]);
  return histogram;
}
