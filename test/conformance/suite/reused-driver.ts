import type { Fields } from './bytes.ts';
import type { OpenedDriver } from './driver.ts';
import type { ProcessDriver } from './process-driver.ts';

/** How long the clients of a case have to be disconnected. */
const DISCONNECT_MS = 3000;

/**
 * Drivers that serve one case after the other, for languages whose programs take long to start. After each case its
 * clients are disconnected; a driver that does not do that in time, or has requests left, is not used again.
 */
export class DriverPool implements AsyncDisposable {
  readonly #start: () => ProcessDriver;
  readonly #idle: ProcessDriver[] = [];

  constructor(start: () => ProcessDriver) {
    this.#start = start;
  }

  take(): OpenedDriver {
    const driver = this.#idle.pop() ?? this.#start();
    return new ReusedDriver(driver, () => this.#idle.push(driver));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((driver) => driver.close()));
  }
}

class ReusedDriver implements OpenedDriver {
  readonly #driver: ProcessDriver;
  readonly #giveBack: () => void;
  readonly #clients = new Set<unknown>();

  constructor(driver: ProcessDriver, giveBack: () => void) {
    this.#driver = driver;
    this.#giveBack = giveBack;
  }

  get log(): string {
    return this.#driver.log;
  }

  async call(operation: string, request: Fields): Promise<Fields> {
    if (operation === 'connect') this.#clients.add(request['as']);
    if (operation === 'disconnect') this.#clients.delete(request['client']);
    return this.#driver.call(operation, request);
  }

  async close(): Promise<void> {
    if (await this.#disconnectAll()) this.#giveBack();
    else await this.#driver.close();
  }

  /** True if nothing of the case is left. */
  async #disconnectAll(): Promise<boolean> {
    const disconnecting = [...this.#clients].map((client) =>
      this.#driver.call('disconnect', { client }),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), DISCONNECT_MS);
    });
    const done = await Promise.race([Promise.allSettled(disconnecting), late]);
    clearTimeout(timer);
    return done !== 'late' && this.#driver.isIdle;
  }
}
