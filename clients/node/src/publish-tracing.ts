import type { PublishAllResult } from './publish-all.ts';
import type { PublishRequest } from './publish-request.ts';
import type { Publishable } from './publishable.ts';
import type { PublishTrace } from './tracing.ts';

/** The messages as they are to be sent, one after the other as they are taken. */
export function* injectAll(
  trace: PublishTrace,
  messages: Iterable<Publishable>,
): Generator<Publishable, undefined> {
  for (const message of messages) yield trace.inject(message);
  return undefined;
}

/**
 * Tells how the request ends, of which the traced messages begin at this index. Not by the promise that the program has:
 * somebody who looks at it would make an error that nobody awaits no unhandled rejection.
 */
export function followRequest(trace: PublishTrace, request: PublishRequest, index: number): void {
  void request.outcome().then(({ ack, error }) => {
    if (error === undefined) trace.stored(ack.firstTimestampNs + BigInt(index));
    else trace.failed(error);
  });
}

/** The result, which the program is to await in place of the one that is given. */
export async function followResult(
  trace: PublishTrace,
  result: Promise<PublishAllResult>,
): Promise<PublishAllResult> {
  try {
    const stored = await result;
    trace.stored(stored.firstTimestampNs);
    return stored;
  } catch (error) {
    trace.failed(error);
    throw error;
  }
}
