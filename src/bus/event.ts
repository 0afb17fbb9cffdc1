/** What the handlers of a topic are given: one object for all of them, not to be changed. */
export interface BusEvent<Data = unknown> {
  /** By the bus's generator, or as the emitter gave it. */
  readonly id: string;
  /** Of the transaction: what was emitted in a handler with its context carries that of the event handled. */
  readonly txId: string;
  readonly topic: string;
  readonly data: Data;
  /** What emitted it, if that said so. */
  readonly source: string | undefined;
  /** Nanoseconds since 1970, UTC, read from a clock of microseconds. */
  readonly occurredAt: bigint;
}

/** What a handler gives to `emit` so that what it emits belongs to the same transaction. */
export interface EmitContext {
  readonly txId: string;
  readonly source: string | undefined;
}

/** What an emitter decides itself. */
export interface EmitOptions {
  /** Of the transaction that this belongs to; by default it begins one, which has the id of its first event. */
  readonly txId?: string | undefined;
  readonly id?: string | undefined;
  readonly source?: string | undefined;
  /** Nanoseconds since 1970; now by default. */
  readonly occurredAt?: bigint | undefined;
}

/** An event. A class, so that all of them have one shape: two allocations with its id. */
export class EmittedEvent implements BusEvent {
  readonly id: string;
  readonly txId: string;
  readonly topic: string;
  readonly data: unknown;
  readonly source: string | undefined;
  readonly occurredAt: bigint;

  constructor(
    id: string,
    topic: string,
    data: unknown,
    { txId, source }: EmitContext,
    occurredAt: bigint,
  ) {
    this.id = id;
    this.txId = txId;
    this.topic = topic;
    this.data = data;
    this.source = source;
    this.occurredAt = occurredAt;
  }
}

/** The context that the handlers of an event get. */
export class HandlerContext implements EmitContext {
  readonly txId: string;
  readonly source: string | undefined;

  constructor(txId: string, source: string | undefined) {
    this.txId = txId;
    this.source = source;
  }
}
