import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { REOPEN_DELAY_MAX_MS, REOPEN_DELAY_MS } from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { Recovered } from '../storage/recovery.ts';
import type { Store } from '../storage/store.ts';

export interface ReopenerContext {
  readonly store: Pick<Store, 'open' | 'close'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the disk has room enough to open the storage. */
  readonly hasRoom?: () => Promise<boolean>;
  /** The storage has failed: nothing that waits can be written. */
  readonly onFailed: (error: BrokerError) => void;
  /** The storage is open again, with this in it. */
  readonly onReopened: (recovered: Recovered) => void;
}

/**
 * Brings the storage back after an error. LevelDB accepts writes after a failed one and loses them at the next
 * open, so it is never used on: it is closed, opened anew as after a crash, and only then written to again. While
 * the disk is full it could not be opened: until there is room it stays as it is, for those who read.
 */
export class Reopener {
  readonly #context: ReopenerContext;
  #failure: BrokerError | undefined;
  #cancel: (() => void) | undefined;
  #attempt: Promise<void> | undefined;
  #isClosed = false;

  constructor(context: ReopenerContext) {
    this.#context = context;
  }

  /** Why the storage is not in use; undefined if it is. */
  get failure(): BrokerError | undefined {
    return this.#failure;
  }

  /**
   * Takes note of an error of the storage. Answers with what to tell those who met it: they cannot know what
   * became of their request.
   */
  fail(cause: unknown): BrokerError {
    if (this.#failure === undefined && !this.#isClosed) {
      const { logger, onFailed } = this.#context;
      logger.error({ err: cause }, 'the storage has failed and is opened again');
      this.#failure = failureOf(cause);
      onFailed(this.#failure);
      this.#reopenAfter(0);
    }
    return storageFailed(cause);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#attempt;
  }

  #reopenAfter(delayMs: number): void {
    if (this.#isClosed) return;
    this.#cancel = this.#context.clock.schedule(() => {
      this.#attempt = this.#reopen(delayMs);
    }, delayMs);
  }

  async #reopen(delayMs: number): Promise<void> {
    const { store, logger, hasRoom, onReopened } = this.#context;
    const nextMs = Math.min(Math.max(delayMs * 2, REOPEN_DELAY_MS), REOPEN_DELAY_MAX_MS);
    if (this.#failure?.reason === 'DISK_FULL' && (await hasRoom?.()) === false) {
      this.#reopenAfter(nextMs);
      return;
    }
    try {
      await store.close().catch(() => {
        // A storage that has failed may fail to close; opening it tells whether it can be used.
      });
      const recovered = await store.open();
      this.#failure = undefined;
      onReopened(recovered);
      logger.info({}, 'the storage is open again');
    } catch (error) {
      this.#failure = failureOf(error);
      logger.warn({ err: error }, 'the storage cannot be opened yet');
      this.#reopenAfter(nextMs);
    }
  }
}

function failureOf(cause: unknown): BrokerError {
  const text = textOf(cause);
  if (/no space left|ENOSPC/i.test(text)) {
    return new BrokerError(
      'DISK_FULL',
      'the disk is full; writes go on once there is room',
      {},
      cause,
    );
  }
  return storageFailed(cause);
}

function storageFailed(cause: unknown): BrokerError {
  const text = `the storage has failed and is opened again: ${textOf(cause)}`;
  return new BrokerError('STORAGE_FAILED', text, {}, cause);
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`;
}
