import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/storage/databases.ts';
import { DiskDatabases } from '../../../src/storage/databases.ts';
import { encodeTapeKey } from '../../../src/storage/frame.ts';
import type { AppendFrame } from '../../../src/storage/store.ts';
import { Tape } from '../../../src/storage/tape.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';
import { FrameMaker, START_NS } from '../../support/frames.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** On a disk: in memory a page has no size. */
async function openTape(count = 5) {
  const directory = await temporaryDirectory();
  const databases = new FaultyDatabases(new DiskDatabases(directory.path));
  const database = await databases.open('tape', { createIfMissing: true });
  const tape = new Tape(database);
  const make = new FrameMaker();
  const frames = Array.from({ length: count }, (_, i) => make.data(1, `frame ${i}`, 10));
  await tape.append(frames, true);
  return {
    databases,
    database,
    tape,
    frames,
    async [Symbol.asyncDispose]() {
      await tape.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Puts something else where the frame was. */
async function damage(database: Database, frame: AppendFrame | undefined): Promise<void> {
  if (frame === undefined) throw new TypeError('no such frame');
  const value = Buffer.from(frame.value);
  value[20] = (value[20] ?? 0) ^ 1;
  const put = { type: 'put', key: encodeTapeKey(frame.timestampNs), value } as const;
  await database.batch([put], { sync: false });
}

const bodies = (frames: readonly ({ body: Buffer } | undefined)[]) =>
  frames.map((frame) => frame?.body.toString());

describe('Tape', () => {
  it('answers with frames by their keys, and undefined for what is missing or damaged', async () => {
    await using opened = await openTape(3);
    const { database, tape, frames } = opened;
    await damage(database, frames[1]);
    const keys = [...frames.map((frame) => frame.timestampNs), 5n];
    expect(bodies(await tape.get(keys))).toEqual(['frame 0', undefined, 'frame 2', undefined]);
  });

  it('reads each frame alone if they cannot be read together', async () => {
    await using opened = await openTape(3);
    const { databases, tape, frames } = opened;
    databases.fail('tape.getMany', { message: 'Corruption: bad block' });
    databases.fail('tape.get', { message: 'Corruption: bad block' });
    // The first is not found by itself either, but by a scan.
    const found = await tape.get(frames.map((frame) => frame.timestampNs));
    expect(bodies(found)).toEqual(['frame 0', 'frame 1', 'frame 2']);
  });

  it('fails if the disk does', async () => {
    await using opened = await openTape(1);
    const { databases, tape } = opened;
    databases.fail('tape.getMany');
    await expect(tape.get([START_NS])).rejects.toThrow('Input/output error');
  });

  it('goes on with the next page behind the last whole frame', async () => {
    await using opened = await openTape(5);
    const { tape, frames } = opened;
    const bytes = frames[0]?.value.length ?? 0;
    const page = await tape.page(START_NS, 2 * bytes);
    expect(bodies(page.frames)).toEqual(['frame 0', 'frame 1']);
    expect(page).toMatchObject({ isWhole: true, nextNs: (frames[1]?.timestampNs ?? 0n) + 1n });
    const rest = await tape.page(page.nextNs ?? 0n);
    expect([...page.frames, ...rest.frames]).toHaveLength(5);
    expect(await tape.page(rest.nextNs ?? 0n)).toEqual({
      frames: [],
      nextNs: undefined,
      isWhole: true,
    });
  });

  it('is not led astray by a key that is damaged', async () => {
    await using opened = await openTape(5);
    const { database, tape, frames } = opened;
    const key = encodeTapeKey(START_NS + (1n << 62n));
    await database.batch([{ type: 'put', key, value: frames[0]?.value ?? key }], { sync: false });
    const page = await tape.page(START_NS);
    expect(page.frames).toHaveLength(5);
    expect(page.nextNs).toBe((frames.at(-1)?.timestampNs ?? 0n) + 1n);
    expect(page.isWhole).toBe(false);
    const behind = await tape.page(page.nextNs ?? 0n);
    expect(behind).toEqual({ frames: [], nextNs: undefined, isWhole: false });
  });

  it('passes over damaged frames at the beginning of a page, in both directions', async () => {
    await using opened = await openTape(5);
    const { database, tape, frames } = opened;
    for (const i of [0, 1, 4]) await damage(database, frames[i]);
    const page = await tape.page(START_NS, 1);
    expect(bodies(page.frames)).toEqual(['frame 2']);
    expect(page.isWhole).toBe(false);
    const reverse = await tape.pageReverse(START_NS + 1000n, 1);
    expect(bodies(reverse.frames)).toEqual(['frame 3']);
    expect(reverse.nextNs).toBe(frames[3]?.timestampNs);
    const first = await tape.pageReverse(START_NS + 1n, 1);
    expect(first).toEqual({ frames: [], nextNs: undefined, isWhole: false });
  });

  it('removes frames', async () => {
    await using opened = await openTape(3);
    const { tape, frames } = opened;
    await tape.remove(frames.slice(0, 2).map((frame) => frame.timestampNs));
    expect(bodies((await tape.page(0n)).frames)).toEqual(['frame 2']);
  });
});
