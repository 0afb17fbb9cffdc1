import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { asBrokerError, BrokerError } from '../errors.ts';
import { HTTP_KEEP_ALIVE_MS } from '../limits.ts';
import type { Log } from '../log/log.ts';
import type { ReadEvent } from '../log/read-event.ts';
import type { Subscription } from '../log/subscribe.ts';
import type { EventEncoding } from './event-encoding.ts';
import { EventWriter, KEEP_ALIVE, SERVER_SENT_EVENTS } from './event-encoding.ts';

/** What a stream is made of. */
export interface EventStreamOptions {
  readonly subscription: Subscription;
  /** Name or glob, as it was asked for. */
  readonly topic: string;
  readonly encoding: EventEncoding;
  readonly log: Log;
}

/**
 * What a subscription brings, as a stream of text that is no faster than it is read: a piece of an event is made when
 * the one before has gone.
 */
export function eventStream(options: EventStreamOptions): Readable {
  return Readable.from(encoded(options), { objectMode: false, highWaterMark: 1 });
}

async function* encoded(options: EventStreamOptions): AsyncGenerator<string, void> {
  const { subscription, topic, encoding, log } = options;
  const { reader } = subscription;
  const events = reader.events();
  const writer = new EventWriter(encoding, topic, () => resumeBehindDeleted(log, topic));
  let hasEnded = false;
  // The response begins before there is a message.
  if (encoding === SERVER_SENT_EVENTS) yield KEEP_ALIVE;
  try {
    for (;;) {
      const next = events.next();
      yield* keptAlive(next, encoding, log.clock);
      const { value, done } = await next;
      if (done === true) break;
      hasEnded = value.type === 'end';
      yield* writer.write(apart(value));
    }
    if (!hasEnded && log.isDraining) {
      const text = 'the broker is shutting down; read again behind the last message';
      yield writer.writeError(new BrokerError('SHUTTING_DOWN', text));
    }
  } catch (error) {
    yield writer.writeError(asBrokerError(error));
  } finally {
    reader.close();
    await events.return();
  }
}

/** Behind a topic that was deleted: before the one of its name that there is now, or else at the end of the tape. */
function resumeBehindDeleted({ topics, lastTimestampNs }: Log, topic: string): bigint {
  const created = topics.get(topic)?.createdTimestampNs;
  return created === undefined ? lastTimestampNs : created - 1n;
}

/** The event without the frames of which its messages are views: a slow reader would hold all of them. */
function apart(event: ReadEvent): ReadEvent {
  if (event.type !== 'messages') return event;
  return { ...event, chunks: event.chunks.map((chunk) => Buffer.from(chunk)) };
}

/** Says that the stream is still there until the next event has come. */
async function* keptAlive(
  next: Promise<IteratorResult<ReadEvent, void>>,
  encoding: EventEncoding,
  clock: Clock,
): AsyncGenerator<string, void> {
  if (encoding !== SERVER_SENT_EVENTS) return;
  for (;;) {
    let cancel = (): void => {};
    const pause = new Promise<'pause'>((resolve) => {
      cancel = clock.schedule(() => resolve('pause'), HTTP_KEEP_ALIVE_MS);
    });
    const first = await Promise.race([
      pause,
      next.then(
        () => 'event' as const,
        () => 'event' as const,
      ),
    ]);
    cancel();
    if (first === 'event') return;
    yield KEEP_ALIVE;
  }
}
