import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { asBrokerError, BrokerError, invalidArgument } from '../errors.ts';
import { FRAME_BYTES, PUBLISH_STREAM_BYTES } from '../limits.ts';
import type { CloseRequest } from '../log/append.ts';
import type { Log } from '../log/log.ts';
import { runOfFields, valuesOfRun } from '../log/message-run.ts';
import { messageTooLarge, requestTooLarge } from '../log/publish-request.ts';
import type { Topic } from '../log/topic.ts';
import { topicDeleted, topicNotFound } from '../log/topic.ts';
import { Wakeup } from '../log/wakeup.ts';
import type { DuplexCall } from '../service/call.ts';
import type { OpenStream } from '../service/streams.ts';
import type { SeaweedMessage, SeaweedPublish } from './seaweedfs-codec.ts';
import { decodeSeaweedPublish, PUBLISH_CLOSED, PUBLISH_STARTED } from './seaweedfs-codec.ts';
import { Refusal } from './seaweedfs-refusal.ts';
import {
  alreadyClosed,
  checkClosable,
  checkPartition,
  isChannel,
  writableTopicNameOf,
} from './seaweedfs-topic.ts';

/** What the stream needs of a call. */
export type SeaweedPublishCall = Pick<DuplexCall, 'on' | 'pause' | 'resume' | 'write' | 'end'>;

/** How a stream of a publisher is answered and held. */
export interface SeaweedPublishOptions {
  readonly maxRequestBytes: number;
  /** Ends the call with an error. */
  readonly refuse: (error: BrokerError) => void;
}

/** What a message costs while it waits, besides its bytes. */
const MESSAGE_COST_BYTES = 64;
/** What a reader cannot be given checked: others have written, too. */
const NO_CHECKSUM = Buffer.alloc(0);

/**
 * One Publish of SeaweedFS: an answer when it may begin, one when the channel is closed, and none between, since the Go
 * client takes whatever comes for the latter. What comes in one turn of the event loop is one append. Nobody is told that
 * a message is stored, so one that is refused ends the stream: what is behind it is not stored either.
 */
export class SeaweedPublishStream implements OpenStream {
  readonly #call: SeaweedPublishCall;
  readonly #log: Log;
  readonly #options: SeaweedPublishOptions;
  readonly #refused: Refusal;
  readonly #room = new Wakeup();
  /** Set once the first request has come. */
  #topicName: string | undefined;
  #partition = 0;
  #topic: Topic | undefined;
  #creating: Promise<void> | undefined;
  #gathered: (readonly Uint8Array[])[] = [];
  #gatheredBytes = 0;
  #isFlushPlanned = false;
  /** Bytes that wait, gathered or in the log, and appends that are not settled. */
  #waitingBytes = 0;
  #appendCount = 0;
  /** Of the values of a channel, while this stream is its only writer. */
  #md5: Hash | undefined;
  #messageCount = 0n;
  #lastTimestampNs = 0n;
  #mustClose = false;
  /** What the client is told when everything is settled. */
  #refusal: BrokerError | undefined;
  #isClientDone = false;
  #isShuttingDown = false;
  /** Nothing more is taken. */
  #isEnding = false;
  #hasEnded = false;
  #isOver = false;
  #isPaused = false;
  #onOver: () => void = () => {};

  constructor(call: SeaweedPublishCall, log: Log, options: SeaweedPublishOptions) {
    this.#call = call;
    this.#log = log;
    this.#options = options;
    this.#refused = new Refusal(call, log.clock, options.refuse);
  }

  /** Runs the stream; `onOver` is called once, when it has ended. What was taken by then is stored all the same. */
  run(onOver: () => void): void {
    const call = this.#call;
    this.#onOver = onOver;
    const over = () => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#refused.cancel();
      this.#leaveIfDone();
    };
    this.#log.roomFollowers.add(this.#room);
    call.on('data', (request) => this.#take(request));
    call.on('end', () => {
      this.#isClientDone = true;
      this.#refused.release();
      this.#proceed();
    });
    call.on('error', over);
    call.on('cancelled', over);
    call.on('close', over);
    call.on('finish', over);
  }

  shutDown(): void {
    this.#isShuttingDown = true;
    this.#refused.release();
    this.#flush();
    this.#proceed();
  }

  #take(request: Buffer): void {
    if (this.#isEnding) {
      if (asksForClose(request)) this.#refused.release();
      return;
    }
    try {
      const { maxRequestBytes } = this.#options;
      if (request.length > maxRequestBytes) throw requestTooLarge(request.length, maxRequestBytes);
      const publish = decodeSeaweedPublish(request, this.#notedPartition);
      if (this.#topicName !== undefined) this.#gather(publish.message);
      else this.#begin(publish, request);
    } catch (error) {
      this.#endWith(asBrokerError(error));
    }
  }

  /** Takes nothing more, and tells why once what was taken before is stored. */
  #endWith(error: BrokerError): void {
    this.#isEnding = true;
    this.#refusal ??= error;
    this.#flush();
    this.#proceed();
  }

  /** In a channel everything is on partition 0 that does not say otherwise. */
  get #notedPartition(): number | undefined {
    const isDefault = this.#partition === 0 && isChannel(this.#topicName ?? '');
    return this.#topicName === undefined || isDefault ? undefined : this.#partition;
  }

  #begin({ init, message }: SeaweedPublish, request: Buffer): void {
    if (init === undefined) throw invalidArgument('init', 'the first message of a stream has it');
    checkPartition(init.partition);
    const name = writableTopicNameOf(init);
    const topic = this.#log.topics.get(name);
    if (topic?.isClosed === true) throw alreadyClosed(name, topic.endNs - 1n);
    const refusal = this.#log.writeRefusal();
    if (refusal !== undefined) throw refusal;
    if (topic === undefined && !this.#log.autoCreatesTopics) throw topicNotFound(name);
    this.#topicName = name;
    this.#partition = init.partition;
    this.#topic = topic;
    if (isChannel(name) && (topic?.sequence ?? 0n) === 0n) this.#md5 = createHash('md5');
    this.#call.write(PUBLISH_STARTED);
    if (message !== undefined)
      this.#gather(decodeSeaweedPublish(request, this.#notedPartition).message);
  }

  #gather(message: SeaweedMessage | undefined): void {
    if (message === undefined) return;
    const name = this.#topicName ?? '';
    if (message.isClose) checkClosable(name, this.#partition);
    const limitBytes = this.#log.maxMessageBytes(this.#topic);
    if (message.bytes > limitBytes) throw messageTooLarge(name, message.bytes, limitBytes);
    if (message.pieces.length > 0 || !message.isClose) {
      const bytes = MESSAGE_COST_BYTES + message.bytes;
      this.#gathered.push(message.pieces);
      this.#gatheredBytes += bytes;
      this.#waitingBytes += bytes;
    }
    if (message.isClose) {
      this.#isEnding = true;
      this.#mustClose = true;
      this.#refused.release();
    }
    if (this.#gatheredBytes >= FRAME_BYTES) this.#flush();
    else this.#planFlush();
    if (this.#mustWait() && !this.#isPaused) void this.#pause();
  }

  /** Everything that comes in this turn of the event loop shares an append. */
  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    setImmediate(() => {
      this.#isFlushPlanned = false;
      this.#flush();
      this.#proceed();
    });
  }

  #mustWait(): boolean {
    if (this.#isOver || this.#isEnding || this.#isShuttingDown) return false;
    return this.#waitingBytes >= PUBLISH_STREAM_BYTES || !this.#log.hasRoom;
  }

  async #pause(): Promise<void> {
    this.#isPaused = true;
    this.#call.pause();
    while (this.#mustWait()) await this.#room.wait();
    this.#isPaused = false;
    this.#call.resume();
  }

  /** Hands what was gathered to the log. */
  #flush(): void {
    if (this.#gathered.length === 0 || this.#creating !== undefined) return;
    const topic = this.#topic;
    if (topic === undefined) {
      this.#createTopic();
      return;
    }
    const bytes = this.#gatheredBytes;
    const run = runOfFields(this.#gathered);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (this.#md5 !== undefined)
      for (const value of valuesOfRun(run.bytes)) this.#md5.update(value);
    this.#messageCount += BigInt(run.messageCount);
    this.#appendCount++;
    const none = { producer: undefined, expectedLastTimestampNs: undefined, close: undefined };
    const settle = (outcome: { readonly lastTimestampNs: bigint } | BrokerError) => {
      this.#waitingBytes -= bytes;
      this.#appendCount--;
      if (outcome instanceof BrokerError) this.#fail(outcome);
      else this.#lastTimestampNs = outcome.lastTimestampNs;
      this.#room.wake();
      this.#proceed();
    };
    if (topic.isDeleted) settle(topicDeleted(topic.name));
    else this.#log.append({ topic, run, ...none, settle });
  }

  #createTopic(): void {
    this.#creating = this.#log.topicForWriting(this.#topicName ?? '').then(
      (topic) => {
        this.#creating = undefined;
        this.#topic = topic;
        this.#flush();
        this.#proceed();
      },
      (error: unknown) => {
        this.#creating = undefined;
        this.#fail(asBrokerError(error));
        this.#proceed();
      },
    );
  }

  /** Does what is due once everything that was taken is settled. */
  #proceed(): void {
    const isIdle =
      this.#appendCount === 0 && this.#gathered.length === 0 && this.#creating === undefined;
    if (isIdle && !this.#hasEnded) {
      if (this.#refusal !== undefined) this.#fail(this.#refusal);
      else if (this.#mustClose) void this.#close();
      else if (this.#isShuttingDown) this.#fail(shuttingDown());
      else if (this.#isClientDone && this.#topicName !== undefined) this.#end();
      else if (this.#isClientDone) this.#fail(invalidArgument('init', 'it has not come'));
    }
    this.#leaveIfDone();
  }

  /** Also if the client is gone by now: it has asked for it. */
  async #close(): Promise<void> {
    this.#mustClose = false;
    this.#appendCount++;
    try {
      this.#topic ??= await this.#log.topicForWriting(this.#topicName ?? '');
      await this.#closeVerified(this.#topic);
      if (!this.#isOver) this.#call.write(PUBLISH_CLOSED);
      this.#end();
    } catch (error) {
      this.#fail(asBrokerError(error));
    }
    this.#appendCount--;
    this.#leaveIfDone();
  }

  /** Closes with the checksum of what was written, if nobody else has written. */
  async #closeVerified(topic: Topic): Promise<void> {
    if (this.#md5 !== undefined && topic.sequence === this.#messageCount) {
      const checksum = this.#md5.digest();
      try {
        // Whoever writes from here on is noticed.
        return await this.#appendClose(topic, checksum, this.#lastTimestampNs);
      } catch (error) {
        if (!(error instanceof BrokerError) || error.reason !== 'CONFLICT') throw error;
      }
    }
    await this.#appendClose(topic, NO_CHECKSUM, undefined);
  }

  async #appendClose(
    topic: Topic,
    checksum: Buffer,
    expectedLastTimestampNs: bigint | undefined,
  ): Promise<void> {
    const close: CloseRequest = { reason: '', checksum };
    const nothing = { run: undefined, producer: undefined };
    await this.#log.appendAndWait({ topic, close, expectedLastTimestampNs, ...nothing });
  }

  #fail(error: BrokerError): void {
    this.#isEnding = true;
    this.#mustClose = false;
    this.#waitingBytes -= this.#gatheredBytes;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (this.#hasEnded || this.#isOver) return;
    this.#hasEnded = true;
    // What comes now is read on, for the close that may be among it.
    this.#room.wake();
    if (this.#topicName === undefined) this.#options.refuse(error);
    else this.#refused.begin(error);
  }

  #end(): void {
    this.#isEnding = true;
    if (this.#hasEnded || this.#isOver) return;
    this.#hasEnded = true;
    this.#call.end();
  }

  #leaveIfDone(): void {
    const isIdle = this.#appendCount === 0 && this.#gathered.length === 0;
    if (!this.#isOver || !isIdle || this.#creating !== undefined) {
      if (this.#isOver) this.#room.wake();
      return;
    }
    this.#log.roomFollowers.remove(this.#room);
    this.#room.wake();
    const onOver = this.#onOver;
    this.#onOver = () => {};
    onOver();
  }
}

/** Whether a request that is not taken any more asks for the close of the channel. */
function asksForClose(request: Buffer): boolean {
  try {
    return decodeSeaweedPublish(request, undefined).message?.isClose === true;
  } catch {
    return false;
  }
}

function shuttingDown(): BrokerError {
  return new BrokerError('SHUTTING_DOWN', 'the broker is shutting down; open the stream again');
}
