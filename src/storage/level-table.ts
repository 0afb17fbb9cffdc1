import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { maskedCrc32c } from './crc32c.ts';
import type { LiveTable } from './level-manifest.ts';

/**
 * How closely a table is looked at: every byte of it, or only what leads from one record to the next and not the
 * records' values, which is little to read where values are large.
 */
export type CheckDepth = 'everything' | 'structure';

/** Place of a block in its table. */
interface Handle {
  readonly offset: number;
  readonly bytes: number;
}

/** An entry of a block without its value. */
interface Entry {
  readonly key: Buffer;
  readonly valueAt: number;
  readonly endAt: number;
}

const FOOTER_BYTES = 48;
const FOOTER_MAGIC = 0xdb4775248b80fb57n;
/** Behind each block: how it is compressed, and its checksum. */
const TRAILER_BYTES = 5;
/** LevelDB puts its own 8 bytes behind every key, and ends the process over a key without them. */
const KEY_BYTES_MIN = 8;
/** Read at once where only the heads of entries are wanted. */
const WINDOW_BYTES = 4096;
/** A head: three varints of at most 5 bytes. */
const HEAD_BYTES_MAX = 15;

/**
 * Says what is wrong with a table of a LevelDB that must be closed; undefined if nothing is. LevelDB trusts its
 * tables: a wrong bit in a length or a key can end the process, or stop all writes when the table is compacted.
 */
export async function tableDamage(table: LiveTable, depth: CheckDepth): Promise<string | undefined> {
  const file = await open(table.path);
  try {
    const { size } = await file.stat();
    if (size !== table.bytes) return `has ${size} bytes instead of ${table.bytes}`;
    const footer = await read(file, size - FOOTER_BYTES, FOOTER_BYTES);
    if (footer.length < FOOTER_BYTES || footer.readBigUInt64LE(40) !== FOOTER_MAGIC) return 'has no footer';
    const [metaindex, afterMetaindex] = decodeHandle(footer, 0);
    const [index] = decodeHandle(footer, afterMetaindex);
    for (const handle of [...(await handlesIn(file, metaindex, size)), index, metaindex]) {
      if ((await wholeBlock(file, handle, size)) === undefined) return describe(handle);
    }
    let lastKey: Buffer = Buffer.alloc(0);
    for (const handle of await handlesIn(file, index, size)) {
      const last =
        depth === 'everything'
          ? walk(await wholeBlock(file, handle, size), lastKey)
          : await walkHeads(file, handle, size, lastKey);
      if (last === undefined) return describe(handle);
      lastKey = last;
    }
    return undefined;
  } finally {
    await file.close();
  }
}
