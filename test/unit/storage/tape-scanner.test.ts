import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../src/storage/frame.ts';
import { earliestFrameNs } from '../../../src/storage/tape-scanner.ts';
import { FrameMaker, START_NS } from '../../support/frames.ts';
import { CORRUPTION, StorageParts } from '../../support/storage-parts.ts';

/** Frames of two topics in turns: 1, 2, 1, 2 … */
async function openScanner(count = 6) {
  const parts = await StorageParts.open();
  const make = new FrameMaker();
  const frames = Array.from({ length: count }, (_, i) => make.data(1 + (i % 2), `frame ${i}`));
  await parts.append(frames);
  return { parts, scanner: parts.scanner, frames, make };
}

const bodies = (frames: readonly Frame[]) => frames.map((frame) => frame.body.toString());
const numbered = (...numbers: number[]) => numbers.map((number) => `frame ${number}`);

describe('TapeScanner', () => {
  it('reads all frames in order', async () => {
    const { scanner } = await openScanner();
    expect(bodies((await scanner.page(0n)).frames)).toEqual(numbered(0, 1, 2, 3, 4, 5));
    const all: Frame[] = [];
    for await (const frame of scanner.frames(START_NS + 2n)) all.push(frame);
    expect(bodies(all)).toEqual(numbered(2, 3, 4, 5));
    expect(bodies((await scanner.pageReverse(START_NS + 2n, 9)).frames)).toEqual(numbered(1, 0));
  });

  it('leaves out a frame that is damaged, and goes on behind it', async () => {
    const { parts, scanner, frames } = await openScanner();
    await parts.damage(frames[2]);
    await parts.damage(frames[5]);
    const page = await scanner.page(0n);
    expect(bodies(page.frames)).toEqual(numbered(0, 1, 3, 4));
    const all: Frame[] = [];
    for await (const frame of scanner.frames(0n)) all.push(frame);
    expect(bodies(all)).toEqual(numbered(0, 1, 3, 4));
  });

  it('is led by the index where the tape cannot be scanned, in both directions', async () => {
    const { parts, scanner, frames } = await openScanner();
    parts.databases.fail('tape.iterator', CORRUPTION);
    const page = await scanner.page(START_NS + 1n);
    expect(bodies(page.frames)).toEqual(numbered(1, 2, 3, 4, 5));
    expect(page.nextNs).toBe((frames[5]?.timestampNs ?? 0n) + 1n);
    parts.databases.fail('tape.iterator', CORRUPTION);
    const reverse = await scanner.pageReverse(START_NS + 4n, 3);
    expect(bodies(reverse.frames)).toEqual(numbered(3, 2, 1));
    expect(reverse.nextNs).toBe(frames[1]?.timestampNs);
  });

  it('adds from the index what a scan has passed over, where something is damaged', async () => {
    // Many more than are added at once.
    const { parts, scanner, frames } = await openScanner(200);
    await parts.damage(frames[0]);
    parts.databases.skipOnTape(150);
    const all: Frame[] = [];
    for (let nextNs: bigint | undefined = 0n; nextNs !== undefined; ) {
      const page: Awaited<ReturnType<typeof scanner.page>> = await scanner.page(nextNs);
      all.push(...page.frames);
      nextNs = page.nextNs;
    }
    expect(bodies(all)).toEqual(numbered(...Array.from({ length: 199 }, (_, i) => i + 1)));
  });

  it('fails if the disk does', async () => {
    const { parts, scanner } = await openScanner();
    parts.databases.fail('tape.iterator');
    await expect(scanner.page(0n)).rejects.toThrow('Input/output error');
    parts.databases.fail('tape.iterator');
    await expect(scanner.pageReverse(START_NS, 1)).rejects.toThrow('Input/output error');
  });

  it('finds the entries of a topic as the index would', async () => {
    const { parts, scanner } = await openScanner();
    for (const source of [parts.index, scanner]) {
      const range = await source.range(1, START_NS + 1n, 2);
      expect(range.map((entry) => entry.timestampNs)).toEqual([START_NS + 2n, START_NS + 4n]);
      expect((await source.floor(1, START_NS + 3n))?.timestampNs).toBe(START_NS + 2n);
      expect(await source.floor(2, START_NS)).toBeUndefined();
    }
    const bounded = await scanner.range(1, 0n, 9, START_NS + 4n);
    expect(bounded.map((entry) => entry.timestampNs)).toEqual([START_NS, START_NS + 2n]);
  });
});

describe('earliestFrameNs', () => {
  it('is as far back as a frame may reach, and not before 1970', () => {
    expect(earliestFrameNs(START_NS)).toBe(START_NS - 32_768n);
    expect(earliestFrameNs(5n)).toBe(0n);
  });
});
