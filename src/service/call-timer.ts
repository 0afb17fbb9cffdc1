import { status } from '@grpc/grpc-js';
import type { Observer } from '../observer.ts';
import { silentObserver } from '../observer.ts';

/** Begins to time a call; the answer is to be called once, with how it ended. */
export function timeCall(
  call: { getPath(): string },
  observer: Observer = silentObserver,
): (code: status) => void {
  const startMs = performance.now();
  return (code) => {
    const seconds = (performance.now() - startMs) / 1000;
    observer.answered('grpc', call.getPath(), status[code], seconds);
  };
}
