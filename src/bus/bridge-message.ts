import type { Message, PublishableMessage } from 'playhead-client';
import { EmittedEvent } from './event.ts';

/** How the data of events become the values of messages, and back. */
export interface Codec {
  readonly encode: (data: unknown) => string | Uint8Array;
  /** The bytes are a view that is valid while the event is handled. */
  readonly decode: (value: Buffer) => unknown;
}

/** `undefined` is an empty value. */
export const jsonCodec: Codec = {
  encode: (data) => JSON.stringify(data) ?? '',
  decode: (value) => (value.length === 0 ? undefined : JSON.parse(value.toString('utf8'))),
};

/** The headers of an event on a tape. All are text. */
const HEADER = {
  id: 'event-id',
  txId: 'event-tx-id',
  source: 'event-source',
  /** Nanoseconds since 1970, in decimal. */
  occurredAt: 'event-occurred-at',
  /** The bus that emitted it, a slash, and the number of the event there. */
  origin: 'event-origin',
} as const;

/** The event as it goes onto the tape. Throws what the codec throws. */
export function toMessage(event: EmittedEvent, codec: Codec, origin: string): PublishableMessage {
  const { id, txId, source, occurredAt, data } = event;
  const headers: [string, string][] = [
    [HEADER.id, id],
    [HEADER.txId, txId],
    [HEADER.occurredAt, String(occurredAt)],
    [HEADER.origin, origin],
  ];
  if (source !== undefined) headers.push([HEADER.source, source]);
  return { value: codec.encode(data), headers };
}

/** The event of a message, which need not come from a bus: then its ids are its timestamp. */
export function toEvent(message: Message, codec: Codec): EmittedEvent {
  const { topic, timestampNs } = message;
  const id = textOf(message, HEADER.id) ?? String(timestampNs);
  const context = {
    txId: textOf(message, HEADER.txId) ?? id,
    source: textOf(message, HEADER.source),
  };
  const occurredAt = textOf(message, HEADER.occurredAt);
  return new EmittedEvent(
    id,
    topic,
    codec.decode(message.value),
    context,
    occurredAt !== undefined && /^\d{1,19}$/.test(occurredAt) ? BigInt(occurredAt) : timestampNs,
  );
}

/** Knows what a bus itself has put on a tape since its bridge was built. */
export class OwnOrigin {
  readonly #busId: string;
  readonly #firstSequence: number;

  constructor(busId: string, firstSequence: number) {
    this.#busId = busId;
    this.#firstSequence = firstSequence;
  }

  has(message: Message): boolean {
    const [busId, sequence] = textOf(message, HEADER.origin)?.split('/') ?? [];
    return busId === this.#busId && Number(sequence) >= this.#firstSequence;
  }
}

function textOf(message: Message, header: string): string | undefined {
  return message.header(header)?.toString('utf8');
}
