import { DRIVER_FAULT, DriverError } from './driver.ts';

/** What the requests of a case have made, by the names that they gave it. */
export class Named<T> {
  readonly #kind: string;
  readonly #things = new Map<unknown, T>();

  constructor(kind: string) {
    this.#kind = kind;
  }

  set(name: unknown, thing: T): void {
    this.#things.set(name, thing);
  }

  /** Throws if there is none: the case, or the driver, is wrong. */
  get(name: unknown): T {
    const thing = this.#things.get(name);
    if (thing !== undefined) return thing;
    throw new DriverError({
      reason: DRIVER_FAULT,
      message: `there is no ${this.#kind} ${String(name)}`,
    });
  }

  all(): readonly T[] {
    return [...this.#things.values()];
  }
}
