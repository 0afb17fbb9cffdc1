import type { ClientDuplexStream } from '@grpc/grpc-js';
import { credentials } from '@grpc/grpc-js';
import { build } from 'hdr-histogram-js';
import { connect } from 'playhead-client';
import type { PublishStreamResponse } from 'playhead-proto';
import { PublishStreamRequest } from 'playhead-proto';
import { BrokerServiceClient } from '../support/grpc-services.ts';
import { BrokerProcess } from './broker-process.ts';
import { GrpcPeer } from './grpc-peer.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { medianOf, secondsOf, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;
const IN_FLIGHT = 1000;
const EMPTY = PublishStreamRequest.decode(Buffer.alloc(0));

/**
 * One message per request on a stream, as a client does that was generated from the .proto files, beside what grpc-js
 * makes of an echo on the same machine.
 */
export const single: Workload = {
  name: 'single',
  async run(settings) {
    const { isQuick, note } = settings;
    const payloads = new Payloads(MESSAGE_BYTES);
    await using broker = await BrokerProcess.start(settings);
    await using peer = await GrpcPeer.start();
    const count = isQuick ? 50_000 : 300_000;
    const many = await measure(settings, broker, IN_FLIGHT, count);
    const one = await measure(settings, broker, 1, isQuick ? 500 : 5000);
    const runs = isQuick ? 2 : 5;
    const echo = await medianOf(runs, async (index) => {
      note(`single: grpc-js, run ${index + 1} of ${runs}`);
      return count / (await secondsOf(() => peer.echo(payloads, count, IN_FLIGHT)));
    });
    return [
      many,
      one,
      {
        ...echo,
        what: `the same through a bare grpc-js echo stream, ${IN_FLIGHT} in flight`,
        unit: 'messages/s',
        isLimit: true,
      },
      {
        what: 'playhead of the bare echo',
        value: (100 * many.value) / echo.value,
        unit: '%',
        goal: { atLeast: 85 },
      },
    ];
  },
};

async function measure(
  { isQuick, note }: Settings,
  broker: BrokerProcess,
  inFlight: number,
  count: number,
): Promise<Figure> {
  const runs = isQuick ? 2 : 5;
  const payloads = new Payloads(MESSAGE_BYTES);
  const micros = build({ highestTrackableValue: 60_000_000 });
  await using client = connect(broker.address);
  const measured = await medianOf(runs, async (index) => {
    note(`single: playhead, ${inFlight} in flight, run ${index + 1} of ${runs}`);
    const topic = `single/${inFlight}/${index}`;
    using publisher = new GeneratedPublisher(broker.address, topic);
    const seconds = await secondsOf(() =>
      windowed(count, inFlight, async (i) => {
        const sentMs = performance.now();
        await publisher.publish(Buffer.from(payloads.at(i)));
        micros.recordValue(Math.round((performance.now() - sentMs) * 1000));
      }),
    );
    await verifyTopic(client, topic, payloads, count);
    return count / seconds;
  });
  const ms = (percentile: number) => (micros.getValueAtPercentile(percentile) / 1000).toFixed(1);
  return {
    ...measured,
    what: `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B, one per request, ${inFlight} in flight`,
    unit: 'messages/s',
    remark: `acknowledged after ${ms(50)} ms (median), ${ms(99)} ms (99 %)`,
  };
}

/** What somebody writes who has nothing but the .proto files. */
class GeneratedPublisher implements Disposable {
  readonly #client: BrokerServiceClient;
  readonly #call: ClientDuplexStream<PublishStreamRequest, PublishStreamResponse>;
  readonly #topic: string;
  readonly #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  /** Of those that wait, the first that has no result yet. */
  #next = 0;

  constructor(address: string, topic: string) {
    this.#topic = topic;
    this.#client = new BrokerServiceClient(address, credentials.createInsecure(), {
      'grpc.enable_channelz': 0,
    });
    this.#call = this.#client.publishStream();
    this.#call.on('data', ({ results }: PublishStreamResponse) => {
      for (const { outcome } of results) {
        const waiter = this.#waiting[this.#next];
        this.#next += 1;
        if (outcome?.$case === 'ack') waiter?.resolve();
        else waiter?.reject(new VerificationError(`refused: ${outcome?.value.message}`));
      }
      if (this.#next < IN_FLIGHT) return;
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    });
    this.#call.on('error', (error) => {
      for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
    });
  }

  publish(value: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      const message = { timestampNs: 0n, key: Buffer.alloc(0), value, headers: [], isClose: false };
      this.#call.write({ ...EMPTY, topic: this.#topic, messages: [message] });
    });
  }

  [Symbol.dispose](): void {
    this.#call.end();
    this.#client.close();
  }
}

/** Keeps so many under way until all are done. */
async function windowed(
  count: number,
  inFlight: number,
  run: (index: number) => Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let begun = 0;
    let done = 0;
    const onDone = () => {
      done += 1;
      if (done === count) resolve();
      else fill();
    };
    const fill = () => {
      while (begun < count && begun - done < inFlight) run(begun++).then(onDone, reject);
    };
    fill();
  });
}
