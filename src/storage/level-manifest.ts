import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c } from './crc32c.ts';

/** A table that belongs to a LevelDB, as its manifest says. */
export interface LiveTable {
  readonly path: string;
  readonly bytes: number;
}

const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;

/** Fields of a version edit, by their tags. */
const TAG = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;

/**
 * The tables that a LevelDB consists of, without opening it. Tables that a crash has left half-written are not among
 * them. As far as the manifest can be read: whether it is whole LevelDB says itself.
 */
export async function liveTables(directory: string): Promise<LiveTable[]> {
  const names = await readdir(directory).catch(() => []);
  const current = await readFile(join(directory, 'CURRENT'), 'utf8').catch(() => '');
  const manifest = names.find((name) => name === current.trimEnd());
  if (manifest === undefined) return [];
  const sizes = new Map<bigint, number>();
  for (const edit of records(await readFile(join(directory, manifest)))) {
    if (!applyEdit(new EditReader(edit), sizes)) break;
  }
  return names.flatMap((name) => {
    const number = /^(\d+)\.(?:ldb|sst)$/.exec(name)?.[1];
    const bytes = number === undefined ? undefined : sizes.get(BigInt(number));
    return bytes === undefined ? [] : [{ path: join(directory, name), bytes }];
  });
}

/** The records of a log, up to the first that is damaged. */
function* records(log: Buffer): Generator<Buffer> {
  let pieces: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= log.length; ) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      at += left;
      continue;
    }
    const end = at + HEADER_BYTES + log.readUInt16LE(at + 4);
    const type = log[at + 6];
    if (end > log.length || log.readUInt32LE(at) !== maskedCrc32c(log.subarray(at + 6, end)))
      return;
    const piece = log.subarray(at + HEADER_BYTES, end);
    // 1 is a whole record; others begin with a 2, go on with 3s and end with a 4.
    if (type === 1 || type === 2) pieces = [];
    pieces.push(piece);
    if (type === 1 || type === 4) yield Buffer.concat(pieces);
    at = end;
  }
}

/** Takes over which tables come and go; false if there is something unknown in it. */
function applyEdit(edit: EditReader, sizes: Map<bigint, number>): boolean {
  while (!edit.isAtEnd) {
    const tag = Number(edit.varint());
    if (tag === TAG.comparator) edit.skipBytes();
    else if (tag === TAG.compactPointer) {
      edit.varint();
      edit.skipBytes();
    } else if (tag === TAG.deletedFile) {
      edit.varint();
      sizes.delete(edit.varint());
    } else if (tag === TAG.newFile) {
      edit.varint();
      sizes.set(edit.varint(), Number(edit.varint()));
      edit.skipBytes();
      edit.skipBytes();
    } else if (
      tag === TAG.logNumber ||
      tag === TAG.nextFile ||
      tag === TAG.lastSequence ||
      tag === TAG.previousLog
    ) {
      edit.varint();
    } else return false;
  }
  return true;
}

class EditReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  skipBytes(): void {
    const bytes = Number(this.varint());
    this.#at += bytes;
  }
}
