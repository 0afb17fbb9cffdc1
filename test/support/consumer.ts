import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { ConsumeResponse, Message, Settlement, SettlementResult } from 'playhead-proto';
import { ConsumeRequest } from 'playhead-proto';

/** A message that a worker has got, with what it was told of its lease. */
export interface Delivered {
  readonly value: string;
  readonly message: Message;
  readonly timestampNs: bigint;
  readonly receipt: bigint;
  readonly attempt: number;
  readonly deadlineNs: bigint;
}

type ConsumeEvent = NonNullable<ConsumeResponse['event']>;
type EventOf<Case extends ConsumeEvent['$case']> = Extract<ConsumeEvent, { $case: Case }>['value'];

/** A Consume stream as the wire has it: everything that came, in its order, and what to wait for. */
export class Consumer implements Disposable {
  readonly deliveries: Delivered[] = [];
  readonly results: SettlementResult[] = [];
  readonly events: ConsumeEvent[] = [];
  /** What came, in short: `messages`, `results`, or the name of an event. */
  readonly order: string[] = [];
  /** Called for every delivery, before those who wait for it. */
  onDelivered: (delivered: Delivered) => void = () => {};
  /** The status of the stream once it has ended; OK is null. */
  ended: { readonly error: ServiceError | null } | undefined;
  readonly #call: ClientDuplexStream<Buffer, ConsumeResponse>;
  readonly #wakeups: (() => void)[] = [];

  constructor(call: ClientDuplexStream<Buffer, ConsumeResponse>) {
    this.#call = call;
    call.on('data', (response: ConsumeResponse) => this.#take(response));
    call.on('error', (error: ServiceError) => this.#end(error));
    call.on('end', () => this.#end(null));
  }

  /** Sends a request; false if the broker has to read on first. */
  send(request: Partial<ConsumeRequest>): boolean {
    return this.sendRaw(Buffer.from(ConsumeRequest.encode(requestOf(request)).finish()));
  }

  sendRaw(request: Buffer): boolean {
    return this.#call.write(request);
  }

  start(topic: string, subscription: string, options: Partial<ConsumeRequest> = {}): void {
    this.send({ start: { topic, subscription, worker: 'test' }, ...CREDIT, ...options });
  }

  settle(...settlements: readonly Settlement[]): void {
    this.send({ settlements: [...settlements] });
  }

  /** Settles and waits for the results, which must be the next ones. */
  async settled(...settlements: readonly Settlement[]): Promise<SettlementResult[]> {
    const before = this.results.length;
    this.settle(...settlements);
    await this.untilResults(before + settlements.length);
    return this.results.slice(before);
  }

  /** Stops reading, as a client that is stuck does. */
  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  /** Requests that have not left yet. */
  get unsentCount(): number {
    return this.#call.writableLength;
  }

  /** Says that nothing more comes. */
  end(): void {
    this.#call.end();
  }

  cancel(): void {
    this.#call.cancel();
  }

  /** The deliveries so far, once they are so many. */
  async untilDelivered(count: number): Promise<readonly Delivered[]> {
    await this.until(() => this.deliveries.length >= count);
    return this.deliveries;
  }

  async untilResults(count: number): Promise<readonly SettlementResult[]> {
    await this.until(() => this.results.length >= count);
    return this.results;
  }

  /** The value of the last event of this name, once there are so many of them. */
  async untilEvent<Case extends ConsumeEvent['$case']>(
    name: Case,
    count = 1,
  ): Promise<EventOf<Case>> {
    const found = () =>
      this.events.filter((event): event is Extract<ConsumeEvent, { $case: Case }> => {
        return event.$case === name;
      });
    await this.until(() => found().length >= count);
    const last = found().at(-1);
    if (last === undefined) throw new Error(`no ${name}`);
    return last.value as EventOf<Case>;
  }

  /** Waits until the stream has ended; fails if its status is not OK. */
  async untilEnded(): Promise<void> {
    while (this.ended === undefined) await this.#something();
    if (this.ended.error !== null) throw this.ended.error;
  }

  /** Waits until this holds; fails when the stream ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended !== undefined) {
        throw new Error(`the stream ended: ${this.ended.error?.message} [${this.order.join()}]`);
      }
      await this.#something();
    }
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  #take({ messages, leases, results, event }: ConsumeResponse): void {
    let at = 0;
    if (messages.length > 0) this.order.push('messages');
    for (const { receipt, messageCount, attempt, deadlineTimestampNs } of leases) {
      for (const message of messages.slice(at, at + messageCount)) {
        const { timestampNs } = message;
        const value = Buffer.from(message.value).toString();
        const lease = { receipt, attempt, deadlineNs: deadlineTimestampNs };
        const delivered = { value, message, timestampNs, ...lease };
        this.deliveries.push(delivered);
        this.onDelivered(delivered);
      }
      at += messageCount;
    }
    if (at !== messages.length) {
      this.#call.destroy(new Error(`${messages.length} messages with leases of ${at}`));
    }
    if (results.length > 0) this.order.push('results');
    this.results.push(...results);
    if (event !== undefined) {
      this.events.push(event);
      this.order.push(event.$case);
    }
    this.#wake();
  }

  #end(error: ServiceError | null): void {
    this.ended ??= { error };
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakeups.splice(0)) wake();
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeups.push(resolve);
    });
  }
}

/** Enough for any test. */
const CREDIT = { creditMessages: 100_000, creditBytes: 1 << 24 };

function requestOf(request: Partial<ConsumeRequest>): ConsumeRequest {
  return {
    start: undefined,
    creditMessages: 0,
    creditBytes: 0,
    settlements: [],
    isLeaving: false,
    ...request,
  };
}

type Leased = Pick<Delivered, 'receipt' | 'timestampNs'>;

export function ack(first: Leased, last: Leased = first): Settlement {
  return settlement(first, last, { $case: 'ack', value: { isCumulative: false } });
}

export function ackUpTo(last: Leased): Settlement {
  return settlement(last, last, { $case: 'ack', value: { isCumulative: true } });
}

export function nack(delivered: Leased, delayMs?: bigint): Settlement {
  return settlement(delivered, delivered, { $case: 'nack', value: { delayMs, isUnseen: false } });
}

export function extend(delivered: Leased, leaseMs = 0n): Settlement {
  return settlement(delivered, delivered, { $case: 'extend', value: { leaseMs } });
}

export function terminate(delivered: Leased, reason = ''): Settlement {
  return settlement(delivered, delivered, { $case: 'terminate', value: { reason } });
}

function settlement(first: Leased, last: Leased, action: Settlement['action']): Settlement {
  return {
    receipt: first.receipt,
    firstTimestampNs: first.timestampNs,
    lastTimestampNs: last.timestampNs,
    action,
  };
}
