import { KEY_PARKED_MAX, PAGE_BYTES, WORK_PAGE_BYTES } from '../limits.ts';
import { sliceFrame } from '../log/frame-slice.ts';
import { keyOfMessageAt, offsetOfMessage, sizeOfMessageAt } from '../log/message-run.ts';
import type { Topic } from '../log/topic.ts';
import type { Frame } from '../log/topic-frames.ts';
import { endOfFrame, TopicFrames } from '../log/topic-frames.ts';
import { Wakeup } from '../log/wakeup.ts';
import { FreshPages } from './fresh-pages.ts';
import { KeyOrder } from './key-order.ts';
import { compareBigInts } from './lazy-heap.ts';
import type { Run } from './run.ts';
import { partOf } from './run.ts';
import type { SubscriptionContext } from './subscription.ts';
import type { Change, SubscriptionState } from './subscription-state.ts';
import type { WaitingRun } from './waiting.ts';
import type { LeaseNote, Worker } from './worker.ts';
import type { Workers } from './workers.ts';

const NS_PER_MS = 1_000_000n;
const FOREVER = 1n << 63n;

/** What the dispatcher works for. */
export interface DispatcherHost {
  readonly context: SubscriptionContext;
  readonly topic: Topic;
  readonly state: SubscriptionState;
  readonly workers: Workers;
  /** Makes the changes, at once and then durable. */
  change(changes: readonly Change[]): Promise<void>;
  /** The topic may have been closed behind what is settled. Resolves when its workers were told, if so. */
  endIfDrained(): Promise<void>;
  /** The messages cannot be read. */
  fail(error: unknown): void;
}

/** Messages of one run, read from the topic. */
interface Piece {
  readonly run: Run;
  readonly bytes: Buffer;
  readonly attempt: number;
  readonly isAlone?: boolean;
}

/**
 * Hands messages to workers that have credit: first those that wait for a further delivery, then those that come next.
 * A lease is durable before its messages are sent, so that every delivery is counted, whatever dies. What one worker may
 * have died of goes out alone, so that it cannot take other messages with it.
 */
export class Dispatcher {
  readonly #host: DispatcherHost;
  readonly #wakeup = new Wakeup();
  readonly #fresh: FreshPages;
  readonly #again: TopicFrames;
  readonly #keys = new KeyOrder();
  readonly #idleListeners = new Set<() => void>();
  #againPage: readonly Frame[] = [];
  #areKeysKnown = false;
  #isRunning = false;
  #hasNews = false;
  /** True while there was nothing to hand out when it looked last. */
  #isResting = false;
  #isClosed = false;

  constructor(host: DispatcherHost) {
    this.#host = host;
    const { context, topic } = host;
    const frames = new TopicFrames(context.log.readContext, topic, WORK_PAGE_BYTES);
    this.#fresh = new FreshPages(frames, topic);
    this.#again = new TopicFrames(context.log.readContext, topic);
  }

  /** Looks whether there is something to hand out. */
  wake(): void {
    this.#hasNews = true;
    this.#wakeup.wake();
    if (this.#isRunning || this.#isClosed || this.#host.workers.size === 0) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** Calls `listener` whenever there is nothing to hand out for the moment, until the answer is called. */
  onIdle(listener: () => void): () => void {
    this.#idleListeners.add(listener);
    return () => this.#idleListeners.delete(listener);
  }

  /** The state or the settings are others: nothing that was read ahead holds. */
  reset(): void {
    this.#fresh.clear();
    this.#againPage = [];
    for (const waiting of this.#keys.clear()) this.#host.state.waiting.release(waiting);
    this.#areKeysKnown = false;
    this.wake();
  }

  /** These messages are settled for good. */
  settled(run: Run): void {
    if (this.#isKeyOrdered) {
      for (let i = 0; i < run.messageCount; i++) {
        const next = this.#keys.settled(run.firstSequence + BigInt(i));
        if (next !== undefined) this.#host.state.waiting.release(next);
      }
    }
    this.wake();
  }

  /** All messages before this sequence were dropped. */
  dropped(beforeSequence: bigint): void {
    for (const next of this.#keys.settledBefore(beforeSequence)) {
      this.#host.state.waiting.release(next);
    }
    this.wake();
  }

  /**
   * Leases messages that are about to be stored, in the same commit, if workers wait for them and nothing comes before
   * them. They are sent once they are durable.
   */
  handOutSealed(frames: readonly Frame[]): void {
    const { state, topic, workers, context } = this.#host;
    const { cursor } = state;
    const mayHandOut = this.#isResting && !this.#hasNews && !this.#isOver && !this.#isKeyOrdered;
    if (!mayHandOut || cursor.sequence !== topic.sequence) return;
    const nowNs = context.clock.nowNs();
    const last = frames.at(-1);
    const endOfFrames = last === undefined ? cursor.sequence : endOfFrame(last).sequence;
    while (state.cursor.sequence < endOfFrames) {
      const room = state.config.maxInFlight - state.leases.messageCount;
      const isFirst = state.waiting.next(nowNs, 'suspect') ?? state.waiting.next(nowNs, 'ordinary');
      const worker = workers.next(false);
      if (room <= 0 || isFirst !== undefined || worker === undefined) return;
      const fresh = Number(endOfFrames - state.cursor.sequence);
      const messages = Math.min(worker.creditMessages, room, this.#shareOf(fresh));
      workers.served(worker);
      this.#lease(worker, freshPieces(frames, state.cursor.sequence, messages, worker.creditBytes));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#wakeup.wake();
  }

  get #isKeyOrdered(): boolean {
    return this.#host.state.config.deliveryMode === 'key_ordered';
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#host.topic.isDeleted || this.#host.workers.size === 0;
  }

  async #run(): Promise<void> {
    const { followers } = this.#host.topic;
    followers.add(this.#wakeup);
    try {
      while (!this.#isOver) {
        this.#hasNews = false;
        // Who has come while it looked was not looked at.
        if ((await this.#step()) || this.#hasNews) continue;
        await this.#host.endIfDrained();
        if (this.#hasNews) continue;
        for (const listener of this.#idleListeners) listener();
        if (this.#isOver) break;
        this.#isResting = true;
        await this.#wakeup.wait();
        this.#isResting = false;
      }
    } catch (error) {
      this.#host.fail(error);
    } finally {
      followers.remove(this.#wakeup);
      this.#isRunning = false;
      this.#isResting = false;
    }
  }

  /** Hands out one batch; false if there is nothing to do for now. */
  async #step(): Promise<boolean> {
    const { state, topic, workers, context } = this.#host;
    while (this.#isKeyOrdered && !this.#areKeysKnown) {
      // The keys of what is about to be stored are known once it is.
      if (state.cursor.sequence > topic.sequence) return false;
      await this.#readKeys();
    }
    const nowNs = context.clock.nowNs();
    const room = state.config.maxInFlight - state.leases.messageCount;
    if (room <= 0) return false;
    const suspect = this.#nextWaiting(nowNs, 'suspect');
    if (suspect !== undefined) {
      const idle = workers.idle();
      if (idle !== undefined) return this.#handOutAgain(idle, suspect, 1);
    }
    const worker = workers.next(suspect !== undefined);
    if (worker === undefined) return false;
    const waiting = this.#nextWaiting(nowNs, 'ordinary');
    const messages = Math.min(worker.creditMessages, room);
    if (waiting !== undefined) return this.#handOutAgain(worker, waiting, messages);
    return this.#handOutFresh(worker, messages);
  }

  #nextWaiting(nowNs: bigint, kind: 'ordinary' | 'suspect'): WaitingRun | undefined {
    const { state, topic } = this.#host;
    const { waiting } = state;
    for (;;) {
      const next = waiting.next(nowNs, kind);
      // Once it is closed nothing changes any more.
      if (next === undefined || this.#isClosed) return undefined;
      // Given back before it is stored: it wakes this when it is.
      if (next.run.firstSequence >= topic.sequence) return undefined;
      if (next.run.firstSequence < topic.floor.sequence) {
        // What is trimmed cannot be delivered any more, and must not hold up what can.
        const beforeSequence = topic.floor.sequence;
        void this.#host.change([{ $case: 'dropped', value: { beforeSequence } }]);
        this.dropped(beforeSequence);
        continue;
      }
      if (!this.#isKeyOrdered) return next;
      if (this.#keys.isFirst(next.run.firstSequence)) return next;
      waiting.setAside(next);
      this.#keys.setAside(next);
    }
  }

  async #handOutAgain(worker: Worker, waiting: WaitingRun, messages: number): Promise<boolean> {
    const { state, topic, workers } = this.#host;
    const { run } = waiting;
    let frame = frameWith(this.#againPage, run.firstSequence);
    if (frame === undefined) {
      this.#againPage = await this.#again.read(run.firstSequence, run.firstTimestampNs);
      frame = frameWith(this.#againPage, run.firstSequence);
      // Meanwhile everything may have changed; what was read is looked at anew.
      const isWanted = state.waiting.has(waiting) && run.firstSequence >= topic.floor.sequence;
      if (frame === undefined && isWanted) this.#missing(run.firstSequence);
      return true;
    }
    const isAlone = waiting.isSuspect;
    const limit = isAlone || this.#isKeyOrdered ? 1 : Math.min(messages, run.messageCount);
    const piece = cut(frame, run.firstTimestampNs, limit, Math.min(worker.creditBytes, PAGE_BYTES));
    const part = partOf(run, 0, piece.messageCount);
    workers.served(worker);
    const attempt = waiting.attempts + 1;
    this.#lease(worker, [{ run: part, bytes: piece.bytes, attempt, isAlone }]);
    return true;
  }

  async #handOutFresh(worker: Worker, messages: number): Promise<boolean> {
    const { state, topic, workers } = this.#host;
    const { cursor } = state;
    const { floor } = topic;
    const sequence = cursor.sequence > floor.sequence ? cursor.sequence : floor.sequence;
    const timestampNs =
      cursor.sequence > floor.sequence
        ? cursor.timestampNs
        : later(cursor.timestampNs, floor.timestampNs);
    if (sequence >= topic.sequence) return false;
    if (this.#isKeyOrdered && state.waiting.messageCount >= KEY_PARKED_MAX) return false;
    if (frameWith(this.#fresh.page, sequence) === undefined) {
      const page = await this.#fresh.read(sequence, timestampNs);
      const isThere = frameWith(page, sequence) !== undefined;
      // Meanwhile everything may have changed; what was read is looked at anew.
      if (!isThere && state.cursor === cursor && topic.floor === floor) this.#missing(sequence);
      return true;
    }
    const limit = Math.min(messages, this.#shareOf(Number(topic.sequence - sequence)));
    workers.served(worker);
    if (this.#isKeyOrdered) this.#leaseByKey(worker, sequence, limit);
    else this.#lease(worker, freshPieces(this.#fresh.page, sequence, limit, worker.creditBytes));
    return true;
  }

  /** What of so many messages one worker gets. */
  #shareOf(messageCount: number): number {
    return Math.max(1, Math.ceil(messageCount / this.#host.workers.eligibleCount));
  }

  /** Leases the next messages one by one; those whose key is busy are passed over and wait. */
  #leaseByKey(worker: Worker, firstSequence: bigint, messages: number): void {
    const frame = frameWith(this.#fresh.page, firstSequence);
    if (frame === undefined) return;
    const pieces: Piece[] = [];
    const parked: Change[] = [];
    const flush = () => {
      if (parked.length > 0) void this.#host.change(parked.splice(0));
      if (pieces.length > 0) this.#lease(worker, pieces.splice(0));
    };
    let index = Number(firstSequence - frame.topicSequence);
    let bytes = 0;
    for (let at = offsetOfMessage(frame.body, index), count = 0; at < frame.body.length; index++) {
      const size = sizeOfMessageAt(frame.body, at);
      if (count >= messages || (count > 0 && bytes + size > worker.creditBytes)) break;
      const run = {
        firstTimestampNs: frame.timestampNs + BigInt(index),
        firstSequence: frame.topicSequence + BigInt(index),
        messageCount: 1,
      };
      const key = keyOfMessageAt(frame.body, at);
      const isBusy = this.#keys.isBusy(key);
      this.#keys.add(run.firstSequence, key);
      if (isBusy) {
        // The cursor passes in order, so what was leased before has to be noted before.
        if (pieces.length > 0) flush();
        parked.push({ $case: 'parked', value: run });
        if (parked.length + this.#host.state.waiting.messageCount >= KEY_PARKED_MAX) break;
      } else {
        if (parked.length > 0) flush();
        pieces.push({ run, bytes: frame.body.subarray(at, at + size), attempt: 1 });
        count++;
        bytes += size;
      }
      at += size;
    }
    flush();
  }

  /** Leases messages to a worker, and sends them once that is durable. */
  #lease(worker: Worker, pieces: readonly Piece[]): void {
    const { state, context } = this.#host;
    if (isBeyondPull(worker, pieces)) {
      worker.creditMessages = 0;
      return;
    }
    const leaseMs = worker.leaseMs ?? state.config.leaseMs;
    const deadlineNs = context.clock.nowNs() + leaseMs * NS_PER_MS;
    const changes: Change[] = [];
    const notes: LeaseNote[] = [];
    const { isStreamed } = worker;
    let receipt = state.nextReceipt;
    for (const { run, attempt, bytes } of pieces) {
      changes.push({ $case: 'leased', value: { receipt, run, attempt, deadlineNs, isStreamed } });
      notes.push({ receipt, messageCount: run.messageCount, attempt, deadlineNs });
      receipt++;
      worker.creditMessages -= run.messageCount;
      worker.creditBytes -= bytes.length;
    }
    const durable = this.#host.change(changes);
    const leases = notes.flatMap((note) => state.leases.of(note.receipt));
    leases.forEach((lease, i) => {
      lease.isAlone = pieces[i]?.isAlone === true;
      worker.hold(lease);
    });
    durable.then(
      () => {
        // What has left the worker meanwhile, by a seek or because it has gone, is not sent: it costs no credit.
        const chunks: Buffer[] = [];
        const sent: LeaseNote[] = [];
        pieces.forEach(({ run, bytes }, i) => {
          const [lease, note] = [leases[i], notes[i]];
          if (lease?.holder !== worker || lease.heldCount === 0 || note === undefined) {
            worker.creditMessages += run.messageCount;
            worker.creditBytes += bytes.length;
            return;
          }
          lease.isSent = true;
          chunks.push(bytes);
          sent.push(note);
        });
        if (sent.length > 0) {
          this.#noteSent(chunks, sent);
          worker.sink.deliver({ chunks, leases: sent });
        }
        if (sent.length < pieces.length) this.wake();
      },
      () => {
        // The storage has failed: all workers are told, and what is durable is found again.
      },
    );
  }

  #noteSent(chunks: readonly Buffer[], leases: readonly LeaseNote[]): void {
    const { topic, context } = this.#host;
    let [messageCount, byteCount] = [0, 0];
    for (const lease of leases) messageCount += lease.messageCount;
    for (const chunk of chunks) byteCount += chunk.length;
    topic.noteRead(messageCount, byteCount);
    context.log.readContext.observer.read(messageCount, byteCount);
  }

  #missing(sequence: bigint): void {
    const { topic } = this.#host;
    if (topic.isDeleted) return;
    throw new Error(`message ${sequence} of topic ${topic.name} is not where it has to be`);
  }

  /** Learns the keys of what is not settled, after a start or a seek. */
  async #readKeys(): Promise<void> {
    const keys = new Map<bigint, Buffer>();
    for (const { firstSequence, firstTimestampNs } of this.#unsettled()) {
      if (frameWith(this.#againPage, firstSequence) === undefined) {
        this.#againPage = await this.#again.read(firstSequence, firstTimestampNs);
      }
      const frame = frameWith(this.#againPage, firstSequence);
      const index = Number(firstSequence - (frame?.topicSequence ?? 0n));
      // What is trimmed is in nobody's way. The key is copied, so that it does not keep its frame.
      const key = frame && keyOfMessageAt(frame.body, offsetOfMessage(frame.body, index));
      keys.set(firstSequence, Buffer.from(key ?? ''));
    }
    // Meanwhile some may have been settled, or all be different: then it is looked at anew.
    const unsettled = this.#unsettled();
    if (!unsettled.every(({ firstSequence }) => keys.has(firstSequence))) return;
    for (const { firstSequence } of unsettled) {
      this.#keys.add(firstSequence, keys.get(firstSequence) ?? Buffer.alloc(0));
    }
    this.#areKeysKnown = true;
  }

  /** What is leased or waits, one by one, in order. */
  #unsettled(): Run[] {
    const { leases, waiting } = this.#host.state;
    const runs: Run[] = [];
    for (const lease of leases.all()) runs.push(...lease.allHeld());
    for (const { run } of waiting.all()) runs.push(run);
    runs.sort((a, b) => compareBigInts(a.firstSequence, b.firstSequence));
    return runs.flatMap((run) =>
      Array.from({ length: run.messageCount }, (_, i) => partOf(run, i, 1)),
    );
  }
}

function frameWith(frames: readonly Frame[], sequence: bigint): Frame | undefined {
  return frames.find(
    (frame) =>
      frame.topicSequence <= sequence &&
      sequence < frame.topicSequence + BigInt(frame.messageCount),
  );
}

/** The next messages, cut out of frames that hold the first; at least one. */
function freshPieces(
  frames: readonly Frame[],
  firstSequence: bigint,
  messages: number,
  creditBytes: number,
): Piece[] {
  const maxBytes = Math.min(creditBytes, PAGE_BYTES);
  const pieces: Piece[] = [];
  let sequence = firstSequence;
  let bytes = 0;
  let count = 0;
  for (const frame of frames) {
    if (endOfFrame(frame).sequence <= sequence) continue;
    const room = maxBytes - bytes;
    if (count >= messages || (count > 0 && frame.body.length > room)) break;
    const firstTimestampNs = frame.timestampNs + (sequence - frame.topicSequence);
    const piece = cut(frame, firstTimestampNs, messages - count, Math.max(room, 1));
    const run = { firstTimestampNs, firstSequence: sequence, messageCount: piece.messageCount };
    pieces.push({ run, bytes: piece.bytes, attempt: 1 });
    sequence += BigInt(piece.messageCount);
    bytes += piece.bytes.length;
    count += piece.messageCount;
  }
  return pieces;
}

/** A pull takes one message that is larger than it asked for, but none besides others. */
function isBeyondPull(worker: Worker, pieces: readonly Piece[]): boolean {
  if (worker.isStreamed || worker.inFlight === 0) return false;
  return pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) > worker.creditBytes;
}

function cut(frame: Frame, fromNs: bigint, messages: number, bytes: number) {
  return sliceFrame(frame, { fromNs, untilNs: FOREVER, messages, bytes });
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
