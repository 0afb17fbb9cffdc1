import { SubscriptionServiceService } from 'playhead-proto';
import type { Connection } from './connection.ts';
import { int32 } from './number.ts';
import { fromWireSubscription, type SubscriptionInfo } from './subscription-info.ts';
import type { ListOptions, ListPageOptions } from './topics.ts';

export interface ListSubscriptionsOptions extends ListOptions {
  /** Only subscriptions of topics that match. */
  readonly glob?: string | undefined;
}

export interface SubscriptionPage {
  readonly subscriptions: readonly SubscriptionInfo[];
  /** For the next page; undefined if this is the last one. */
  readonly nextPageToken: string | undefined;
}

/** The durable subscriptions of a broker. */
export class Subscriptions {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** By topic and name, fetched page by page. */
  async *list(options: ListSubscriptionsOptions = {}): AsyncGenerator<SubscriptionInfo, undefined> {
    let pageToken: string | undefined;
    do {
      const page = await this.listPage({ ...options, pageToken });
      yield* page.subscriptions;
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return undefined;
  }

  /** One page of subscriptions. */
  async listPage(options: ListPageOptions = {}): Promise<SubscriptionPage> {
    const { glob = '', pageSize = 0, pageToken = '', signal } = options;
    const { subscriptions, nextPageToken } = await this.#connection.request(
      SubscriptionServiceService.listSubscriptions,
      { glob, pageSize: int32('pageSize', pageSize) ?? 0, pageToken },
      'list subscriptions',
      signal,
    );
    return {
      subscriptions: subscriptions.map(fromWireSubscription),
      nextPageToken: nextPageToken === '' ? undefined : nextPageToken,
    };
  }
}
