import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { subscribe } from '../../src/log/subscribe.ts';
import { CrashedBroker } from '../support/crashed-broker.ts';
import type { Site } from '../support/faulty-databases.ts';
import { FaultyDatabases } from '../support/faulty-databases.ts';
import { LogWriter } from '../support/log-writer.ts';
import { decodeRun } from '../support/message.ts';
import { Random } from '../support/random.ts';
import { faultOf, readThrough } from '../support/read-report.ts';

// Each append is in the index at once, without the few milliseconds in which others could join it.
vi.mock('../../src/limits.ts', async (original) => ({
  ...(await original<object>()),
  INDEX_WRITE_ENTRIES: 1,
}));

/** A broker on databases that can be made to fail. */
class FaultyBroker implements AsyncDisposable {
  readonly broker: CrashedBroker;
  readonly writer: LogWriter;
  /** Those of the last start at the end. */
  readonly #databases: readonly FaultyDatabases[];

  private constructor(broker: CrashedBroker, databases: readonly FaultyDatabases[]) {
    this.broker = broker;
    this.#databases = databases;
    this.writer = new LogWriter(broker.log);
  }

  static async start(): Promise<FaultyBroker> {
    const databases: FaultyDatabases[] = [];
    const broker = await CrashedBroker.start({
      wrapDatabases: (inner) => {
        const faulty = new FaultyDatabases(inner);
        databases.push(faulty);
        return faulty;
      },
    });
    return new FaultyBroker(broker, databases);
  }

  get databases(): FaultyDatabases {
    const last = this.#databases.at(-1);
    if (last === undefined) throw new Error('the databases were not wrapped');
    return last;
  }

  /** Lets time pass until the storage is open again. */
  async recovered(): Promise<void> {
    const pass = () => {
      this.broker.clock.advance(100);
      return this.broker.log.writeRefusal();
    };
    await expect.poll(pass, { interval: 5, timeout: 10_000 }).toBeUndefined();
  }

  async restart(): Promise<void> {
    await this.broker.restart();
    this.writer.log = this.broker.log;
  }

  /** That every acknowledged message is there once; `others` are those of which nobody knows. */
  async expectAll(others: readonly string[] = []): Promise<void> {
    for (const topic of [...this.writer.topics(), '**']) {
      const report = await readThrough(this.broker.log, topic);
      const unknown = report.messages.filter(({ value }) => others.includes(value));
      const known = {
        ...report,
        messages: report.messages.filter(({ value }) => !others.includes(value)),
      };
      const written = topic === '**' ? this.writer.all() : this.writer.of(topic);
      expect({ topic, fault: faultOf(known, written), lost: report.lost }).toEqual({
        topic,
        fault: undefined,
        lost: [],
      });
      expect(new Set(unknown.map(({ value }) => value)).size).toBe(unknown.length);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker[Symbol.asyncDispose]();
  }
}

const storageFailed = expect.objectContaining({ reason: 'STORAGE_FAILED' });

describe('an error of the storage', () => {
  it.each([
    [false, 'has had no effect'],
    [true, 'has had its effect'],
  ])('in an append is told as unknown, though the write (%s) %s', async (hasEffect) => {
    await using test = await FaultyBroker.start();
    await test.writer.publish('a', ['1', '2']);
    test.databases.fail('tape.batch', { hasEffect });
    await expect(test.writer.publish('a', ['ghost'])).rejects.toEqual(storageFailed);
    await expect(test.writer.publish('a', ['refused'])).rejects.toEqual(storageFailed);
    await test.recovered();
    await test.writer.publish('a', ['3']);
    await test.expectAll(['ghost']);
    const { messages } = await readThrough(test.broker.log, 'a');
    expect(messages.map(({ value }) => value)).toEqual(
      hasEffect ? ['1', '2', 'ghost', '3'] : ['1', '2', '3'],
    );
    await test.restart();
    await test.expectAll(['ghost']);
  });

  it.each([true, false])(
    'leaves one copy of a request that its producer sends again (effect: %s)',
    async (hasEffect) => {
      await using test = await FaultyBroker.start();
      const producer = { name: 'p', sequence: 1n, crc: 7 };
      await test.writer.publish('a', ['0']);
      test.databases.fail('tape.batch', { hasEffect });
      await expect(test.writer.publish('a', ['1', '2'], producer)).rejects.toEqual(storageFailed);
      await test.recovered();
      const ack = await test.writer.publish('a', ['1', '2'], producer);
      expect(ack.isDuplicate).toBe(hasEffect);
      if (hasEffect) test.writer.note('a', ['1', '2'], ack.firstTimestampNs);
      await test.expectAll();
      await test.restart();
      expect((await test.writer.publish('a', ['1', '2'], producer)).isDuplicate).toBe(true);
      await test.expectAll();
    },
  );

  it.each<Site>(['open.tape', 'open.index', 'open.meta', 'tape.iterator', 'meta.iterator'])(
    'that comes again in %s while it is got over is got over too',
    async (site) => {
      await using test = await FaultyBroker.start();
      await test.writer.publish('a', ['1']);
      test.databases.fail('tape.batch');
      test.databases.fail('tape.close', { hasEffect: true });
      test.databases.fail(site, { times: 5 });
      await expect(test.writer.publish('a', ['2'])).rejects.toEqual(storageFailed);
      expect(test.broker.log.writeRefusal()).toEqual(storageFailed);
      await test.recovered();
      expect(test.databases.isHealthy).toBe(true);
      await test.writer.publish('a', ['3']);
      await test.expectAll(['2']);
    },
  );

  it('in the index loses nothing that was acknowledged', async () => {
    await using test = await FaultyBroker.start();
    await test.writer.publish('a', ['1']);
    test.databases.fail('index.batch');
    // It is written behind the ack.
    await test.writer.publish('a', ['2']);
    await test.expectAll();
    await expect(test.writer.publish('a', ['3'])).rejects.toEqual(storageFailed);
    await test.recovered();
    await test.expectAll(['3']);
    await test.writer.publish('b', ['4']);
    await test.restart();
    await test.expectAll(['3']);
  });

  it('in a checkpoint loses nothing, whatever is checkpointed after it', async () => {
    await using test = await FaultyBroker.start();
    await test.writer.publish('resting', ['1'], { name: 'p', sequence: 1n, crc: 7 });
    test.databases.fail('meta.batch');
    test.broker.clock.advance(60_000);
    await expect.poll(() => test.broker.log.writeRefusal()).toEqual(storageFailed);
    await test.recovered();
    await test.writer.publish('busy', ['2']);
    await test.restart();
    await test.restart();
    await test.expectAll();
    const again = await test.writer.publish('resting', ['1'], { name: 'p', sequence: 1n, crc: 7 });
    expect(again.isDuplicate).toBe(true);
  });

  it.each([true, false])(
    'in the making of a topic leaves one topic or none (effect: %s)',
    async (hasEffect) => {
      await using test = await FaultyBroker.start();
      test.databases.fail('meta.batch', { hasEffect });
      await expect(test.writer.publish('a', ['1'])).rejects.toEqual(storageFailed);
      await test.recovered();
      expect([...test.broker.log.topics.all()].map(({ name }) => name)).toEqual(
        hasEffect ? ['a'] : [],
      );
      await test.writer.publish('a', ['2']);
      await test.restart();
      await test.expectAll();
    },
  );

  it.each<[Site, string]>([
    ['tape.getMany', 'a'],
    ['tape.iterator', '**'],
    ['index.iterator', 'a'],
  ])('in a read (%s) ends the reader with an error that may be retried', async (site, topic) => {
    await using test = await FaultyBroker.start();
    await test.writer.publish('a', ['1']);
    await test.restart();
    const { opens } = test.databases;
    test.databases.fail(site);
    await expect(readThrough(test.broker.log, topic)).rejects.toEqual(storageFailed);
    await test.recovered();
    expect(test.databases.opens).toBe(opens + 3);
    await test.expectAll();
  });

  it('that is damage is no reason to open the storage again', async () => {
    await using test = await FaultyBroker.start();
    await test.writer.publish('a', ['1']);
    await test.restart();
    const { opens } = test.databases;
    for (const site of ['tape.getMany', 'tape.iterator', 'index.iterator'] as const) {
      for (const [topic, position] of [
        ['a', { at: 'earliest' }],
        ['**', { at: 'earliest' }],
        ['a', { at: 'last', messageCount: 1n }],
        ['**', { at: 'last', messageCount: 1n }],
      ] as const) {
        test.databases.fail(site, { message: 'Corruption: block checksum mismatch' });
        const report = await readThrough(test.broker.log, topic, { position });
        expect([site, topic, faultOf(report, test.writer.all())]).toEqual([site, topic, undefined]);
        test.databases.fail(site, { times: 0 });
      }
    }
    expect(test.databases.opens).toBe(opens);
    expect(test.broker.log.writeRefusal()).toBeUndefined();
  });

  it('is not noticed by those who follow, except by what is written after it', async () => {
    await using test = await FaultyBroker.start();
    await test.writer.publish('a', ['1']);
    const followers = ['a', '**'].map((topic) => new Follower(test.broker, topic));
    for (const each of followers) await each.seen(1);
    test.databases.fail('tape.batch', { hasEffect: true });
    await expect(test.writer.publish('a', ['ghost'])).rejects.toEqual(storageFailed);
    await test.recovered();
    await test.writer.publish('a', ['2']);
    for (const each of followers) {
      expect(await each.seen(3)).toEqual(['1', 'ghost', '2']);
      await each[Symbol.asyncDispose]();
    }
  });

  it('of any kind, at any time, loses, doubles and reorders nothing', async () => {
    await using test = await FaultyBroker.start();
    const random = Random.fromEnvironment('PLAYHEAD_SEED', 3);
    const sites: Site[] = [
      'tape.batch',
      'index.batch',
      'meta.batch',
      'open.index',
      'tape.iterator',
    ];
    const unknown: string[] = [];
    for (let i = 0; i < 300; i++) {
      if (random.below(8) === 0) {
        const hasEffect = random.below(2) === 0;
        test.databases.fail(random.pick(sites), { hasEffect, times: 1 + random.below(3) });
      }
      const topic = random.pick(['a', 'b', 'c']);
      try {
        // Time for a checkpoint.
        if (random.below(12) === 0) test.broker.clock.advance(30_000);
        await test.writer.publish(topic, [`${i}`]);
      } catch (error) {
        expect(error).toEqual(storageFailed);
        unknown.push(`${i}`);
        await test.recovered();
      }
    }
    test.databases.heal();
    await test.recovered();
    await test.expectAll(unknown);
    await test.broker.crash();
    test.writer.log = test.broker.log;
    await test.expectAll(unknown);
  });
});

/** A reader that goes on where it was if it is told that it may. */
class Follower implements AsyncDisposable {
  readonly #values: string[] = [];
  readonly #running: Promise<void>;
  #close = () => {};
  #isClosed = false;

  constructor(broker: CrashedBroker, topic: string) {
    this.#running = this.#run(broker, topic);
  }

  /** The values that came, once there are so many. */
  async seen(count: number): Promise<readonly string[]> {
    await expect.poll(() => this.#values.length).toBe(count);
    return this.#values;
  }

  async #run(broker: CrashedBroker, topic: string): Promise<void> {
    let fromNs = 0n;
    while (!this.#isClosed) {
      try {
        const { reader } = await subscribe(broker.log, {
          topic,
          position: { at: 'timestamp', timestampNs: fromNs },
          untilNs: undefined,
          untilNow: false,
          maxMessages: undefined,
          createdTimestampNs: undefined,
          chunkBytes: 1024,
        });
        this.#close = () => reader.close();
        for await (const event of reader.events()) {
          if (event.type !== 'messages') continue;
          fromNs = event.nextNs;
          for (const { value } of decodeRun(Buffer.concat(event.chunks))) {
            this.#values.push(Buffer.from(value).toString());
          }
        }
      } catch (error) {
        if (!(error instanceof BrokerError) || error.reason !== 'STORAGE_FAILED') throw error;
        await setImmediate();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#close();
    await this.#running;
  }
}
