import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskedCrc32c } from '../../../src/storage/crc32c.ts';
import type { LiveTable } from '../../../src/storage/level-manifest.ts';
import { liveTables } from '../../../src/storage/level-manifest.ts';
import { tableDamage } from '../../../src/storage/level-table.ts';
import { Random } from '../../support/random.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const options = { keyEncoding: 'buffer', valueEncoding: 'buffer', compression: false } as const;

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>;
let directory: Directory;
let database: string;
/** A table of small values, and one of large ones. */
let tables: LiveTable[];

beforeAll(async () => {
  directory = await temporaryDirectory();
  database = join(directory.path, 'db');
  for (const [bytes, count] of [
    [20, 500],
    [30_000, 12],
  ] as const) {
    const level = new ClassicLevel<Buffer, Buffer>(database, options);
    await level.open();
    for (let i = 0; i < count; i++) {
      const key = Buffer.alloc(8);
      key.writeBigUInt64BE(BigInt(bytes * 1_000_000 + i * 1000));
      await level.put(key, Buffer.alloc(bytes, i));
    }
    await level.del(Buffer.alloc(8));
    await level.close();
  }
  const level = new ClassicLevel(database, options);
  await level.open();
  await level.close();
  tables = await liveTables(database);
});
afterAll(() => directory[Symbol.asyncDispose]());

/** A copy of the table with other bytes. */
async function withBytes(table: LiveTable, change: (bytes: Buffer) => void): Promise<LiveTable> {
  const bytes = await readFile(table.path);
  change(bytes);
  const path = join(directory.path, 'changed.ldb');
  await writeFile(path, bytes);
  return { path, bytes: table.bytes };
}

function flip(bytes: Buffer, bit: number): void {
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
}

describe('liveTables', () => {
  it('finds the tables of a database, and their sizes', async () => {
    expect(tables).toHaveLength(2);
    for (const table of tables) expect((await readFile(table.path)).length).toBe(table.bytes);
  });

  it('does not count what a crash has left', async () => {
    await writeFile(join(database, '999999.ldb'), 'half a table');
    expect(await liveTables(database)).toEqual(tables);
  });

  it('finds none where there is no database, or none can be read', async () => {
    expect(await liveTables(join(directory.path, 'nothing'))).toEqual([]);
    await using other = await temporaryDirectory();
    await writeFile(join(other.path, 'CURRENT'), 'MANIFEST-000001\n');
    expect(await liveTables(other.path)).toEqual([]);
    await writeFile(join(other.path, 'MANIFEST-000001'), Buffer.alloc(100, 7));
    expect(await liveTables(other.path)).toEqual([]);
  });
});

describe('tableDamage', () => {
  it('finds nothing wrong with what LevelDB has written', () => {
    for (const table of tables) {
      expect(tableDamage(table, 'everything')).toBeUndefined();
      expect(tableDamage(table, 'structure')).toBeUndefined();
    }
  });

  it('sees every flipped bit, if it looks at everything', async () => {
    const random = new Random(3);
    for (let i = 0; i < 200; i++) {
      const table = random.pick(tables);
      const bit = random.below((table.bytes - 48) * 8);
      const changed = await withBytes(table, (bytes) => flip(bytes, bit));
      expect([bit, tableDamage(changed, 'everything')]).toEqual([
        bit,
        expect.stringMatching(/^is damaged between its bytes/),
      ]);
    }
  });

  it('sees every flipped bit in what leads from record to record, if it looks at that', async () => {
    const [small] = tables;
    if (small === undefined) throw new TypeError('no table');
    // The first entry: three lengths, then its key of 8 bytes and LevelDB's 8 behind it.
    for (let bit = 0; bit < (3 + 8) * 8; bit++) {
      const changed = await withBytes(small, (bytes) => flip(bytes, bit));
      // A bit of the first key may leave it before the second one.
      if (bit < 24)
        expect([bit, tableDamage(changed, 'structure')]).toEqual([bit, expect.anything()]);
    }
    // The value is none of it.
    const changed = await withBytes(small, (bytes) => flip(bytes, (3 + 16 + 5) * 8));
    expect(tableDamage(changed, 'structure')).toBeUndefined();
  });

  it('sees keys that are out of order', async () => {
    const [small] = tables;
    if (small === undefined) throw new TypeError('no table');
    const changed = await withBytes(small, (bytes) => {
      bytes[3] = 0xff;
    });
    expect(tableDamage(changed, 'structure')).toMatch(/^is damaged between its bytes 0 and/);
  });

  it('sees that a table is cut off, is empty, or has another size', async () => {
    for (const table of tables) {
      const changed = await withBytes(table, () => {});
      await truncate(changed.path, table.bytes >> 1);
      expect(tableDamage(changed, 'structure')).toMatch(/^has \d+ bytes instead of \d+$/);
      await truncate(changed.path, 0);
      expect(tableDamage(changed, 'structure')).toBe(`has 0 bytes instead of ${table.bytes}`);
      expect(tableDamage({ ...changed, bytes: 0 }, 'structure')).toMatch(/^ends before/);
      expect(tableDamage({ path: table.path, bytes: 1 }, 'structure')).toMatch(/instead of 1$/);
    }
  });

  it('does not believe what a checksum vouches for if it makes no sense', async () => {
    const [small] = tables;
    if (small === undefined) throw new TypeError('no table');
    const changed = await withBytes(small, (bytes) => {
      // The index of the table, by its place in the footer: a block whose number of restarts is wrong.
      const at = bytes.length - 48;
      const [offset, length] = indexHandle(bytes.subarray(at));
      bytes.writeUInt32LE(0xffff, offset + length - 4);
      bytes.writeUInt32LE(
        maskedCrc32c(bytes.subarray(offset, offset + length + 1)),
        offset + length + 1,
      );
    });
    expect(tableDamage(changed, 'structure')).toMatch(/^is damaged/);
  });
});

/** The second pair of varints in a footer. */
function indexHandle(footer: Buffer): [number, number] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const byte of footer) {
    value += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = shift = 0;
  }
  return [numbers[2] ?? 0, numbers[3] ?? 0];
}
