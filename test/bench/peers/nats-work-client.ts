import type { ConsumerMessages, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { WorkClient } from '../contestants/work-client.ts';
import { Payloads, Sequence } from '../verify.ts';
import { VerificationError } from '../workload.ts';
import { NATS_LIBRARY, NatsClient } from './nats-client.ts';

const CONSUMER = 'workers';
const ACK_WAIT_NS = 300_000_000_000;
const ACK_TIMEOUT_MS = 60_000;
/** For a message that never comes. */
const PATIENCE_MS = 300_000;
const POLL_MS = 20;
const SETTLE_MS = 10_000;

/** The official client for Node, with a pull consumer. */
export class NatsWorkClient implements WorkClient, AsyncDisposable {
  readonly name: string;
  readonly #publisher: NatsClient;
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #pullMessages: number;
  readonly #isAnswered: boolean;

  private constructor(
    publisher: NatsClient,
    connection: NatsConnection,
    manager: JetStreamManager,
    pullMessages: number,
    isAnswered: boolean,
  ) {
    this.name = `${NATS_LIBRARY}, max_messages ${pullMessages}`;
    this.#publisher = publisher;
    this.#connection = connection;
    this.#manager = manager;
    this.#pullMessages = pullMessages;
    this.#isAnswered = isAnswered;
  }

  /** `isStrict`: whether messages are put in batches, and each acknowledgement waits for the server's answer. */
  static async connect(
    port: number,
    pullMessages: number,
    isStrict: boolean,
  ): Promise<NatsWorkClient> {
    const { connect } = await import('@nats-io/transport-node');
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const publisher = await NatsClient.connect(port, isStrict, 'workqueue');
    try {
      const connection = await connect({ port, reconnect: false });
      const manager = await jetstreamManager(connection);
      return new NatsWorkClient(publisher, connection, manager, pullMessages, isStrict);
    } catch (error) {
      await publisher[Symbol.asyncDispose]();
      throw error;
    }
  }

  get serverVersion(): string {
    return this.#publisher.serverVersion;
  }

  async fill(queue: string, messageBytes: number, count: number): Promise<void> {
    const { AckPolicy } = await import('@nats-io/jetstream');
    const stream = await this.#publisher.streamOf(queue);
    await this.#manager.consumers.add(stream, {
      durable_name: CONSUMER,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ACK_WAIT_NS,
      // The default would hold the worker up at 1000.
      max_ack_pending: 4 * this.#pullMessages,
    });
    await this.#publisher.publish(queue, messageBytes, count);
  }

  async work(queue: string, messageBytes: number, count: number): Promise<void> {
    const stream = await this.#publisher.streamOf(queue);
    const consumer = await this.#manager.jetstream().consumers.get(stream, CONSUMER);
    const sequence = new Sequence(new Payloads(messageBytes), queue);
    const state: { messages?: ConsumerMessages } = {};
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new VerificationError(`${queue}: not all of ${count} messages came`));
        }, PATIENCE_MS);
        let taken = 0;
        let done = 0;
        const finish = () => {
          done += 1;
          if (done < count) return;
          clearTimeout(timer);
          resolve();
        };
        const callback = (message: JsMsg) => {
          try {
            sequence.takeValue(valueOf(message));
            taken += 1;
            this.#acknowledge(message, finish, reject);
            if (taken === count) state.messages?.stop();
          } catch (error) {
            clearTimeout(timer);
            reject(error);
          }
        };
        consumer.consume({ max_messages: this.#pullMessages, callback }).then((messages) => {
          state.messages = messages;
        }, reject);
      });
      // The server has read every acknowledgement when it answers this.
      await this.#connection.flush();
    } finally {
      await state.messages?.close();
    }
    sequence.finish(count);
  }

  async verifyDone(queue: string, count: number): Promise<void> {
    const stream = await this.#publisher.streamOf(queue);
    const deadlineMs = performance.now() + SETTLE_MS;
    for (;;) {
      const { state } = await this.#manager.streams.info(stream);
      const { delivered, num_redelivered } = await this.#manager.consumers.info(stream, CONSUMER);
      const isOnce = delivered.consumer_seq === count && num_redelivered === 0;
      if (state.messages === 0 && isOnce) return;
      // It removes what is acknowledged a little later.
      if (!isOnce || performance.now() > deadlineMs) {
        throw new VerificationError(
          `${queue}: of ${count} messages ${state.messages} are left after ${delivered.consumer_seq} deliveries`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
    await this.#publisher[Symbol.asyncDispose]();
  }

  #acknowledge(message: JsMsg, done: () => void, fail: (error: unknown) => void): void {
    if (!this.#isAnswered) {
      message.ack();
      done();
      return;
    }
    message.ackAck({ timeout: ACK_TIMEOUT_MS }).then((isTaken) => {
      if (isTaken) done();
      else fail(new VerificationError(`message ${message.seq} was not acknowledged`));
    }, fail);
  }
}

function valueOf({ data }: JsMsg): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.length);
}
