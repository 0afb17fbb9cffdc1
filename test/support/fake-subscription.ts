import type { ServerDuplexStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type {
  AcknowledgeRequest,
  ConsumeRequest,
  Lease,
  PullRequest,
  Settlement,
  SettlementResult,
} from 'playhead-proto';
import {
  ConsumeResponse,
  EndReason,
  encodeErrorReason,
  Message,
  SettlementResult as Result,
} from 'playhead-proto';

type Stream = ServerDuplexStream<ConsumeRequest, ConsumeResponse>;
type Event = NonNullable<ConsumeResponse['event']>;

interface Stored {
  readonly message: Message;
  readonly bytes: number;
  attempt: number;
  /** Of the lease that it is in. */
  receipt: bigint;
  isSettled: boolean;
}

/** A worker that is connected. */
export class FakeWorker {
  readonly call: Stream;
  readonly requests: ConsumeRequest[] = [];
  /** What it may be sent yet. */
  creditMessages = 0;
  creditBytes = 0;
  isOver = false;

  constructor(call: Stream) {
    this.call = call;
  }

  send(response: Parameters<typeof ConsumeResponse.fromPartial>[0]): void {
    if (!this.isOver) this.call.write(ConsumeResponse.fromPartial(response));
  }

  /** Settlements of all its requests. */
  get settlements(): Settlement[] {
    return this.requests.flatMap(({ settlements }) => settlements);
  }

  /** Breaks its stream. */
  cut(): void {
    this.isOver = true;
    this.call.emit('error', { code: status.UNAVAILABLE, details: 'cut by the test' });
  }

  end(error?: Parameters<typeof encodeErrorReason>[0]): void {
    const value =
      error === undefined
        ? { reason: EndReason.DRAINED }
        : {
            reason: EndReason.ERROR,
            error: { reason: encodeErrorReason(error), message: `failed: ${error}`, metadata: {} },
          };
    this.send({ event: { $case: 'end', value } });
    this.isOver = true;
    this.call.end();
  }
}

/**
 * A shared subscription in memory that does what subscription.proto says of leases, credit and results. Its leases run
 * out when the test says so.
 */
export class FakeSubscription {
  /** All that ever connected. */
  readonly workers: FakeWorker[] = [];
  leaseMs = 30_000;
  isActive = true;
  /** Most messages of one lease. */
  maxLeaseMessages = 1000;
  /** True: results wait until `answerAll()`. */
  holdsResults = false;
  /** Told of each start, before it is answered. Returns an error to refuse it. */
  onStart: (index: number) => Parameters<typeof encodeErrorReason>[0] | undefined = () => undefined;
  readonly #stored: Stored[] = [];
  readonly #held: (() => void)[] = [];
  readonly #owners = new Map<bigint, FakeWorker | undefined>();
  #nextTimestampNs = 1000n;
  #nextReceipt = 1n;
  #closed: string | undefined;

  get worker(): FakeWorker {
    const worker = this.workers.at(-1);
    if (worker === undefined) throw new Error('no worker has connected yet');
    return worker;
  }

  get acknowledged(): string[] {
    return this.#stored
      .filter(({ isSettled }) => isSettled)
      .map(({ message }) => Buffer.from(message.value).toString());
  }

  get inFlightCount(): number {
    return this.#stored.filter(({ receipt }) => receipt !== 0n).length;
  }

  publish(...values: string[]): bigint[] {
    const timestamps = values.map((value) => {
      const timestampNs = this.#nextTimestampNs;
      this.#nextTimestampNs += 1n;
      const message = Message.fromPartial({ timestampNs, value: Buffer.from(value) });
      const response = ConsumeResponse.fromPartial({ messages: [message] });
      const bytes = ConsumeResponse.encode(response).finish().length;
      this.#stored.push({ message, bytes, attempt: 0, receipt: 0n, isSettled: false });
      return timestampNs;
    });
    this.#deliver();
    return timestamps;
  }

  consume(call: Stream): void {
    const worker = new FakeWorker(call);
    this.workers.push(worker);
    call.on('error', () => this.#leave(worker));
    call.on('cancelled', () => this.#leave(worker));
    call.on('end', () => {
      this.#leave(worker);
      call.end();
    });
    call.on('data', (request: ConsumeRequest) => this.#meet(worker, request));
  }

  pull({ maxMessages }: PullRequest): { messages: Message[]; leases: Lease[] } {
    const messages: Message[] = [];
    const leases: Lease[] = [];
    const stored = this.#ready().slice(0, maxMessages === 0 ? 1 : maxMessages);
    if (stored.length > 0) {
      leases.push(this.#lease(stored, undefined));
      messages.push(...stored.map(({ message }) => message));
    }
    return { messages, leases };
  }

  acknowledge({ settlements }: AcknowledgeRequest): { results: SettlementResult[] } {
    return { results: settlements.map((each) => this.#settle(each)) };
  }

  /** Lets the results go that were held. */
  answerAll(): void {
    this.holdsResults = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** All leases run out. */
  expire(): void {
    for (const stored of this.#stored) stored.receipt = 0n;
    this.#deliver();
  }

  /** Back to the beginning. */
  seek(): void {
    for (const stored of this.#stored) Object.assign(stored, { receipt: 0n, isSettled: false });
    this.tell({ $case: 'sought', value: { timestampNs: 1000n } });
    this.#deliver();
  }

  /** The topic is closed: once everything is settled, it is drained. */
  close(reason: string): void {
    this.#closed = reason;
    this.#drain();
  }

  delete(isTopicDeleted: boolean): void {
    this.tell({ $case: 'deleted', value: { isTopicDeleted } });
    for (const worker of this.#connected()) worker.end();
  }

  tell(event: Event): void {
    for (const worker of this.#connected()) worker.send({ event });
  }

  /** Says that it is active, or not any more. */
  start(isActive: boolean): void {
    this.isActive = isActive;
    this.tell(this.#started());
  }

  #started(): Event {
    const { isActive, leaseMs } = this;
    const value = {
      isActive,
      maxCreditMessages: 100_000,
      maxCreditBytes: 1 << 28,
      leaseMs: BigInt(leaseMs),
    };
    return { $case: 'started', value };
  }

  #meet(worker: FakeWorker, request: ConsumeRequest): void {
    worker.requests.push(request);
    if (request.start !== undefined) {
      const refusal = this.onStart(this.workers.indexOf(worker));
      if (refusal !== undefined) {
        worker.end(refusal);
        return;
      }
      worker.send({ event: this.#started() });
    }
    worker.creditMessages += request.creditMessages;
    worker.creditBytes += request.creditBytes;
    const results = request.settlements.map((each) => this.#settle(each));
    const answer = () => worker.send({ results });
    if (this.holdsResults) this.#held.push(answer);
    else if (results.length > 0) answer();
    this.#deliver();
    this.#drain();
  }

  #settle({ receipt, firstTimestampNs, lastTimestampNs, action }: Settlement): SettlementResult {
    const last = lastTimestampNs === 0n ? firstTimestampNs : lastTimestampNs;
    const named = this.#stored.filter(
      (each) =>
        each.receipt === receipt &&
        each.message.timestampNs >= firstTimestampNs &&
        each.message.timestampNs <= last,
    );
    for (const stored of named) {
      if (action?.$case === 'extend') continue;
      stored.receipt = 0n;
      stored.isSettled = action?.$case !== 'nack';
    }
    const error = {
      reason: encodeErrorReason('CONFLICT'),
      message: `lease ${receipt} is over`,
      metadata: { receipt: String(receipt) },
    };
    const isWhole = BigInt(named.length) === last - firstTimestampNs + 1n;
    return Result.fromPartial({
      messageCount: named.length,
      ...(isWhole ? {} : { error }),
      deadlineTimestampNs: action?.$case === 'extend' ? 77n + action.value.leaseMs : 0n,
    });
  }

  #ready(): Stored[] {
    return this.#stored.filter(({ receipt, isSettled }) => receipt === 0n && !isSettled);
  }

  #connected(): FakeWorker[] {
    return this.workers.filter(({ isOver }) => !isOver);
  }

  #deliver(): void {
    if (!this.isActive) return;
    for (const worker of this.#connected()) {
      const taken: Stored[] = [];
      for (const stored of this.#ready()) {
        if (worker.creditMessages <= 0 || worker.creditBytes <= 0) break;
        worker.creditMessages -= 1;
        worker.creditBytes -= stored.bytes;
        taken.push(stored);
      }
      this.#send(worker, taken);
    }
  }

  /** A lease for each run of messages of the same attempt. */
  #send(worker: FakeWorker, stored: readonly Stored[]): void {
    const leases: Lease[] = [];
    let run: Stored[] = [];
    stored.forEach((each, index) => {
      run.push(each);
      const next = stored[index + 1];
      if (next?.attempt === each.attempt && run.length < this.maxLeaseMessages) return;
      leases.push(this.#lease(run, worker));
      run = [];
    });
    if (leases.length > 0) worker.send({ messages: stored.map(({ message }) => message), leases });
  }

  #lease(stored: readonly Stored[], owner: FakeWorker | undefined): Lease {
    const receipt = this.#nextReceipt;
    this.#nextReceipt += 1n;
    this.#owners.set(receipt, owner);
    for (const each of stored) {
      each.receipt = receipt;
      each.attempt += 1;
    }
    const attempt = stored[0]?.attempt ?? 0;
    return { receipt, messageCount: stored.length, attempt, deadlineTimestampNs: 5n };
  }

  #leave(worker: FakeWorker): void {
    worker.isOver = true;
    for (const stored of this.#stored) {
      if (this.#owners.get(stored.receipt) === worker) stored.receipt = 0n;
    }
    this.#deliver();
  }

  #drain(): void {
    const reason = this.#closed;
    if (reason === undefined || this.#stored.some(({ isSettled }) => !isSettled)) return;
    for (const worker of this.#connected()) {
      worker.send({ event: { $case: 'drained', value: { reason } } });
      worker.end();
    }
  }
}
