import { describe, expect, it } from 'vitest';
import { Streams } from '../../../src/service/streams.ts';

function stream() {
  const asked: string[] = [];
  return { asked, shutDown: () => void asked.push('shut down') };
}

describe('Streams', () => {
  it('asks all that are open to end, and waits until they have', async () => {
    const streams = new Streams();
    const [one, two, gone] = [stream(), stream(), stream()];
    const removals = [streams.add(one, 'publish'), streams.add(two, 'consume')];
    streams.add(gone, 'pull')();
    let isOver = false;
    const over = streams.shutDown().then(() => {
      isOver = true;
    });
    expect([one.asked, two.asked, gone.asked]).toEqual([['shut down'], ['shut down'], []]);
    removals[0]?.();
    await Promise.resolve();
    expect(isOver).toBe(false);
    removals[1]?.();
    await over;
  });

  it('asks one that is opened late at once', async () => {
    const streams = new Streams();
    await streams.shutDown();
    const late = stream();
    streams.add(late, 'subscribe');
    expect(late.asked).toEqual(['shut down']);
  });
});
