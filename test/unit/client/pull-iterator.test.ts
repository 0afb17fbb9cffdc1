import { describe, expect, it } from 'vitest';
import { PullIterator, type PullSource } from '../../../clients/node/src/pull-iterator.ts';

/** Gives what was pushed; ends when it is closed, or with the error. */
class Source implements PullSource<string> {
  readonly values: string[] = [];
  closed = 0;
  error: Error | undefined;
  #wake: () => void = () => {};

  push(...values: string[]): void {
    this.values.push(...values);
    this.#wake();
  }

  takeNow(): string | undefined {
    return this.values.shift();
  }

  async wait(): Promise<boolean> {
    if (this.error !== undefined) throw this.error;
    if (this.closed > 0) return false;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return this.closed === 0;
  }

  async close(): Promise<void> {
    this.closed += 1;
    this.#wake();
  }
}

describe('PullIterator', () => {
  it('answers calls that do not wait for each other in order, as values come', async () => {
    const source = new Source();
    const iterator = new PullIterator(source);
    const results = Promise.all([1, 2, 3].map(() => iterator.next()));
    source.push('a');
    source.push('b', 'c');
    expect((await results).map(({ value }) => value)).toEqual(['a', 'b', 'c']);
    source.push('d');
    expect(await iterator.next()).toEqual({ value: 'd', done: false });
  });

  it('ends a call that waits when it is returned from, and all calls behind it', async () => {
    const source = new Source();
    const iterator = new PullIterator(source);
    const waiting = iterator.next();
    await iterator.return();
    source.push('a');
    const end = { value: undefined, done: true };
    expect(await waiting).toEqual(end);
    expect(await iterator.next()).toEqual(end);
  });

  it('throws an error once, closes the source, and is at its end', async () => {
    const source = new Source();
    source.error = new Error('lost');
    const iterator = new PullIterator(source);
    await expect(iterator.next()).rejects.toThrow('lost');
    expect(source.closed).toBeGreaterThan(0);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  it('closes the source when the loop is left, and when it is told to throw', async () => {
    const left = new Source();
    left.push('a', 'b');
    for await (const value of new PullIterator(left)) if (value === 'a') break;
    expect(left.closed).toBe(1);
    const thrown = new Source();
    await expect(new PullIterator(thrown).throw(new Error('enough'))).rejects.toThrow('enough');
    expect(thrown.closed).toBe(1);
  });
});
