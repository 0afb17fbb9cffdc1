import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { maskedCrc32c } from './crc32c.ts';
import type { LiveTable } from './level-manifest.ts';

/**
 * How closely a table is looked at: every byte of it, or only what leads from one record to the next, which is
 * little to read where the records' values are large.
 */
export type CheckDepth = 'everything' | 'structure';

/** Place of a block in its table. */
interface Handle {
  readonly offset: number;
  readonly bytes: number;
}

const FOOTER_BYTES = 48;
const FOOTER_MAGIC = 0xdb4775248b80fb57n;
/** Behind each block: how it is compressed, and its checksum. */
const TRAILER_BYTES = 5;
/** LevelDB puts these behind every key, and ends the process over a key without them. */
const KEY_TRAILER_BYTES = 8;
/** The head of an entry: three varints. */
const HEAD_BYTES_MAX = 15;
/** Read at once where only the heads of entries are wanted. */
const WINDOW_BYTES = 4096;

/**
 * Says what is wrong with a table; undefined if nothing is. LevelDB trusts its tables: a wrong bit in a length or
 * a key makes it end the process when it reads there, or refuse all writes once it compacts there. So tables are
 * looked at before it opens them.
 */
export function tableDamage({ path, bytes }: LiveTable, depth: CheckDepth): string | undefined {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size !== bytes) throw new Damage(`has ${size} bytes instead of ${bytes}`);
    checkTable(new Table(file, size), depth);
    return undefined;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  } finally {
    closeSync(file);
  }
}

function checkTable(table: Table, depth: CheckDepth): void {
  const { metaindex, index } = table.footer();
  for (const { value } of entries(table.wholeBlock(metaindex))) {
    table.wholeBlock(decodeHandle(value, 0).handle);
  }
  let last: Buffer | undefined;
  for (const { value } of entries(table.wholeBlock(index))) {
    const { handle } = decodeHandle(value, 0);
    const block = depth === 'everything' ? table.wholeBlock(handle) : table.blockHeads(handle);
    for (const { key } of entries(block)) {
      if (key.length < KEY_TRAILER_BYTES || (last !== undefined && !isBefore(last, key))) {
        throw damageOf(handle);
      }
      last = Buffer.from(key);
    }
  }
}

/** What makes a table unusable. */
class Damage extends Error {}

function damageOf({ offset, bytes }: Handle): Damage {
  return new Damage(`is damaged between its bytes ${offset} and ${offset + bytes}`);
}

/** A block of a table, of which the parts are read that are asked for. */
interface Block {
  readonly handle: Handle;
  /** Bytes of the block from an offset in it on. Valid until the next call. */
  view(at: number, bytes: number): Buffer;
}

class Table {
  readonly #file: number;
  readonly #size: number;

  constructor(file: number, size: number) {
    this.#file = file;
    this.#size = size;
  }

  footer(): { metaindex: Handle; index: Handle } {
    const footer = this.#read(this.#size - FOOTER_BYTES, FOOTER_BYTES);
    if (footer.readBigUInt64LE(FOOTER_BYTES - 8) !== FOOTER_MAGIC)
      throw new Damage('has no footer');
    const metaindex = decodeHandle(footer, 0);
    return { metaindex: metaindex.handle, index: decodeHandle(footer, metaindex.endAt).handle };
  }

  /** A block that its checksum proves whole. */
  wholeBlock(handle: Handle): Block {
    const block = this.#read(handle.offset, handle.bytes + TRAILER_BYTES);
    const checksum = block.readUInt32LE(handle.bytes + 1);
    const isWhole = checksum === maskedCrc32c(block.subarray(0, handle.bytes + 1));
    if (!isWhole || block[handle.bytes] !== 0) throw damageOf(handle);
    return { handle, view: (at, bytes) => block.subarray(at, at + bytes) };
  }

  /** A block of which only little is read. */
  blockHeads(handle: Handle): Block {
    const [type] = this.#read(handle.offset + handle.bytes, TRAILER_BYTES);
    if (type !== 0) throw damageOf(handle);
    let window: Buffer = Buffer.alloc(0);
    let windowAt = 0;
    const view = (at: number, bytes: number) => {
      if (at < windowAt || at + bytes > windowAt + window.length) {
        const wanted = Math.min(Math.max(bytes, WINDOW_BYTES), handle.bytes - at);
        window = this.#read(handle.offset + at, wanted);
        windowAt = at;
      }
      return window.subarray(at - windowAt, at - windowAt + bytes);
    };
    return { handle, view };
  }

  #read(offset: number, bytes: number): Buffer {
    if (offset < 0 || bytes < 0 || offset + bytes > this.#size) {
      throw new Damage(`ends before its byte ${offset + bytes}`);
    }
    const buffer = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes; ) {
      const count = readSync(this.#file, buffer, at, bytes - at, offset + at);
      if (count === 0) throw new Damage(`ends at its byte ${offset + at}`);
      at += count;
    }
    return buffer;
  }
}

/**
 * The entries of a block, each with its value's first bytes. A block has entries, which share the beginning of their
 * key with the one before; then the offsets of those that share nothing, where LevelDB begins to look; then the number
 * of these offsets.
 */
function* entries(block: Block): Generator<{ key: Buffer; value: Buffer }> {
  const { handle } = block;
  if (handle.bytes < 4) throw damageOf(handle);
  const restartCount = block.view(handle.bytes - 4, 4).readUInt32LE();
  const end = handle.bytes - 4 - 4 * restartCount;
  if (restartCount === 0 || end < 0) throw damageOf(handle);
  const restarts = Buffer.from(block.view(end, 4 * restartCount));
  let restart = 0;
  let key: Buffer = Buffer.alloc(0);
  for (let at = 0; at < end; ) {
    const head = decodeHead(block.view(at, Math.min(HEAD_BYTES_MAX, end - at)));
    const keyAt = at + head.bytes;
    const valueAt = keyAt + head.ownBytes;
    if (valueAt + head.valueBytes > end || head.sharedBytes > key.length) throw damageOf(handle);
    if (restart < restartCount && restarts.readUInt32LE(4 * restart) === at) {
      if (head.sharedBytes !== 0) throw damageOf(handle);
      restart++;
    }
    key = Buffer.concat([key.subarray(0, head.sharedBytes), block.view(keyAt, head.ownBytes)]);
    yield { key, value: block.view(valueAt, Math.min(head.valueBytes, 2 * 10)) };
    at = valueAt + head.valueBytes;
  }
  const isEmpty = end === 0 && restartCount === 1;
  if (restart !== restartCount && !isEmpty) throw damageOf(handle);
}

function decodeHead(bytes: Buffer): {
  bytes: number;
  sharedBytes: number;
  ownBytes: number;
  valueBytes: number;
} {
  const shared = decodeVarint(bytes, 0);
  const own = decodeVarint(bytes, shared.endAt);
  const value = decodeVarint(bytes, own.endAt);
  return {
    bytes: value.endAt,
    sharedBytes: shared.value,
    ownBytes: own.value,
    valueBytes: value.value,
  };
}

function decodeHandle(bytes: Buffer, at: number): { handle: Handle; endAt: number } {
  const offset = decodeVarint(bytes, at);
  const length = decodeVarint(bytes, offset.endAt);
  return { handle: { offset: offset.value, bytes: length.value }, endAt: length.endAt };
}

/** What is cut off or too long becomes a number that no table has. */
function decodeVarint(bytes: Buffer, at: number): { value: number; endAt: number } {
  let value = 0;
  for (let i = at, factor = 1; i < at + 10; i++, factor *= 128) {
    const byte = bytes[i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, endAt: i + 1 };
  }
  return { value: Number.MAX_SAFE_INTEGER, endAt: bytes.length };
}

/** LevelDB's order: by key, then the later write first. */
function isBefore(a: Buffer, b: Buffer): boolean {
  const order = Buffer.compare(
    a.subarray(0, a.length - KEY_TRAILER_BYTES),
    b.subarray(0, b.length - KEY_TRAILER_BYTES),
  );
  if (order !== 0) return order < 0;
  return a.readBigUInt64LE(a.length - 8) > b.readBigUInt64LE(b.length - 8);
}
