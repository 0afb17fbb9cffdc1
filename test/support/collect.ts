import type { Message } from 'playhead-client';

/** All that comes, until it ends. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** The values of all messages that come until the end, as text. */
export async function texts(source: AsyncIterable<Message>): Promise<string[]> {
  return (await collect(source)).map(({ text }) => text);
}

/** The next so many; fewer if it ends before. What comes behind them is still there to take. */
export async function take<T>(iterator: AsyncIterator<T>, count: number): Promise<T[]> {
  const items: T[] = [];
  while (items.length < count) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    items.push(value);
  }
  return items;
}

/** `prefix-0` to `prefix-(count - 1)`. */
export function numbered(count: number, prefix = 'm'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}
