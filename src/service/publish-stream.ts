import { asBrokerError, BrokerError, invalidArgument } from '../errors.ts';
import { PUBLISH_STREAM_BYTES, PUBLISH_STREAM_REQUESTS } from '../limits.ts';
import type { PublishAck } from '../log/append.ts';
import { Deque } from '../log/deque.ts';
import type { Log } from '../log/log.ts';
import type { PublishRequest } from '../log/publish-request.ts';
import {
  checkFirstPublish,
  checkPublish,
  messageTooLarge,
  requestTooLarge,
} from '../log/publish-request.ts';
import type { Topic } from '../log/topic.ts';
import { topicDeleted } from '../log/topic.ts';
import { checkTopicName } from '../log/topic-name.ts';
import { Wakeup } from '../log/wakeup.ts';
import type { CallOrigin, DuplexCall } from './call.ts';
import type { Result } from './convert.ts';
import { encodeResults } from './convert.ts';
import { decodePublish } from './publish-codec.ts';
import type { OpenStream } from './streams.ts';

/** What the stream needs of a call. */
export type PublishCall = Omit<DuplexCall, keyof CallOrigin | 'cancelled'>;

/** A request that waits for its result. */
interface Slot {
  readonly bytes: number;
  topic: string;
  outcome: PublishAck | BrokerError | undefined;
}

/** Reasons after which the order of later requests cannot be kept: the stream ends, and the client begins again. */
const ENDS_STREAM: ReadonlySet<string> = new Set([
  'SHUTTING_DOWN',
  'STORAGE_FAILED',
  'DISK_FULL',
  'OVERLOADED',
]);

/**
 * One PublishStream. Requests are taken one by one, in order: a request waits only for its topic to be created, which
 * holds back those behind it. Results go out in the order of requests, those of one commit in one response.
 * While too much waits, here or in the log, nothing more is read, and flow control holds the client back.
 */
export class PublishStream implements OpenStream {
  readonly #call: PublishCall;
  readonly #log: Log;
  readonly #maxRequestBytes: number;
  readonly #requests = new Deque<Buffer>();
  readonly #slots = new Deque<Slot>();
  readonly #room = new Wakeup();
  /** The topics as they were when this stream first used them. */
  readonly #topics = new Map<string, Topic>();
  #topicName = '';
  #producer = '';
  #waitingBytes = 0;
  #isTaking = false;
  #isFlushPlanned = false;
  #isClientDone = false;
  #isShuttingDown = false;
  /** True once nothing more is taken: the client was told the end, or will be when its turn has come. */
  #isEnding = false;
  #hasEnded = false;
  #isOver = false;

  constructor(call: PublishCall, log: Log, maxRequestBytes: number) {
    this.#call = call;
    this.#log = log;
    this.#maxRequestBytes = maxRequestBytes;
  }

  /** Runs the stream; `onOver` is called once, when it has ended. */
  run(onOver: () => void): void {
    const call = this.#call;
    const over = () => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#log.roomFollowers.remove(this.#room);
      this.#room.wake();
      onOver();
    };
    this.#log.roomFollowers.add(this.#room);
    call.on('data', (request: Buffer) => {
      if (this.#isEnding) return;
      this.#requests.push(request);
      void this.#take();
    });
    call.on('end', () => {
      this.#isClientDone = true;
      this.#endIfDone();
    });
    call.on('drain', () => this.#room.wake());
    call.on('error', over);
    call.on('cancelled', over);
    call.on('close', over);
    call.on('finish', over);
  }

  shutDown(): void {
    this.#isShuttingDown = true;
    this.#endIfDone();
  }

  /** Takes the requests that have come, one after the other. */
  async #take(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    for (;;) {
      if (this.#mustWait()) {
        this.#call.pause();
        while (this.#mustWait()) await this.#room.wait();
        this.#call.resume();
      }
      const request = this.#isOver || this.#isEnding ? undefined : this.#requests.shift();
      if (request === undefined) break;
      const slot: Slot = { bytes: request.length, topic: '', outcome: undefined };
      this.#slots.push(slot);
      this.#waitingBytes += slot.bytes;
      const pending = this.#start(request, slot);
      if (pending !== undefined) await pending;
    }
    this.#isTaking = false;
    this.#endIfDone();
  }

  #mustWait(): boolean {
    if (this.#isOver || this.#isEnding || this.#isShuttingDown) return false;
    return (
      this.#slots.length >= PUBLISH_STREAM_REQUESTS ||
      this.#waitingBytes >= PUBLISH_STREAM_BYTES ||
      this.#call.writableNeedDrain ||
      !this.#log.hasRoom
    );
  }

  /** Hands a request to the log. A promise only if its topic must be looked for. */
  #start(request: Buffer, slot: Slot): Promise<void> | undefined {
    try {
      if (request.length > this.#maxRequestBytes)
        throw requestTooLarge(request.length, this.#maxRequestBytes);
      const fields = decodePublish(request);
      const name = fields.topic || this.#topicName;
      const producer = fields.producer || (fields.sequence === 0n ? '' : this.#producer);
      if (name === '') throw invalidArgument('topic', 'a topic name must not be empty');
      this.#topicName = name;
      this.#producer = producer;
      slot.topic = name;
      const complete = { ...fields, producer };
      checkPublish(complete);
      const topic = this.#topics.get(name);
      if (topic !== undefined) {
        this.#append(topic, complete, slot);
        return undefined;
      }
      if (this.#log.topics.get(name) === undefined) {
        checkTopicName(name);
        checkFirstPublish(complete, name, this.#log.maxMessageBytes());
      }
      return this.#log.topicForWriting(name).then(
        (found) => {
          this.#topics.set(name, found);
          this.#append(found, complete, slot);
        },
        (error: unknown) => this.#settle(slot, asBrokerError(error)),
      );
    } catch (error) {
      this.#settle(slot, asBrokerError(error));
      return undefined;
    }
  }

  #append(topic: Topic, fields: PublishRequest, slot: Slot): void {
    const limitBytes = this.#log.maxMessageBytes(topic);
    if (topic.isDeleted) {
      this.#settle(slot, topicDeleted(topic.name));
    } else if (fields.largestBytes > limitBytes) {
      this.#settle(slot, messageTooLarge(topic.name, fields.largestBytes, limitBytes));
    } else {
      const { producer: name, sequence, crc, run, close, expectedLastTimestampNs } = fields;
      this.#log.append({
        topic,
        run,
        producer: name === '' ? undefined : { name, sequence, crc },
        expectedLastTimestampNs,
        close,
        settle: (outcome) => this.#settle(slot, outcome),
      });
    }
  }

  #settle(slot: Slot, outcome: PublishAck | BrokerError): void {
    slot.outcome = outcome;
    // What comes behind must not be stored if this was not, though it could be by now.
    if (outcome instanceof BrokerError && ENDS_STREAM.has(outcome.reason)) this.#isEnding = true;
    this.#waitingBytes -= slot.bytes;
    if (this.#isFlushPlanned || this.#isOver) return;
    this.#isFlushPlanned = true;
    // All results of one commit are settled in one turn: they share a response.
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushPlanned = false;
    const results: Result[] = [];
    let mustEnd = false;
    while (!mustEnd) {
      const outcome = this.#slots.at(0)?.outcome;
      const slot = outcome === undefined ? undefined : this.#slots.shift();
      if (slot === undefined || outcome === undefined) break;
      results.push({ topic: slot.topic, outcome });
      mustEnd = outcome instanceof BrokerError && ENDS_STREAM.has(outcome.reason);
    }
    if (this.#hasEnded) return;
    if (results.length > 0 && !this.#isOver) this.#call.write(encodeResults(results));
    this.#room.wake();
    if (mustEnd) this.#end();
    else this.#endIfDone();
  }

  #endIfDone(): void {
    const isIdle = this.#slots.length === 0 && this.#requests.length === 0 && !this.#isTaking;
    if (isIdle && (this.#isClientDone || this.#isShuttingDown)) this.#end();
  }

  #end(): void {
    if (this.#isOver || this.#hasEnded) return;
    this.#isEnding = true;
    this.#hasEnded = true;
    this.#requests.clear();
    this.#call.end();
  }
}
