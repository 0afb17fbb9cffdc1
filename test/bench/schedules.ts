import { build } from 'hdr-histogram-js';
import type { Client } from 'playhead-client';
import { Message } from 'playhead-proto';
import { Broker } from '../../src/broker.ts';
import { DataDirectory } from './broker-process.ts';
import { within } from './broker-session.ts';
import { concurrently } from './concurrent.ts';
import { OnceEach } from './once-each.ts';
import { Payloads } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median, secondsOf, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;
const UNDER_WAY = 128;
const PENDING_TOPIC = 'schedules/pending';
/** Later than any run ends. */
const PENDING_DELAY_MS = 365 * 24 * 3_600_000;
const NS_PER_MS = 1_000_000;
const READY_GOAL_S = 2;
const LATE_GOAL_MS = 10;
/** For a message that never comes. */
const PATIENCE_MS = 300_000;

/** Many messages that are to be published later: how long a start takes, and how late those are that fall due. */
export const schedules: Workload = {
  name: 'schedules',
  async run(settings) {
    const { isQuick, note } = settings;
    const pending = new Pending();
    const count = isQuick ? 1000 : 1_000_000;
    const amount = `${count.toLocaleString('en')} pending`;
    const runs = isQuick ? 1 : 3;
    const afterKill: Start[] = [];
    const afterEnd: Start[] = [];
    await using directory = await DataDirectory.create(settings);
    note(`schedules: creating ${amount}`);
    const byRequests = isQuick ? count : 20_000;
    await pending.prepare(directory, count - byRequests);
    let perSecond = Number.NaN;
    await within(settings, directory, 'SIGKILL', async (_, client) => {
      perSecond = byRequests / (await secondsOf(() => pending.create(client, byRequests)));
    });
    for (let run = 0; run < runs; run++) {
      note(`schedules: starts with ${amount}, run ${run + 1} of ${runs}`);
      afterKill.push(await startWith(settings, directory, pending, 'SIGTERM'));
      afterEnd.push(await startWith(settings, directory, pending, 'SIGKILL'));
    }
    const due: Figure[] = [];
    await pending.verify(directory);
    await within(settings, directory, 'SIGTERM', async (_, client) => {
      await pending.lookUp(client);
      note(`schedules: messages that fall due, with ${amount}`);
      due.push(...(await lateness(settings, client, amount, perSecond)));
    });
    return [
      ...startFigures(`${amount}, after SIGKILL`, afterKill),
      ...startFigures(`${amount}, after a clean end`, afterEnd),
      {
        what: `creating them, one a request, ${UNDER_WAY} requests under way`,
        value: perSecond,
        unit: 'schedules/s',
      },
      ...due,
    ];
  },
};

/** Schedules that do not fall due. */
class Pending {
  readonly #payloads = new Payloads(MESSAGE_BYTES);
  #count = 0;

  /** So many besides those that are there. */
  async create(client: Client, count: number): Promise<void> {
    const first = this.#count;
    await concurrently(count, UNDER_WAY, async (index) => {
      const value = Buffer.from(this.#payloads.at(first + index));
      const options = { id: this.#idOf(first + index), delay: PENDING_DELAY_MS };
      await client.schedules.create(PENDING_TOPIC, value, options);
    });
    this.#count += count;
  }

  /** As {@link create}, without a broker between: by requests a million would take minutes. */
  async prepare(directory: DataDirectory, count: number): Promise<void> {
    await using broker = await Broker.open({ dataDir: directory.dataDir });
    const first = this.#count;
    await concurrently(count, 1000, async (index) => {
      const value = Buffer.from(this.#payloads.at(first + index));
      await broker.schedules.create({
        id: this.#idOf(first + index),
        topic: PENDING_TOPIC,
        message: Buffer.from(Message.encode(Message.fromPartial({ value })).finish()),
        when: { at: 'delay', delayMs: PENDING_DELAY_MS },
        timeZone: '',
      });
    });
    this.#count += count;
  }

  /** Asks for the one that was created last. */
  async lookUp(client: Client): Promise<void> {
    const { byteCount } = await client.schedules.get(this.#idOf(this.#count - 1));
    if (byteCount < MESSAGE_BYTES) {
      throw new VerificationError(`a schedule has ${byteCount} bytes, not ${MESSAGE_BYTES}`);
    }
  }

  /** Throws unless each is there, as it was made, and nothing else. */
  async verify(directory: DataDirectory): Promise<void> {
    await using broker = await Broker.open({ dataDir: directory.dataDir });
    for (let index = 0; index < this.#count; index++) {
      const { fields } = await broker.schedules.get(this.#idOf(index));
      const { value } = Message.decode(fields.message);
      if (Buffer.compare(value, this.#payloads.at(index)) !== 0) {
        throw new VerificationError(`schedule ${fields.id} has another message`);
      }
    }
    if (broker.schedules.size === this.#count) return;
    throw new VerificationError(`${broker.schedules.size} schedules are there, not ${this.#count}`);
  }

  #idOf(index: number): string {
    return `pending-${String(index).padStart(8, '0')}`;
  }
}

interface Start {
  /** Until it answers. */
  readonly seconds: number;
  /** Until it takes requests for anything else. */
  readonly readySeconds: number;
  readonly residentMb: number;
}

/** Creates a few more, so that what is ended by SIGKILL has something to recover, and ends by this signal. */
async function startWith(
  settings: Settings,
  directory: DataDirectory,
  pending: Pending,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<Start> {
  let start: Start | undefined;
  await within(settings, directory, signal, async (broker, client) => {
    const listeningMs = performance.now();
    await pending.lookUp(client);
    const seconds = (broker.readyMs + performance.now() - listeningMs) / 1000;
    const { residentBytes } = await broker.memory();
    start = { seconds, readySeconds: broker.readyMs / 1000, residentMb: residentBytes / 1e6 };
    await pending.create(client, settings.isQuick ? 100 : 5000);
  });
  if (start === undefined) throw new Error('the start was not measured');
  return start;
}

function startFigures(what: string, starts: readonly Start[]): Figure[] {
  const seconds = starts.map((start) => start.seconds);
  const readySeconds = starts.map((start) => start.readySeconds);
  const residentMb = starts.map((start) => start.residentMb);
  return [
    {
      what: `${what}: ready`,
      value: median(readySeconds),
      runs: readySeconds,
      unit: 's',
      goal: { atMost: READY_GOAL_S },
    },
    {
      what: `${what}: until a schedule can be looked up`,
      value: median(seconds),
      runs: seconds,
      unit: 's',
    },
    {
      what: `${what}: resident memory then`,
      value: median(residentMb),
      runs: residentMb,
      unit: 'MB',
    },
  ];
}

async function lateness(
  { isQuick }: Settings,
  client: Client,
  amount: string,
  createdPerSecond: number,
): Promise<Figure[]> {
  const spread = isQuick ? { count: 100, seconds: 1 } : { count: 1000, seconds: 5 };
  const atOnce = isQuick ? 200 : 10_000;
  const spreadMs = await latenessOf(client, createdPerSecond, spread);
  const atOnceMs = await latenessOf(client, createdPerSecond, { count: atOnce, seconds: 0 });
  const ms = (percentile: number) => spreadMs.getValueAtPercentile(percentile) / 1000;
  const over = `${spread.count.toLocaleString('en')} that fall due within ${spread.seconds} s`;
  const goal = { atMost: LATE_GOAL_MS };
  return [
    {
      what: `${over}, ${amount} besides: at a subscriber after the due time, 99 %`,
      value: ms(99),
      unit: 'ms',
      goal,
      remark: `${ms(50).toFixed(2)} ms (median)`,
    },
    {
      what: 'the same, longest',
      value: spreadMs.maxValue / 1000,
      unit: 'ms',
      goal,
    },
    {
      what: `${atOnce.toLocaleString('en')} that fall due at one moment: the last one at a subscriber`,
      value: atOnceMs.maxValue / 1000,
      unit: 'ms',
      remark: `half of them after ${(atOnceMs.getValueAtPercentile(50) / 1000).toFixed(1)} ms`,
    },
  ];
}

/** Microseconds between when each was due and when a subscriber had it. */
async function latenessOf(
  client: Client,
  createdPerSecond: number,
  { count, seconds }: { readonly count: number; readonly seconds: number },
) {
  const topic = `schedules/due-${count}`;
  const payloads = new Payloads(MESSAGE_BYTES);
  const once = new OnceEach(payloads, topic, count);
  const micros = build({ highestTrackableValue: 60_000_000 });
  await client.topics.create(topic);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const subscription = client.subscribe(topic, { limit: count, signal });
  await subscription.started();
  // So that all are there before the first one is due.
  const firstDueMs = Math.ceil(nowMs() + 1000 + (3000 * count) / createdPerSecond);
  const dueNs = (index: number) =>
    BigInt(firstDueMs) * BigInt(NS_PER_MS) +
    BigInt(Math.round((index * seconds * 1000 * NS_PER_MS) / count));
  await concurrently(count, UNDER_WAY, async (index) => {
    await client.schedules.create(topic, Buffer.from(payloads.at(index)), { at: dueNs(index) });
  });
  if (nowMs() > firstDueMs) throw new Error(`creating ${count} schedules took too long`);
  for await (const batch of subscription.batches()) {
    const arrivalMs = nowMs();
    for (const { value, timestampNs } of batch) {
      const index = once.takeValue(value);
      if (timestampNs < dueNs(index)) {
        throw new VerificationError(`${topic}: message ${index} came before it was due`);
      }
      const lateMs = arrivalMs - firstDueMs - (index * seconds * 1000) / count;
      micros.recordValue(Math.max(1, Math.round(lateMs * 1000)));
    }
  }
  once.finish();
  return micros;
}

/** Since 1970, finer than a millisecond. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
