import { BrokerError } from '../errors.ts';
import { GOPHERMQ_ASYNC_BYTES } from '../limits.ts';
import { Wakeup } from '../log/wakeup.ts';

/**
 * Publishes that nobody waits for: some are under way, and who brings more is held back until there is room, in the order
 * in which they come.
 */
export class PublishQueue {
  readonly #room = new Wakeup();
  #last = Promise.resolve();
  #runningBytes = 0;
  #waitingBytes = 0;

  /**
   * Resolves when the publish of so many bytes has begun; it must not fail. Throws OVERLOADED if too many wait already.
   */
  async begin(bytes: number, publish: () => Promise<void>): Promise<void> {
    if (this.#waitingBytes + bytes > GOPHERMQ_ASYNC_BYTES) throw tooMany();
    this.#waitingBytes += bytes;
    const turn = this.#last.then(() => this.#take(bytes));
    this.#last = turn;
    await turn;
    void publish().then(() => {
      this.#runningBytes -= bytes;
      this.#room.wake();
    });
  }

  async #take(bytes: number): Promise<void> {
    while (this.#runningBytes > 0 && this.#runningBytes + bytes > GOPHERMQ_ASYNC_BYTES) {
      await this.#room.wait();
    }
    this.#waitingBytes -= bytes;
    this.#runningBytes += bytes;
  }
}

function tooMany(): BrokerError {
  return new BrokerError(
    'OVERLOADED',
    `${GOPHERMQ_ASYNC_BYTES} bytes wait to be published, which is the limit; send again a little later`,
    { limit_bytes: `${GOPHERMQ_ASYNC_BYTES}` },
  );
}
