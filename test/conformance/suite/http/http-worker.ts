import type { Fields } from '../bytes.ts';
import { DriverError } from '../driver.ts';
import type { HttpClient } from './http-client.ts';
import { problemError } from './http-client.ts';
import { fromBody, subscriptionPath } from './http-values.ts';

const PULL_WAIT_MS = 1000;
const GONE = new Set([
  'SUBSCRIPTION_DELETED',
  'TOPIC_DELETED',
  'SUBSCRIPTION_NOT_FOUND',
  'TOPIC_NOT_FOUND',
]);

/** A message that was leased. */
export class HttpDelivery {
  readonly message: Fields;
  readonly attempt: unknown;
  readonly #receipt: unknown;
  readonly #client: HttpClient;
  readonly #path: string;
  /** Told once, when it is settled or cannot be any more. */
  onSettled: () => void = () => {};

  constructor(client: HttpClient, path: string, delivery: Fields) {
    this.#client = client;
    this.#path = path;
    this.#receipt = delivery['receipt'];
    this.attempt = delivery['attempt'];
    this.message = fromBody(delivery['message']);
  }

  async settle(action: string, terms: Fields): Promise<void> {
    const timestamp_ns = this.message['timestampNs'];
    const settlement = { receipt: this.#receipt, timestamp_ns, action, ...terms };
    const { results } = await this.#client.json('POST', `${this.#path}/acknowledge`, {
      body: { settlements: [settlement] },
    });
    const [result] = results as readonly Fields[];
    if (action !== 'extend') this.onSettled();
    if (result?.['error'] !== undefined && result['error'] !== null) {
      throw problemError(result['error']);
    }
  }
}

/** What one pull has got, and whether the topic is consumed. */
export async function pull(
  client: HttpClient,
  request: Fields,
  signal?: AbortSignal,
): Promise<{ readonly deliveries: readonly HttpDelivery[]; readonly drained: unknown }> {
  const path = subscriptionPath(request);
  const { limit = 1, waitMs = 0, leaseMs } = request;
  const { deliveries, drained } = await client.json('POST', `${path}/pull`, {
    body: { max_messages: limit, wait_ms: waitMs, lease_ms: leaseMs },
    waitMs: Number(waitMs),
    signal,
  });
  const list = deliveries as readonly Fields[];
  return { deliveries: list.map((each) => new HttpDelivery(client, path, each)), drained };
}

/** A worker that pulls again and again while it has room. */
export class HttpWorker {
  readonly #client: HttpClient;
  readonly #request: Fields;
  readonly #maxInFlight: number;
  readonly #queue: HttpDelivery[] = [];
  readonly #held = new Set<HttpDelivery>();
  readonly #aborting = new AbortController();
  readonly #over: Promise<void>;
  #waiters: (() => void)[] = [];
  end: Fields | undefined;

  constructor(client: HttpClient, request: Fields) {
    this.#client = client;
    this.#request = request;
    this.#maxInFlight = Number(request['maxInFlight'] ?? 1000);
    this.#over = this.#work();
  }

  async next(count: number): Promise<readonly HttpDelivery[]> {
    while (this.#queue.length < count && this.end === undefined) await this.#change();
    return this.#queue.splice(0, count);
  }

  /** Gives back what was not settled. */
  async close(): Promise<void> {
    this.#aborting.abort();
    this.#tell();
    await this.#over;
    const held = [...this.#held];
    await Promise.allSettled(held.map((each) => each.settle('nack', { delay_ms: 0 })));
  }

  async #work(): Promise<void> {
    const { signal } = this.#aborting;
    while (!signal.aborted && this.end === undefined) {
      const limit = this.#maxInFlight - this.#held.size;
      if (limit <= 0) {
        await this.#change();
        continue;
      }
      try {
        const request = { ...this.#request, limit, waitMs: PULL_WAIT_MS };
        const { deliveries, drained } = await pull(this.#client, request, signal);
        for (const each of deliveries) this.#take(each);
        if (drained !== null && drained !== undefined) this.end = { drained };
      } catch (error) {
        if (signal.aborted) break;
        const isGone = error instanceof DriverError && GONE.has(error.reason);
        this.end = isGone
          ? { deleted: {} }
          : { failed: error instanceof DriverError ? error.fields : {} };
      }
      this.#tell();
    }
  }

  #take(delivery: HttpDelivery): void {
    this.#held.add(delivery);
    this.#queue.push(delivery);
    delivery.onSettled = () => {
      this.#held.delete(delivery);
      this.#tell();
    };
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #tell(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
