import { timestampOf } from './time/nanoseconds.ts';

/** What of a tape is shown: part of the address, so that a link shows the same moment. */
export interface TapeView {
  /** Where the playhead is. */
  readonly atNs: bigint | undefined;
  /** The part of the tape, if not all of it. */
  readonly fromNs: bigint | undefined;
  readonly untilNs: bigint | undefined;
}

/** A page of the console. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'topics' }
  | { readonly page: 'topic'; readonly topic: string; readonly view: TapeView }
  | { readonly page: 'subscriptions' }
  | { readonly page: 'subscription'; readonly topic: string; readonly subscription: string }
  | { readonly page: 'unknown' };

const NO_VIEW: TapeView = { atNs: undefined, fromNs: undefined, untilNs: undefined };

/** Reads `#/topics/orders%2Feu?at=1763719200000000000`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter((part) => part !== '');
  const [page, topic, subscription] = parts.map(decode);
  if (page === undefined || page === 'topics') {
    if (topic === undefined) return { page: 'topics' };
    return { page: 'topic', topic, view: parseView(query) };
  }
  if (page === 'subscriptions') {
    if (topic === undefined || subscription === undefined) return { page: 'subscriptions' };
    return { page: 'subscription', topic, subscription };
  }
  return page === 'overview' ? { page: 'overview' } : { page: 'unknown' };
}

export function topicHref(topic: string, view: TapeView = NO_VIEW): string {
  const query = Object.entries({ at: view.atNs, from: view.fromNs, until: view.untilNs })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join('&');
  return `#/topics/${encodeURIComponent(topic)}${query === '' ? '' : `?${query}`}`;
}

export function subscriptionHref(topic: string, subscription: string): string {
  return `#/subscriptions/${encodeURIComponent(topic)}/${encodeURIComponent(subscription)}`;
}

function parseView(query: string): TapeView {
  const params = new URLSearchParams(query);
  const fromNs = timestampOf(params.get('from'));
  const untilNs = timestampOf(params.get('until'));
  const isRange = fromNs !== undefined && untilNs !== undefined && fromNs < untilNs;
  return {
    atNs: timestampOf(params.get('at')),
    fromNs: isRange ? fromNs : undefined,
    untilNs: isRange ? untilNs : undefined,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
