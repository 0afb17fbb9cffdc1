import type { Delivery, MessageFields } from 'playhead-client';
import { messageToJson, PlayheadError } from 'playhead-client';
import type { DeliverySource, SourceEnd } from './delivery-source.ts';
import type { ByteSink } from './format.ts';
import { countOf } from './progress.ts';
import type { Session } from './session.ts';

/** The part of a delivery that is printed. */
export interface PrintableDelivery extends Pick<Delivery, 'attempt' | 'isLost'> {
  readonly message: MessageFields;
}

/** Writes one message. */
export type Printer = (delivery: PrintableDelivery, out: ByteSink) => void;

/** How deliveries are printed and settled. */
export interface Printing<D> {
  readonly session: Pick<Session, 'out' | 'tell'>;
  readonly print: Printer;
  /** Ends after so many. */
  readonly count: number | undefined;
  /** Resolves when they are acknowledged; CONFLICT if their leases were lost. */
  readonly ackAll: (deliveries: readonly D[]) => Promise<void>;
}

const NEWLINE = Buffer.from('\n');

/** A line a message, nothing but its bytes, or an object a line. */
export const printers: Readonly<Record<'lines' | 'raw' | 'json', Printer>> = {
  lines: ({ message }, out) => {
    out.push(message.value);
    out.push(NEWLINE);
  },
  raw: ({ message }, out) => out.push(message.value),
  json: (delivery, out) => out.push(Buffer.from(`${JSON.stringify(deliveryToJson(delivery))}\n`)),
};

/** A message as `sub --json` writes it, with its attempt. */
export function deliveryToJson({ message, attempt }: Omit<PrintableDelivery, 'isLost'>): object {
  return { ...messageToJson(message), attempt };
}

/**
 * Prints deliveries and acknowledges, in order, those that have left the process. Ends without acknowledging the rest when
 * the reader of standard output has gone.
 */
export async function printDeliveries<D extends PrintableDelivery>(
  source: DeliverySource<D>,
  printing: Printing<D>,
): Promise<SourceEnd> {
  const { session, print, count = Number.POSITIVE_INFINITY } = printing;
  const { out } = session;
  let left = count;
  for (;;) {
    const next = await source.next();
    if (next.done === true) return next.value;
    // What was lost while it waited here comes again.
    let due = next.value.filter(({ isLost }) => !isLost).slice(0, left);
    left -= due.length;
    while (due.length > 0) {
      let pushed = 0;
      for (const delivery of due) {
        if (pushed > 0 && out.isFull) break;
        print(delivery, out);
        pushed++;
      }
      await out.flush();
      if (out.readerGone.aborted) return { type: 'stopped' };
      await acknowledge(printing, due.slice(0, pushed));
      due = due.slice(pushed);
    }
    if (left === 0) return { type: 'stopped' };
  }
}

async function acknowledge<D>(
  { session, ackAll }: Printing<D>,
  deliveries: readonly D[],
): Promise<void> {
  try {
    await ackAll(deliveries);
  } catch (error) {
    if (!(error instanceof PlayheadError) || error.reason !== 'CONFLICT') throw error;
    const { message } = error;
    session.tell(
      { event: 'lease_lost', message_count: deliveries.length, message },
      `printed, but may come again: ${countOf(deliveries.length, 'message')}: ${message}`,
    );
  }
}
