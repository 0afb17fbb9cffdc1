/** Lets one at a time have what goes by a name. */
export class Turns {
  readonly #running = new Map<string, Promise<void>>();

  isTaken(name: string): boolean {
    return this.#running.has(name);
  }

  /** Resolves at the end of the turn that the name is in; undefined if it is in none. */
  end(name: string): Promise<void> | undefined {
    return this.#running.get(name);
  }

  /** Runs as soon as nobody else has the name. */
  async take<T>(name: string, run: () => Promise<T>): Promise<T> {
    for (let before = this.end(name); before !== undefined; before = this.end(name)) await before;
    return this.takeFree([name], run);
  }

  /** Runs at once, with names that nobody has. */
  takeFree<T>(names: readonly string[], run: () => Promise<T>): Promise<T> {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const name of names) this.#running.set(name, ended);
    return run().finally(() => {
      for (const name of names) this.#running.delete(name);
      end();
    });
  }

  /** Resolves when every turn has ended that has begun. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}
