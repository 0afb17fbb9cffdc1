import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { kill, startBroker } from '../support/killed-broker.ts';
import { Random } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROUNDS = Number(process.env['PLAYHEAD_KILLS'] ?? 4);
const ENV = { PLAYHEAD_GOPHERMQ_MAX_PENDING: '1000000' };
const PUBLISHERS = 4;
const EAGER = 8;
const PATIENCE = { timeout: 60_000, interval: 5 };

/** Asks a broker until it is gone. Undefined if it did not answer, or has nothing to acknowledge. */
class Asker {
  readonly #url: string;
  isGone = false;

  constructor(httpAddress: string) {
    this.#url = `http://${httpAddress}`;
  }

  async ask<Body>(method: string, path: string, body?: object): Promise<Body | undefined> {
    try {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      const text = await response.text();
      // On a busy machine its time to acknowledge may have run out: it comes again.
      if (method === 'DELETE' && response.status === 404) return undefined;
      expect(response.status, text).toBe(200);
      return JSON.parse(text) as Body;
    } catch (error) {
      // What fetch throws when the other end is gone; all else is a failure of the test.
      if (!(error instanceof TypeError)) throw error;
      this.isGone = true;
      return undefined;
    }
  }

  post<Body>(path: string, body: object): Promise<Body | undefined> {
    return this.ask('POST', path, body);
  }
}

/** What was sent, and what of it was accepted. */
class Sent {
  readonly accepted = new Set<string>();
  readonly all = new Set<string>();

  next(): string {
    const value = `m${this.all.size}`;
    this.all.add(value);
    return value;
  }

  /** Throws unless all that was accepted was got, and nothing else, each once. */
  check(got: readonly string[]): void {
    const distinct = new Set(got);
    expect(got.length - distinct.size, 'doubled').toBe(0);
    expect(
      [...this.accepted].filter((value) => !distinct.has(value)),
      'lost',
    ).toEqual([]);
    expect(
      [...distinct].filter((value) => !this.all.has(value)),
      'never sent',
    ).toEqual([]);
  }
}

async function publishUntilGone(
  asker: Asker,
  sent: Sent,
  publish: (value: string) => Promise<object | undefined>,
): Promise<void> {
  while (!asker.isGone) {
    const value = sent.next();
    if ((await publish(value)) !== undefined) sent.accepted.add(value);
  }
}

interface Fetched {
  readonly data: readonly string[];
  readonly token: string;
  readonly more?: boolean;
}

/** A subscriber that fetches all the time, and takes what it gets for done. */
class EagerSubscriber {
  readonly fetched: string[] = [];
  /** What the last answer before each kill had: perhaps it was not noted any more that it was sent. */
  readonly #lastAnswers = new Set<string>();
  readonly #id: string;
  #last: readonly string[] = [];

  constructor(id: string) {
    this.#id = id;
  }

  async fetchUntilGone(asker: Asker): Promise<void> {
    while (!asker.isGone) await this.fetch(asker, '?wait=1s');
    for (const value of this.#last) this.#lastAnswers.add(value);
  }

  async fetch(asker: Asker, query = ''): Promise<readonly string[]> {
    const answer = await asker.post<Fetched>(`/api/fetch${query}`, { subject: 's', id: this.#id });
    const data = answer?.data ?? [];
    if (data.length > 0) this.#last = data;
    this.fetched.push(...data);
    return data;
  }

  /** Throws unless it has all that was accepted, and nothing twice that a crash explains. */
  check(sent: Sent): void {
    sent.check([...new Set(this.fetched)]);
    const seen = new Set<string>();
    const twice = this.fetched.filter((value) => seen.size === seen.add(value).size);
    expect(twice.filter((value) => !this.#lastAnswers.has(value))).toEqual([]);
  }
}

describe('a broker that is killed under clients of gophermq', () => {
  it(`loses nothing that it accepted, and gives nothing twice that was noted as sent, over ${ROUNDS} kills`, async () => {
    const random = Random.fromEnvironment('PLAYHEAD_SEED', 20_261_123);
    await using directory = await temporaryDirectory();
    const sent = new Sent();
    let patient = '';
    let careful = '';
    const eager: EagerSubscriber[] = [];
    const acknowledged = new Set<string>();
    const fetchOf = (asker: Asker, id: string, more: object = {}) =>
      asker.post<Fetched>('/api/fetch', { subject: 's', id, ...more });

    for (let round = 0; round <= ROUNDS; round++) {
      const started = await startBroker(directory.path, ENV);
      await using broker = started.broker;
      const asker = new Asker(started.httpAddress);
      if (round === 0) {
        const subscribe = async () =>
          (await asker.post<{ id: string }>('/api/subscribe', { subject: 's' }))?.id ?? '';
        patient = await subscribe();
        careful = await subscribe();
        while (eager.length < EAGER) eager.push(new EagerSubscriber(await subscribe()));
      }
      if (round === ROUNDS) {
        for (const each of eager) {
          while ((await each.fetch(asker)).length > 0);
          each.check(sent);
        }
        const all = await fetchOf(asker, patient);
        sent.check(all?.data ?? []);
        expect((await fetchOf(asker, patient))?.data).toEqual([]);
        await expect
          .poll(
            async () => {
              const rest = await fetchOf(asker, careful, { ack: false });
              for (const value of rest?.data ?? []) acknowledged.add(value);
              await asker.post('/api/ack', { subject: 's', id: careful, token: rest?.token });
              return [...sent.accepted].filter((value) => !acknowledged.has(value)).length;
            },
            { timeout: 120_000, interval: 1 },
          )
          .toBe(0);
        await kill(broker);
        break;
      }
      const publishing = Array.from({ length: PUBLISHERS }, () =>
        publishUntilGone(asker, sent, (data) => asker.post('/api/publish', { subject: 's', data })),
      );
      const acknowledging = async () => {
        while (!asker.isGone) {
          const answer = await fetchOf(asker, careful, { ack: false });
          if (answer === undefined) continue;
          // Without an answer it is acknowledged or not.
          for (const value of answer.data) acknowledged.add(value);
          await asker.post('/api/ack', { subject: 's', id: careful, token: answer.token });
        }
      };
      const fetching = eager.map((each) => each.fetchUntilGone(asker));
      const working = [...publishing, ...fetching, acknowledging()];
      // The first request loads the API.
      const wanted = sent.accepted.size + 20;
      await expect.poll(() => sent.accepted.size, PATIENCE).toBeGreaterThan(wanted);
      await sleep(random.below(200));
      await kill(broker);
      await Promise.all(working);
    }
    expect(sent.accepted.size).toBeGreaterThan(ROUNDS * 10);
  });
});

describe('a broker that is killed under clients of blockqueue', () => {
  it(`keeps every message and every acknowledgement, over ${ROUNDS} kills`, async () => {
    const random = Random.fromEnvironment('PLAYHEAD_SEED', 20_261_124);
    await using directory = await temporaryDirectory();
    const sent = new Sent();
    const acknowledged = new Map<string, string>();
    const path = '/topics/cart/subscribers/counter';
    const option = { max_attempts: 1000, visibility_duration: '1s' };

    const workOnce = async (asker: Asker, timeout: string): Promise<number> => {
      interface Answer {
        readonly data?: readonly { readonly id: string; readonly message: string }[];
      }
      const answer = await asker.ask<Answer>('GET', `${path}?timeout=${timeout}`);
      for (const { id, message } of answer?.data ?? []) {
        expect(acknowledged.get(id), 'acknowledged before').toBeUndefined();
        const done = await asker.ask('DELETE', `${path}/messages/${id}`);
        // Without an answer it may come again or not.
        if (done !== undefined) acknowledged.set(id, message);
        if (asker.isGone) break;
      }
      return answer?.data?.length ?? 0;
    };

    for (let round = 0; round <= ROUNDS; round++) {
      const started = await startBroker(directory.path, ENV);
      await using broker = started.broker;
      const asker = new Asker(started.httpAddress);
      if (round === 0) {
        await asker.post('/topics', { name: 'cart', subscribers: [{ name: 'counter', option }] });
      }
      if (round === ROUNDS) {
        await expect
          .poll(
            async () => {
              await workOnce(asker, '50ms');
              const { data = [] } =
                (await asker.ask<{ data?: Record<string, number>[] }>(
                  'GET',
                  '/topics/cart/subscribers',
                )) ?? {};
              return data[0];
            },
            { timeout: 120_000, interval: 1 },
          )
          .toMatchObject({ unpublished_message: 0, unacked_message: 0 });
        // Of those that were acknowledged without an answer nothing is known but that they are no more.
        const values = new Set(acknowledged.values());
        expect(values.size).toBe(acknowledged.size);
        const lost = [...sent.accepted].filter((value) => !values.has(value));
        expect(lost.length).toBeLessThanOrEqual(ROUNDS);
        const letters = await asker.ask<{ data: object[] }>('GET', `${path}/dlq`);
        expect(letters?.data).toEqual([]);
        await kill(broker);
        break;
      }
      const publish = (message: string) => asker.post<object>('/topics/cart/messages', { message });
      const publishing = Array.from({ length: PUBLISHERS }, () =>
        publishUntilGone(asker, sent, publish),
      );
      const consuming = async () => {
        while (!asker.isGone) await workOnce(asker, '1s');
      };
      const working = [...publishing, consuming()];
      // The first request loads the API.
      const wanted = sent.accepted.size + 20;
      await expect.poll(() => sent.accepted.size, PATIENCE).toBeGreaterThan(wanted);
      await sleep(random.below(200));
      await kill(broker);
      await Promise.all(working);
    }
    expect(acknowledged.size).toBeGreaterThan(ROUNDS * 5);
  });
});
