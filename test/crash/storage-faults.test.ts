import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../support/data-check.ts';
import { checkDamaged } from '../support/data-check.ts';
import { copyOf, filesOf } from '../support/data-copy.ts';
import type { PreparedData } from '../support/prepared-data.ts';
import { prepareData } from '../support/prepared-data.ts';
import { Random } from '../support/random.ts';

const FLIPS = Number(process.env['PLAYHEAD_FLIPS'] ?? 200);
/** Half of the time of one is waiting for the disk. */
const AT_ONCE = 4;
const random = Random.fromEnvironment('PLAYHEAD_SEED', 1);

let prepared: PreparedData;
beforeAll(async () => {
  prepared = await prepareData();
});
afterAll(() => prepared[Symbol.asyncDispose]());

/** Flips one bit of one file of the databases; says which. */
async function flipOneBit(dataDir: string): Promise<string> {
  const files = [...(await filesOf(dataDir, 'tape')), ...(await filesOf(dataDir, 'index'))];
  const file = random.pick(files);
  const path = join(dataDir, file);
  const bytes = await readFile(path);
  const bit = random.below(bytes.length * 8);
  bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  await writeFile(path, bytes);
  return `bit ${bit} of ${file}, ${bytes.length} bytes`;
}

describe('the data directory', () => {
  it('is read right while nothing is wrong with it', async () => {
    await using copy = await copyOf(prepared.path);
    expect(await checkDamaged(copy.path, prepared)).toBe('right');
  });

  it(
    `is never read wrong or with a silent gap, ${FLIPS} times with one bit flipped (seed ${random.seed})`,
    async () => {
      const faults: string[] = [];
      const outcomes: Record<Outcome, number> = { right: 0, told: 0, refused: 0 };
      const checkOne = async (copy: Awaited<ReturnType<typeof copyOf>>, flipped: string) => {
        await using _ = copy;
        try {
          const outcome = await checkDamaged(copy.path, prepared);
          outcomes[outcome]++;
          // Whatever the index lacks is on the tape.
          if (flipped.includes('index/') && outcome !== 'right')
            faults.push(`${flipped}: ${outcome}`);
        } catch (error) {
          faults.push(`${flipped}: ${error instanceof Error ? error.stack : error}`);
        }
      };
      for (let left = FLIPS; left > 0; left -= AT_ONCE) {
        const checks: Promise<void>[] = [];
        for (let i = 0; i < Math.min(left, AT_ONCE); i++) {
          const copy = await copyOf(prepared.path);
          checks.push(checkOne(copy, await flipOneBit(copy.path)));
        }
        await Promise.all(checks);
      }
      expect(faults).toEqual([]);
      // A test that damages nothing that matters shows nothing.
      expect(outcomes.told).toBeGreaterThan(FLIPS / 10);
    },
    60_000 + FLIPS * 1000,
  );

  const kinds = [
    ['table', /\.ldb$/],
    ['log', /\.log$/],
    ['MANIFEST', /MANIFEST-/],
    ['CURRENT', /CURRENT$/],
  ] as const;
  const damages = [
    ['is missing', (path: string) => rm(path)],
    ['is empty', (path: string) => truncate(path, 0)],
    [
      'has lost its second half',
      async (path: string) => truncate(path, (await readFile(path)).length >> 1),
    ],
  ] as const;

  describe.each(kinds)('of which a %s', (kind, pattern) => {
    it.each(damages)('%s is whole again if it is of the index', async (_, damage) => {
      for (const file of (await filesOf(prepared.path, 'index')).filter((name) =>
        pattern.test(name),
      )) {
        await using copy = await copyOf(prepared.path);
        await damage(join(copy.path, file));
        expect([file, await checkDamaged(copy.path, prepared)]).toEqual([file, 'right']);
      }
    });

    it.each(damages)('%s is told or refused if it is of the tape', async (_, damage) => {
      for (const file of (await filesOf(prepared.path, 'tape')).filter((name) =>
        pattern.test(name),
      )) {
        await using copy = await copyOf(prepared.path);
        await damage(join(copy.path, file));
        const outcome = await checkDamaged(copy.path, prepared);
        expect([file, outcome]).toEqual([file, kind === 'log' ? 'told' : 'refused']);
      }
    });

    it.each(damages)('%s is refused if it is of the records', async (_, damage) => {
      for (const file of (await filesOf(prepared.path, 'meta')).filter((name) =>
        pattern.test(name),
      )) {
        await using copy = await copyOf(prepared.path);
        await damage(join(copy.path, file));
        expect([file, await checkDamaged(copy.path, prepared)]).toEqual([file, 'refused']);
      }
    });
  });
});
