import type { Client } from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import { BrokerProcess, DataDirectory } from './broker-process.ts';
import { within } from './broker-session.ts';
import { TopicSet } from './topic-set.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;
const TOPIC = 'tape';
const READY_GOAL_S = 2;

/** From the start of the process until it listens, and what memory it has then: with nothing, and with much. */
export const startUp: Workload = {
  name: 'start-up',
  async run(settings) {
    return [
      ...(await withNothing(settings)),
      ...(await withMessages(settings)),
      ...(await withTopics(settings)),
    ];
  },
};

/** The starts of one kind. */
class Starts {
  readonly #seconds: number[] = [];
  readonly #residentMb: number[] = [];

  async note(broker: BrokerProcess): Promise<void> {
    this.#seconds.push(broker.readyMs / 1000);
    const { residentBytes } = await broker.memory();
    this.#residentMb.push(residentBytes / 1e6);
  }

  figures(what: string, goalSeconds: number, goalMb?: number): Figure[] {
    return [
      {
        what: `${what}: until it listens`,
        value: median(this.#seconds),
        runs: this.#seconds,
        unit: 's',
        goal: { atMost: goalSeconds },
      },
      {
        what: `${what}: resident memory then`,
        value: median(this.#residentMb),
        runs: this.#residentMb,
        unit: 'MB',
        ...(goalMb !== undefined && { goal: { atMost: goalMb } }),
      },
    ];
  }
}

async function withNothing(settings: Settings): Promise<Figure[]> {
  settings.note('start-up: an empty directory');
  const starts = new Starts();
  for (let run = 0; run < runsOf(settings); run++) {
    await using broker = await BrokerProcess.start(settings);
    await starts.note(broker);
  }
  return starts.figures('an empty directory', 0.5, 90);
}

async function withMessages(settings: Settings): Promise<Figure[]> {
  const { isQuick, note } = settings;
  const count = isQuick ? 500_000 : 10_000_000;
  const payloads = new Payloads(MESSAGE_BYTES);
  const amount = `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B`;
  await using directory = await DataDirectory.create(settings);
  note(`start-up: publishing ${amount}`);
  await within(settings, directory, 'SIGTERM', async (_, client) => {
    await client.publisher(TOPIC).publishAll(payloads.range(count));
  });
  const clean = new Starts();
  const killed = new Starts();
  let stored = count;
  for (let run = 0; run < runsOf(settings); run++) {
    note(`start-up: ${amount}, run ${run + 1} of ${runsOf(settings)}`);
    await within(settings, directory, 'SIGKILL', async (broker, client) => {
      await clean.note(broker);
      // Up to where a checkpoint is due, and beyond.
      const enough = 20_000 + Math.floor(Math.random() * (isQuick ? 100_000 : 1_200_000));
      const messages = payloads.range(4 * enough, stored);
      stored += await publishUntilKilled(broker, client, messages, enough);
    });
    await within(settings, directory, 'SIGTERM', async (broker, client) => {
      await killed.note(broker);
      const { messageCount } = await client.topics.get(TOPIC);
      if (messageCount < stored) {
        throw new VerificationError(`${TOPIC}: ${messageCount} of ${stored} are left`);
      }
      stored = messageCount;
      await verifyTopic(client, TOPIC, payloads, stored);
    });
  }
  return [
    ...clean.figures(`${amount}, after a clean end`, READY_GOAL_S),
    ...killed.figures(`${amount}, after SIGKILL while it published`, READY_GOAL_S),
  ];
}

/** Kills the broker once it has acknowledged `enough`; answers with how many messages it has acknowledged. */
async function publishUntilKilled(
  broker: BrokerProcess,
  client: Client,
  messages: Iterable<Buffer>,
  enough: number,
): Promise<number> {
  let acknowledged = 0;
  let killing: Promise<void> | undefined;
  const onProgress = (count: number) => {
    acknowledged = count;
    if (count >= enough) killing ??= broker.end('SIGKILL');
  };
  try {
    await client.publisher(TOPIC).publishAll(messages, { onProgress });
  } catch (error) {
    if (killing === undefined || !isUnreachable(error)) throw error;
  }
  if (killing === undefined) throw new RangeError('the broker outlived its publishing');
  await killing;
  return acknowledged;
}

async function withTopics(settings: Settings): Promise<Figure[]> {
  const { isQuick, note } = settings;
  const topics = new TopicSet(isQuick ? 3000 : 100_000);
  const amount = `${topics.count.toLocaleString('en')} topics`;
  await using directory = await DataDirectory.create(settings);
  note(`start-up: creating ${amount}`);
  await within(settings, directory, 'SIGTERM', (_, client) => topics.create(client));
  const clean = new Starts();
  const killed = new Starts();
  const acknowledged = new Set<number>();
  await within(settings, directory, 'SIGKILL', async (broker, client) => {
    await clean.note(broker);
    await topics.verifyList(client);
    note('start-up: publishing to each');
    await publishToSomeUntilKilled(broker, client, topics, acknowledged);
  });
  await within(settings, directory, 'SIGTERM', async (broker, client) => {
    await killed.note(broker);
    await verifyTopics(client, topics, acknowledged);
  });
  return [
    ...clean.figures(`${amount}, after a clean end`, READY_GOAL_S),
    ...killed.figures(`${amount}, after SIGKILL while it published to them`, READY_GOAL_S),
  ];
}

/** Kills the broker when half of the topics have their message. */
async function publishToSomeUntilKilled(
  broker: BrokerProcess,
  client: Client,
  topics: TopicSet,
  acknowledged: Set<number>,
): Promise<void> {
  let killing: Promise<void> | undefined;
  const onStored = (index: number) => {
    acknowledged.add(index);
    if (2 * acknowledged.size >= topics.count) killing ??= broker.end('SIGKILL');
  };
  try {
    await topics.publish(client, 1, onStored);
  } catch (error) {
    if (killing === undefined || !isUnreachable(error)) throw error;
  }
  if (killing === undefined) throw new RangeError('the broker outlived its publishing');
  await killing;
}

async function verifyTopics(
  client: Client,
  topics: TopicSet,
  acknowledged: ReadonlySet<number>,
): Promise<void> {
  await topics.verifyList(client);
  const found = await topics.verifyMessages(client);
  for (const index of acknowledged) {
    if (!found.has(index)) {
      throw new VerificationError(`${topics.nameOf(index)} has lost its message`);
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof PlayheadError && error.reason === 'UNREACHABLE';
}

function runsOf({ isQuick }: Settings): number {
  return isQuick ? 1 : 3;
}
