import type { SubscribeInit } from 'playhead-proto/seaweedfs';
import { SubscriberMessage } from 'playhead-proto/seaweedfs';
import { asBrokerError, BrokerError, invalidArgument } from '../errors.ts';
import { FIRST_PAGE_BYTES, PAGE_BYTES, SUBSCRIPTION_UNSENT_BYTES } from '../limits.ts';
import type { Log } from '../log/log.ts';
import { fieldsOfMessageAt, sizeOfMessageAt, timestampOfMessageAt } from '../log/message-run.ts';
import type { Position } from '../log/position.ts';
import type { ReadEvent, Reader } from '../log/read-event.ts';
import { subscribe } from '../log/subscribe.ts';
import { topicDeleted } from '../log/topic.ts';
import { Wakeup } from '../log/wakeup.ts';
import { WIRE } from '../log/wire-reader.ts';
import type { DuplexCall } from '../service/call.ts';
import { strict } from '../service/request-codec.ts';
import type { OpenStream } from '../service/streams.ts';
import { closeMessage, notesOf, withEventTime } from './seaweedfs-codec.ts';
import { Partitioner } from './seaweedfs-partition.ts';
import { checkPartition, isChannel, topicNameOf } from './seaweedfs-topic.ts';

/** What the stream needs of a call. */
export type SeaweedSubscribeCall = Pick<DuplexCall, 'on' | 'write' | 'end' | 'cancelled'>;

/** How a subscriber is answered. */
export interface SeaweedSubscribeOptions {
  /** Tells the client that its call is taken. */
  readonly accept: () => void;
  /** Ends the call with an error. */
  readonly refuse: (error: BrokerError) => void;
}

const INIT = { 1: 'text', 2: 'text', 3: WIRE.varint, 4: WIRE.varint, 5: WIRE.varint, 6: 'text' };
const decodeFirst = strict(
  { 1: { ...INIT }, 2: { 1: WIRE.varint }, 3: WIRE.varint } as const,
  (bytes) => SubscriberMessage.decode(bytes),
);

const INT64_MAX = 2n ** 63n - 1n;

/**
 * One Subscribe of SeaweedFS: each message of the partition, as it is stored, then the close marker as a message, then the
 * end. Any other end is an error: a channel that ended cleanly would seem to go on. What the client says behind its first
 * message is ignored, as it always was.
 */
export class SeaweedSubscribeStream implements OpenStream {
  readonly #call: SeaweedSubscribeCall;
  readonly #log: Log;
  readonly #options: SeaweedSubscribeOptions;
  readonly #sent = new Wakeup();
  #reader: Reader | undefined;
  #hasBegun = false;
  #unsentBytes = 0;
  #isOver = false;
  #isShuttingDown = false;
  #isDone = false;
  #onDone: () => void = () => {};

  constructor(call: SeaweedSubscribeCall, log: Log, options: SeaweedSubscribeOptions) {
    this.#call = call;
    this.#log = log;
    this.#options = options;
  }

  /** Runs the stream; `onDone` is called once, when it has ended. */
  run(onDone: () => void): void {
    this.#onDone = onDone;
    const call = this.#call;
    const over = () => {
      this.#isOver = true;
      this.#reader?.close();
      this.#sent.wake();
      if (!this.#hasBegun) this.#done();
    };
    call.on('cancelled', over);
    call.on('close', over);
    call.on('error', over);
    call.on('data', (request) => {
      if (this.#hasBegun) return;
      this.#hasBegun = true;
      void this.#begin(request);
    });
    call.on('end', () => {
      if (!this.#hasBegun) void this.#begin(Buffer.alloc(0));
      this.#hasBegun = true;
    });
    if (call.cancelled) over();
  }

  shutDown(): void {
    this.#isShuttingDown = true;
    this.#reader?.close();
    this.#sent.wake();
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#options.refuse(shuttingDown());
    this.#done();
  }

  async #begin(request: Buffer): Promise<void> {
    try {
      const { init } = decodeFirst(request);
      if (init === undefined) throw invalidArgument('init', 'the first message of a stream has it');
      await this.#deliver(init);
    } catch (error) {
      await this.#end(asBrokerError(error));
    }
    this.#done();
  }

  async #deliver(init: SubscribeInit): Promise<void> {
    checkPartition(init.partition);
    const name = topicNameOf(init);
    const isMine = await filterOf(name, init.partition);
    const { reader } = await subscribe(this.#log, {
      topic: name,
      position: positionOf(init),
      untilNs: undefined,
      untilNow: false,
      maxMessages: undefined,
      createdTimestampNs: undefined,
      chunkBytes: PAGE_BYTES,
      firstChunkBytes: FIRST_PAGE_BYTES,
    });
    this.#reader = reader;
    if (this.#isOver) return reader.close();
    this.#options.accept();
    const events = reader.events();
    let nextNs = 0n;
    try {
      for await (const event of events) {
        if (this.#isOver || this.#isShuttingDown) break;
        // What was gone when the reader came is not missed.
        if (event.type === 'trimmed' && nextNs > 0n)
          throw trimmed(name, nextNs, event.firstTimestampNs);
        if (event.type === 'messages') nextNs = event.nextNs;
        if (this.#write(event, isMine)) return this.#end();
        if (event.type === 'deleted') throw topicDeleted(name);
        await this.#drained(SUBSCRIPTION_UNSENT_BYTES);
      }
    } finally {
      reader.close();
      await events.return();
    }
    if (this.#isShuttingDown) throw shuttingDown();
  }

  /** Hands an event to the call; true if it was the last one. */
  #write(event: ReadEvent, isMine: Filter): boolean {
    if (event.type === 'messages') {
      for (const chunk of event.chunks) this.#writeMessages(chunk, isMine);
      return false;
    }
    if (event.type !== 'closed') return false;
    this.#send(closeMessage(event.marker.timestampNs));
    return true;
  }

  #writeMessages(run: Buffer, isMine: Filter): void {
    for (let at = 0; at < run.length; ) {
      const size = sizeOfMessageAt(run, at);
      const fields = fieldsOfMessageAt(run, at);
      const notes = notesOf(fields);
      if (isMine(notes, run, at)) {
        const { eventTimeNs } = notes;
        this.#send(
          eventTimeNs === 0n ? run.subarray(at, at + size) : withEventTime(fields, eventTimeNs),
        );
      }
      at += size;
    }
  }

  #send(message: Buffer): void {
    const bytes = message.length;
    this.#unsentBytes += bytes;
    this.#call.write(message, () => {
      this.#unsentBytes -= bytes;
      this.#sent.wake();
    });
  }

  /** Resolves when no more than this is unsent. */
  async #drained(bytes: number): Promise<void> {
    while (this.#unsentBytes > bytes && !this.#isOver) await this.#sent.wait();
  }

  /**
   * What is not sent yet would be lost with an error, and in some clients with an end, too, while requests of theirs are
   * under way.
   */
  async #end(error?: BrokerError): Promise<void> {
    await this.#drained(0);
    if (this.#isOver) return;
    if (error === undefined) this.#call.end();
    else this.#options.refuse(error);
  }

  #done(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#onDone();
  }
}

type Filter = (notes: ReturnType<typeof notesOf>, run: Buffer, at: number) => boolean;

/** Whether a message is on the partition: as its publisher chose, or as the Go client would have. */
async function filterOf(topicName: string, partition: number): Promise<Filter> {
  if (isChannel(topicName)) return (notes) => (notes.partition ?? 0) === partition;
  const partitioner = await Partitioner.load();
  return (notes, run, at) => {
    const chosen =
      notes.partition ?? partitioner.partitionOf(notes.key, timestampOfMessageAt(run, at));
    return chosen === partition;
  };
}

function positionOf({ startPosition, timestampNs }: SubscribeInit): Position {
  // Enumerations are open: any number may come.
  switch (startPosition as number) {
    case 0:
      return { at: 'latest' };
    case 1:
      return { at: 'earliest' };
    case 2:
      // The timestamp is that of a message that the reader has.
      if (timestampNs <= 0n) return { at: 'earliest' };
      return {
        at: 'timestamp',
        timestampNs: timestampNs < INT64_MAX ? timestampNs + 1n : timestampNs,
      };
    default:
      throw invalidArgument('startPosition', `${startPosition} is none of 0, 1 and 2`);
  }
}

/** Clients know no word for it but the end. `firstTimestampNs` is 0 if no message is left. */
function trimmed(topic: string, nextNs: bigint, firstTimestampNs: bigint): BrokerError {
  return new BrokerError(
    'DATA_LOSS',
    `topic ${topic}: messages were trimmed before this reader got to them`,
    {
      topic,
      first_timestamp_ns: `${nextNs}`,
      last_timestamp_ns: `${firstTimestampNs === 0n ? nextNs : firstTimestampNs - 1n}`,
    },
  );
}

function shuttingDown(): BrokerError {
  return new BrokerError(
    'SHUTTING_DOWN',
    'the broker is shutting down; subscribe again behind the last message',
  );
}
