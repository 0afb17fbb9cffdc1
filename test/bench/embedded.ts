import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedBroker } from '../../src/index.ts';
import { open } from '../../src/index.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { medianOf, secondsOf } from './workload.ts';

const MESSAGE_BYTES = 100;
const ROUNDS = 1000;

type Where = 'disk' | 'memory';

/** A broker in the same process: how fast it takes messages, and how soon it is open. */
export const embedded: Workload = {
  name: 'embedded',
  async run(settings) {
    const { isQuick, note } = settings;
    const count = isQuick ? 200_000 : 1_000_000;
    const runs = isQuick ? 2 : 5;
    const payloads = new Payloads(MESSAGE_BYTES);
    const rateOf = async (where: Where) => {
      await using place = await Place.create(settings, where);
      await using broker = await place.open();
      await publishTo(broker, 'warm-up', payloads, count);
      return await medianOf(runs, async (index) => {
        note(`embedded: publish in ${where}, run ${index + 1} of ${runs}`);
        const topic = `run/${index}`;
        const seconds = await publishTo(broker, topic, payloads, count);
        await verifyTopic(broker, topic, payloads, count);
        await broker.topics.delete(topic);
        return count / seconds;
      });
    };
    const amount = `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B, publishAll()`;
    const disk = await rateOf('disk');
    const memory = await rateOf('memory');
    note('embedded: open and close');
    return [
      { ...disk, what: `${amount}, on disk`, unit: 'messages/s', goal: { atLeast: 1_000_000 } },
      {
        ...memory,
        what: `${amount}, in memory`,
        unit: 'messages/s',
        goal: { atLeast: 2_000_000 },
        durability: 'memory',
      },
      ...(await openings(settings)),
    ] satisfies Figure[];
  },
};

async function publishTo(
  broker: EmbeddedBroker,
  topic: string,
  payloads: Payloads,
  count: number,
): Promise<number> {
  await using publisher = broker.publisher(topic);
  return await secondsOf(async () => {
    await publisher.publishAll(payloads.range(count));
  });
}

/** How long it takes to open, and to open, publish, read and close. */
async function openings(settings: Settings): Promise<Figure[]> {
  const openMs = async (where: Where) => {
    await using place = await Place.create(settings, where);
    return await medianOf(settings.isQuick ? 5 : 51, async () => {
      let broker: EmbeddedBroker | undefined;
      const seconds = await secondsOf(async () => {
        broker = await place.open();
      });
      await broker?.close();
      return seconds * 1000;
    });
  };
  const disk = await openMs('disk');
  const memory = await openMs('memory');
  const seconds = await secondsOf(async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await using broker = await open({ memory: true });
      await broker.publisher('t').publish('x');
      const { messages } = await broker.read('t');
      if (messages.length !== 1) throw new Error(`round ${round} read ${messages.length} messages`);
    }
  });
  return [
    { what: 'open a directory', value: disk.value, unit: 'ms', goal: { atMost: 10 } },
    { what: 'open in memory', value: memory.value, unit: 'ms', goal: { atMost: 10 } },
    {
      what: `${ROUNDS.toLocaleString('en')} rounds in memory: open, publish, read, close`,
      value: seconds,
      unit: 's',
      goal: { atMost: 5 },
    },
  ];
}

/** Where a broker of this workload keeps its data. */
class Place implements AsyncDisposable {
  readonly #directory: string | undefined;

  private constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  static async create({ dir }: Settings, where: Where): Promise<Place> {
    return new Place(where === 'disk' ? await mkdtemp(join(dir, 'playhead-bench-')) : undefined);
  }

  open(): Promise<EmbeddedBroker> {
    const directory = this.#directory;
    return open(directory === undefined ? { memory: true } : { dataDir: join(directory, 'data') });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true });
  }
}
