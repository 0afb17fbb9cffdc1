import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { Client, credentials } from '@grpc/grpc-js';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { GrpcPeer, SINK_PATH } from './grpc-peer.ts';
import { Payloads } from './verify.ts';
import type { Figure, Workload } from './workload.ts';
import { median, secondsOf, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 1024;
const NAMESPACE = 'bench';
/** The client opens a connection for each. */
const PARTITIONS = 4;
const PUBLISH_PATH = '/messaging_pb.SeaweedMessaging/Publish';
const asBytes = (bytes: Buffer): Buffer => bytes;

/**
 * The load generator of SeaweedFS: messages of 1 KiB, each a message of gRPC, dealt out to four streams, and no answer to
 * any. The clock stops when the last is stored. Beside it the same bytes through streams of grpc-js that only count them.
 */
export const seaweedfs: Workload = {
  name: 'seaweedfs',
  async run(settings) {
    const { isQuick, note } = settings;
    const count = isQuick ? 200_000 : 1_000_000;
    const runs = isQuick ? 3 : 5;
    await using broker = await BrokerProcess.start(settings);
    await using peer = await GrpcPeer.start();
    await using client = connect(broker.address);
    const stored: number[] = [];
    const bare: number[] = [];
    const publish = async (topic: string, messages: number) => {
      const seconds = await secondsOf(async () => {
        using streams = new Streams(broker.address, PUBLISH_PATH);
        await streams.begin(topic);
        await streams.send(messages);
        await untilStored(
          async () => (await client.topics.get(`${NAMESPACE}/${topic}`)).messageCount,
          messages,
        );
      });
      await verify(
        client.subscribe(`${NAMESPACE}/${topic}`, { from: 'earliest', follow: false }),
        messages,
      );
      await client.topics.delete(`${NAMESPACE}/${topic}`);
      return messages / seconds;
    };
    const sink = async (messages: number) => {
      const seconds = await secondsOf(async () => {
        using streams = new Streams(peer.address, SINK_PATH);
        await streams.send(messages);
        await streams.finish();
      });
      return messages / seconds;
    };
    await publish('warm-up', 20_000);
    await sink(20_000);
    for (let run = 0; run < runs; run++) {
      note(`seaweedfs: run ${run + 1} of ${runs}`);
      bare.push(await sink(count));
      stored.push(await publish(`run-${run}`, count));
    }
    const amount = `${count.toLocaleString('en')} × 1 KiB`;
    return [
      {
        what: `${amount}, one per message of gRPC, no answers`,
        value: median(stored),
        runs: stored,
        unit: 'messages/s',
      },
      {
        what: 'the same through bare grpc-js streams',
        value: median(bare),
        runs: bare,
        unit: 'messages/s',
        isLimit: true,
      },
      {
        what: 'playhead of the bare streams',
        value: (100 * median(stored)) / median(bare),
        unit: '%',
        goal: { atLeast: 85 },
      },
    ] satisfies Figure[];
  },
};

/** The streams of one publisher, each on a connection of its own. */
class Streams implements Disposable {
  readonly #clients: Client[] = [];
  readonly #calls: ClientDuplexStream<Buffer, Buffer>[] = [];
  #error: Error | undefined;

  constructor(address: string, path: string) {
    for (let i = 0; i < PARTITIONS; i++) {
      const client = new Client(address, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
        'grpc.enable_channelz': 0,
      });
      const call = client.makeBidiStreamRequest(path, asBytes, asBytes);
      call.on('error', (error) => {
        this.#error ??= error;
      });
      this.#clients.push(client);
      this.#calls.push(call);
    }
  }

  /** Says where the messages belong, and waits to be told to begin. */
  async begin(topic: string): Promise<void> {
    await Promise.all(
      this.#calls.map(async (call, partition) => {
        const fields = [field(0x0a, Buffer.from(NAMESPACE)), field(0x12, Buffer.from(topic))];
        const init = Buffer.concat([...fields, Buffer.from([0x18, partition])]);
        const answered = new Promise((resolve) => call.once('data', resolve));
        call.write(field(0x0a, init));
        await answered;
      }),
    );
  }

  /** Deals out so many messages. */
  async send(count: number): Promise<void> {
    const payloads = new Payloads(MESSAGE_BYTES);
    for (let index = 0; index < count; index++) {
      const call = this.#calls[index % PARTITIONS];
      if (call === undefined || this.#error !== undefined) throw this.#error ?? new TypeError();
      const data = field(0x12, field(0x1a, payloads.at(index)));
      if (!call.write(data)) await new Promise<void>((resolve) => call.once('drain', resolve));
    }
  }

  /** Waits for the answer that all has come. */
  async finish(): Promise<void> {
    await Promise.all(
      this.#calls.map((call) => {
        const answered = new Promise((resolve) => call.once('data', resolve));
        call.end();
        return answered;
      }),
    );
  }

  [Symbol.dispose](): void {
    for (const call of this.#calls) call.cancel();
    for (const client of this.#clients) client.close();
  }
}

/** A field of up to 16 KiB of bytes. */
function field(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, (length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from(head), content]);
}

async function untilStored(countOf: () => Promise<number>, count: number): Promise<void> {
  while ((await countOf()) < count) await sleep(5);
}

/** Throws unless each message is there once, and those of a stream are in order. */
async function verify(
  stored: { batches(): AsyncIterable<readonly { readonly value: Buffer }[]> },
  count: number,
): Promise<void> {
  const payloads = new Payloads(MESSAGE_BYTES);
  const next = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  let total = 0;
  for await (const batch of stored.batches()) {
    for (const { value } of batch) {
      const index = value.readUInt32LE(0);
      const partition = index % PARTITIONS;
      if (next[partition] !== index || !payloads.at(index).equals(value)) {
        throw new VerificationError(`message ${index} came, not ${next[partition]}`);
      }
      next[partition] = index + PARTITIONS;
      total += 1;
    }
  }
  if (total !== count) throw new VerificationError(`${total} messages are stored, not ${count}`);
}
