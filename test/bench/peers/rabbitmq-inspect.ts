import { inspect } from 'node:util';

/**
 * The library formats a line for its log at each frame, also if nobody listens: the bytes that it sends and the
 * messages that it receives. Until the end of the block Node.js formats next to nothing of them.
 */
export class BriefInspect implements Disposable {
  readonly #before = { ...inspect.defaultOptions };

  constructor() {
    Object.assign(inspect.defaultOptions, { depth: -1, maxArrayLength: 0, maxStringLength: 0 });
  }

  [Symbol.dispose](): void {
    Object.assign(inspect.defaultOptions, this.#before);
  }
}
