import type { Database, DatabaseName, Databases } from '../../src/storage/databases.ts';

/** What can be made to fail, as `database.method`. */
export type Site =
  | `${DatabaseName}.${'batch' | 'get' | 'getMany' | 'iterator' | 'close'}`
  | `open.${DatabaseName}`;

interface Fault {
  left: number;
  readonly error: Error;
  readonly hasEffect: boolean;
}

/** Databases that fail when they are told to. */
export class FaultyDatabases implements Databases {
  readonly #databases: Databases;
  readonly #originals = new Map<Database, Database>();
  readonly #faults = new Map<Site, Fault>();
  readonly #held = new Map<Site, Promise<void>>();
  readonly destroy: Databases['destroy'];
  readonly damage: Databases['damage'];
  readonly dropped: Databases['dropped'];
  readonly space: Databases['space'];
  #skipped = 0;
  /** What is said to be free of a large disk; undefined: what is true. */
  freeBytes: number | undefined;
  /** How often databases were opened. */
  opens = 0;

  constructor(databases: Databases) {
    this.#databases = databases;
    this.destroy = (name) => databases.destroy(name);
    this.damage = (name) => databases.damage(name);
    this.dropped = (name) => databases.dropped(name);
    this.space = async () => {
      const { freeBytes } = this;
      return freeBytes === undefined ? databases.space() : { freeBytes, totalBytes: 2 ** 40 };
    };
  }

  /**
   * Makes the next calls fail. With `hasEffect` they do what they are asked for, and fail nevertheless; except that
   * what fails to open is not open.
   */
  fail(
    site: Site,
    { times = 1, hasEffect = false, message = 'IO error: Input/output error' } = {},
  ): void {
    this.#faults.set(site, { left: times, hasEffect, error: new Error(message) });
  }

  /** Holds the calls up that come from now on, until the answer is called. */
  hold(site: Site): () => void {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#held.set(site, held);
    return () => {
      this.#held.delete(site);
      release();
    };
  }

  /** Lets nothing fail any more. */
  heal(): void {
    this.#faults.clear();
  }

  /** Makes the next iterators of the tape pass over so many records behind their first, as LevelDB does at a wrong key. */
  skipOnTape(records: number): void {
    this.#skipped = records;
  }

  /** True if nothing is left to fail. */
  get isHealthy(): boolean {
    return [...this.#faults.values()].every((fault) => fault.left === 0);
  }

  async open(name: DatabaseName, options: { createIfMissing: boolean }): Promise<Database> {
    return this.#run(`open.${name}`, async () => {
      this.opens++;
      const database = await this.#databases.open(name, options);
      const wrapped = this.#wrap(name, database);
      this.#originals.set(wrapped, database);
      return wrapped;
    });
  }

  sizeOf(database: Database, from: Buffer, to: Buffer): Promise<number> {
    return this.#databases.sizeOf(this.#originals.get(database) ?? database, from, to);
  }

  compact(database: Database, from: Buffer, to: Buffer): Promise<void> {
    return this.#databases.compact(this.#originals.get(database) ?? database, from, to);
  }

  #wrap(name: DatabaseName, database: Database): Database {
    return {
      open: () => database.open(),
      close: () => this.#run(`${name}.close`, () => database.close()),
      // To a fault one write is like another.
      put: (key, value, options) =>
        this.#run(`${name}.batch`, () => database.put(key, value, options)),
      batch: (operations, options) =>
        this.#run(`${name}.batch`, () => database.batch(operations, options)),
      get: (key) => this.#run(`${name}.get`, () => database.get(key)),
      getMany: (keys, options) =>
        this.#run(`${name}.getMany`, () => database.getMany(keys, options)),
      iterator: (options) => {
        const iterator = database.iterator(options);
        return {
          nextv: (size) =>
            this.#run(`${name}.iterator`, async () => {
              const records = await iterator.nextv(size);
              return name === 'tape'
                ? [...records.slice(0, 1), ...records.slice(1 + this.#skipped)]
                : records;
            }),
          close: () => iterator.close(),
        };
      },
    };
  }

  async #run<T>(site: Site, call: () => Promise<T>): Promise<T> {
    await this.#held.get(site);
    const fault = this.#faults.get(site);
    if (fault === undefined || fault.left === 0) return call();
    fault.left--;
    if (fault.hasEffect && !site.startsWith('open.')) await call();
    throw fault.error;
  }
}
