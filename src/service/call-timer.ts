import type { StatusCode } from 'playhead-proto';
import { statusName } from 'playhead-proto';
import type { Observer, Protocol } from '../observer.ts';
import { silentObserver } from '../observer.ts';

/** Who is told of a call, and what it came by: gRPC unless told otherwise. */
export interface CallContext {
  readonly observer?: Observer | undefined;
  readonly protocol?: Protocol | undefined;
}

/** Begins to time a call; the answer is to be called once, with how it ended. */
export function timeCall(
  call: { getPath(): string },
  { observer = silentObserver, protocol = 'grpc' }: CallContext,
): (code: StatusCode) => void {
  const startMs = performance.now();
  return (code) => {
    const seconds = (performance.now() - startMs) / 1000;
    observer.answered(protocol, call.getPath(), statusName(code), seconds);
  };
}
