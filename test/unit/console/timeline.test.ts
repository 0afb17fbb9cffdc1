import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../clients/console/src/deck/pacer.ts';
import { parseRoute, subscriptionHref, topicHref } from '../../../clients/console/src/route.ts';
import {
  barsPath,
  bucketAt,
  bucketBegin,
  histogramOf,
} from '../../../clients/console/src/timeline/histogram.ts';
import { keyEffect } from '../../../clients/console/src/timeline/timeline-keys.ts';
import { replaced } from '../../../clients/console/src/topics/topic-order.ts';

const histogram = histogramOf({
  from_timestamp_ns: '100',
  until_timestamp_ns: '110',
  message_counts: [1, 0, 5],
  byte_counts: [1, 0, 5],
});

describe('a histogram', () => {
  it('has the buckets of the broker', () => {
    expect([0, 1, 2, 3].map((index) => bucketBegin(histogram, index))).toEqual([
      100n,
      103n,
      106n,
      110n,
    ]);
    expect(
      [99n, 100n, 102n, 103n, 105n, 106n, 109n, 110n].map((ns) => bucketAt(histogram, ns)),
    ).toEqual([undefined, 0, 0, 1, 1, 2, 2, undefined]);
  });

  it('is bars of what is shown, and a single message is seen', () => {
    const view = { fromNs: 100n, untilNs: 110n };
    const path = barsPath(histogram, view, { width: 100, height: 50 });
    expect(path).toBe('M0.00 50v-10.00h29.00V50zM60.00 50v-50.00h39.00V50z');
    const elsewhere = { fromNs: 200n, untilNs: 210n };
    expect(barsPath(histogram, elsewhere, { width: 100, height: 50 })).toBe('');
  });
});

describe('keys of the timeline', () => {
  const context = {
    range: { fromNs: 0n, untilNs: 1000n },
    playheadNs: 500n,
    firstNs: 20n,
    endNs: 900n,
    buckets: 100,
    isShift: false,
  };

  it.each([
    ['ArrowLeft', 490n],
    ['ArrowRight', 510n],
    ['PageUp', 600n],
    ['PageDown', 400n],
    ['Home', 20n],
    ['End', 900n],
  ])('%s', (key, playheadNs) => {
    expect(keyEffect(key, context)?.playheadNs).toBe(playheadNs);
  });

  it('move by a nanosecond with shift', () => {
    expect(keyEffect('ArrowRight', { ...context, isShift: true })?.playheadNs).toBe(501n);
  });

  it('zoom around the playhead', () => {
    expect(keyEffect('+', context)?.range).toEqual({ fromNs: 250n, untilNs: 750n });
    expect(keyEffect('0', context)?.range).toBe('all');
    expect(keyEffect('a', context)).toBeUndefined();
  });
});

describe('an address', () => {
  it('names the topic and the moment', () => {
    const view = { atNs: 1_763_719_200_000_000_001n, fromNs: 1n, untilNs: 9n };
    const href = topicHref('orders/eu', view);
    expect(href).toBe('#/topics/orders%2Feu?at=1763719200000000001&from=1&until=9');
    expect(parseRoute(href)).toEqual({ page: 'topic', topic: 'orders/eu', view });
    expect(parseRoute(subscriptionHref('a/b', 'c'))).toEqual({
      page: 'subscription',
      topic: 'a/b',
      subscription: 'c',
    });
  });

  it.each([
    ['', 'topics'],
    ['#/', 'topics'],
    ['#/overview', 'overview'],
    ['#/subscriptions', 'subscriptions'],
    ['#/nowhere', 'unknown'],
  ])('%s', (hash, page) => {
    expect(parseRoute(hash).page).toBe(page);
  });

  it('leaves aside what is no range', () => {
    expect(parseRoute('#/topics/t?at=x&from=9&until=1')).toMatchObject({
      view: { atNs: undefined, fromNs: undefined, untilNs: undefined },
    });
  });
});

describe('the pacer', () => {
  it('moves with the clock, at its speed', () => {
    const pacer = new Pacer(1000n, 0, 10);
    expect(pacer.position(5)).toBe(1000n + 50_000_000n);
    pacer.restart(7n, 5, 1);
    expect(pacer.position(6)).toBe(7n + 1_000_000n);
    pacer.restart(7n, 6, 'max');
    expect(pacer.position(9)).toBeUndefined();
  });
});

describe('a page of the list of topics', () => {
  const names = (...all: string[]) => all.map((topic) => ({ topic }));

  it('takes the place of what was there, also of what is gone', () => {
    const known = names('a', 'b', 'c', 'd', 'e');
    expect(replaced(known, names('b', 'bb'), 'a', 'c')).toEqual(names('a', 'b', 'bb', 'd', 'e'));
    expect(replaced(known, names('d'), 'b', undefined)).toEqual(names('a', 'b', 'd'));
  });
});
