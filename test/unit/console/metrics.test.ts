import { describe, expect, it } from 'vitest';
import { History } from '../../../clients/console/src/metrics/history.ts';
import { parsePrometheus } from '../../../clients/console/src/metrics/prometheus.ts';
import { sampleBetween } from '../../../clients/console/src/metrics/sample.ts';
import { quantileOf, Scrape } from '../../../clients/console/src/metrics/scrape.ts';

const scrape = (text: string) => new Scrape(parsePrometheus(text));

describe('Prometheus text', () => {
  it('is parsed with labels, escapes and infinity', () => {
    const series = parsePrometheus(
      '# HELP a what\n# TYPE a counter\na 1\nb{x="1,\\"2\\"",y="a\\nb"} 2.5e3\nc_bucket{le="+Inf"} +Inf\nnonsense\n',
    );
    expect(series).toEqual([
      { name: 'a', labels: {}, value: 1 },
      { name: 'b', labels: { x: '1,"2"', y: 'a\nb' }, value: 2500 },
      { name: 'c_bucket', labels: { le: '+Inf' }, value: Infinity },
    ]);
  });
});

describe('a quantile', () => {
  it('lies between two bounds as on a straight line', () => {
    const buckets = [
      [1, 50],
      [2, 100],
      [Infinity, 100],
    ] as const;
    expect(quantileOf(buckets, 0.5)).toBe(1);
    expect(quantileOf(buckets, 0.75)).toBe(1.5);
    expect(quantileOf(buckets, 0.25)).toBe(0.5);
  });

  it('is the last bound of what is beyond it, and null of nothing', () => {
    expect(
      quantileOf(
        [
          [1, 0],
          [Infinity, 5],
        ],
        0.5,
      ),
    ).toBe(1);
    expect(
      quantileOf(
        [
          [1, 0],
          [Infinity, 0],
        ],
        0.5,
      ),
    ).toBeNull();
    expect(quantileOf([], 0.5)).toBeNull();
  });
});

describe('a sample', () => {
  const before = scrape(
    'playhead_messages_in_total 10\nplayhead_fsync_duration_seconds_bucket{le="0.01"} 5\nplayhead_fsync_duration_seconds_bucket{le="+Inf"} 5\n',
  );
  const after = scrape(
    'playhead_messages_in_total 30\nplayhead_open_streams{kind="a"} 1\nplayhead_open_streams{kind="b"} 2\nplayhead_fsync_duration_seconds_bucket{le="0.01"} 15\nplayhead_fsync_duration_seconds_bucket{le="+Inf"} 15\n',
  );
  const interval = { timeMs: 5, seconds: 2 };

  it('is what happened between two scrapes, and null where nothing is told', () => {
    const sample = sampleBetween(before, after, interval);
    expect(sample).toMatchObject({ messagesIn: 10, fsyncP50: 0.005, streams: 3, memory: null });
  });

  it('counts from zero after the broker began anew', () => {
    expect(sampleBetween(after, before, interval)).toMatchObject({
      messagesIn: 5,
      fsyncP50: 0.005,
    });
  });
});

describe('the history', () => {
  const sample = (timeMs: number) => sampleBetween(scrape(''), scrape(''), { timeMs, seconds: 1 });

  it('is an hour long, and comes back after the page was loaded again', () => {
    const history = new History();
    for (const timeMs of [0, 1000, 3_600_500]) history.add(sample(timeMs));
    expect(history.samples.map(({ timeMs }) => timeMs)).toEqual([1000, 3_600_500]);
    const restored = new History();
    restored.restore(history.serialize(), 3_600_600);
    expect(restored.samples).toEqual(history.samples);
    restored.restore('nonsense', 0);
    expect(restored.samples).toEqual([]);
  });
});
