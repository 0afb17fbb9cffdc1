import { describe, expect, it } from 'vitest';
import { PublishQueue } from '../../../src/compat/gophermq-publish-queue.ts';
import { GOPHERMQ_ASYNC_BYTES } from '../../../src/limits.ts';
import { turned } from '../../support/subscribed.ts';

const HALF = GOPHERMQ_ASYNC_BYTES / 2;

/** Publishes that begin and end when the test says so. */
class Publishes {
  readonly queue = new PublishQueue();
  readonly begun: number[] = [];
  readonly ends: (() => void)[] = [];

  begin(id: number, bytes: number): Promise<void> {
    return this.queue.begin(bytes, () => {
      this.begun.push(id);
      return new Promise((resolve) => this.ends.push(resolve));
    });
  }
}

describe('publishes that nobody waits for', () => {
  it('begin in their order, as far as there is room', async () => {
    const publishes = new Publishes();
    await publishes.begin(1, HALF);
    await publishes.begin(2, HALF);
    const rest = [publishes.begin(3, HALF), publishes.begin(4, 1)];
    await turned();
    expect(publishes.begun).toEqual([1, 2]);
    publishes.ends[1]?.();
    await turned();
    expect(publishes.begun).toEqual([1, 2, 3]);
    publishes.ends[0]?.();
    await Promise.all(rest);
    expect(publishes.begun).toEqual([1, 2, 3, 4]);
  });

  it('begin alone if they are larger than the room', async () => {
    const publishes = new Publishes();
    await publishes.begin(1, GOPHERMQ_ASYNC_BYTES);
    const second = publishes.begin(2, GOPHERMQ_ASYNC_BYTES);
    await turned();
    expect(publishes.begun).toEqual([1]);
    publishes.ends[0]?.();
    await second;
    expect(publishes.begun).toEqual([1, 2]);
  });

  it('are refused if too many bytes wait', async () => {
    const publishes = new Publishes();
    await publishes.begin(1, GOPHERMQ_ASYNC_BYTES);
    const second = publishes.begin(2, GOPHERMQ_ASYNC_BYTES);
    await expect(publishes.begin(3, 1)).rejects.toMatchObject({ reason: 'OVERLOADED' });
    publishes.ends[0]?.();
    await second;
    expect(publishes.begun).toEqual([1, 2]);
  });
});
