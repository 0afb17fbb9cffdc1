import { randomInt } from 'node:crypto';
import { SCHEDULE_CHUNK_BYTES } from '../limits.ts';
import type { ImagePlace } from './schedule-entry.ts';

/**
 * A record is what of an entry begins with the id and ends with the image. In front of it are its place, the room it has
 * and its length, 32 bits each, the length of the id, and where in the record the image begins, 16 bits each.
 */
const HEAD_BYTES = 16;
const ROOM_AT = 4;
const LENGTH_AT = 8;
const ID_LENGTH_AT = 12;
const IMAGE_AT = 14;
const FIRST_PLACES = 1024;
/** A chunk of which less than this share is in use is given up. */
const SPARSE = 0.25;

/** Records one behind the other, in use or not. */
interface Chunk {
  readonly bytes: Buffer;
  end: number;
  usedBytes: number;
}

/**
 * Images of schedules by id. There may be a million, and a start reads all of them, so there is no object for any: the
 * bytes lie in large chunks, and are found by a hash table of small numbers (open addressing with linear probing, Knuth,
 * The Art of Computer Programming 3, 6.4, algorithms L and R). The number of a schedule, its place, stays the same while
 * it is here, and is then given to another.
 */
export class ScheduleImages {
  /** Nobody outside knows which ids collide. */
  readonly #seed = randomInt(2 ** 31);
  /** One more than a place, or 0; never more than half of them are taken. */
  #slots = new Int32Array(2 * FIRST_PLACES);
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #freeChunks: number[] = [];
  #openChunk = -1;
  /** By place. */
  #hashes = new Int32Array(FIRST_PLACES);
  #chunkOf = new Int32Array(FIRST_PLACES).fill(-1);
  #offsetOf = new Int32Array(FIRST_PLACES);
  readonly #freePlaces: number[] = [];
  #placeCount = 0;
  #size = 0;
  #bytes = 0;

  /** Images there are. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of all ids and images, and what is between them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of all chunks. */
  get reservedBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + (chunk?.bytes.length ?? 0), 0);
  }

  /** Places are smaller than this. */
  get placeCount(): number {
    return this.#placeCount;
  }

  /** The place of the id that is in these bytes; undefined if it is not here. */
  find(id: Buffer, start = 0, end = id.length): number | undefined {
    const place = this.#slots[this.#slotOf(this.#hash(id, start, end), id, start, end)] as number;
    return place === 0 ? undefined : place - 1;
  }

  /** True if there is something at a place. */
  has(place: number): boolean {
    return (this.#chunkOf[place] ?? -1) >= 0;
  }

  id(place: number): string {
    const [{ bytes }, at] = this.#record(place);
    const start = at + HEAD_BYTES;
    return bytes.toString('latin1', start, start + bytes.readUInt16LE(at + ID_LENGTH_AT));
  }

  /** A view that holds until the next change. */
  image(place: number): Buffer {
    const [{ bytes }, at] = this.#record(place);
    const start = at + HEAD_BYTES;
    return bytes.subarray(
      start + bytes.readUInt16LE(at + IMAGE_AT),
      start + bytes.readUInt32LE(at + LENGTH_AT),
    );
  }

  /** Sets the image of an id, both as they are in an entry, which is copied. Answers with the place. */
  put(entry: Buffer, { idStart, idEnd, start, end }: ImagePlace): number {
    const hash = this.#hash(entry, idStart, idEnd);
    const slot = this.#slotOf(hash, entry, idStart, idEnd);
    const found = (this.#slots[slot] as number) - 1;
    const length = end - idStart;
    const place = found >= 0 ? found : this.#take(slot, hash);
    if (found < 0 || !this.#reuse(place, length)) {
      const [chunk, at] = this.#room(place, length);
      chunk.bytes.writeUInt32LE(place, at);
      chunk.bytes.writeUInt32LE(length, at + ROOM_AT);
    }
    const [{ bytes }, at] = this.#record(place);
    bytes.writeUInt32LE(length, at + LENGTH_AT);
    bytes.writeUInt16LE(idEnd - idStart, at + ID_LENGTH_AT);
    bytes.writeUInt16LE(start - idStart, at + IMAGE_AT);
    entry.copy(bytes, at + HEAD_BYTES, idStart, end);
    this.#bytes += length;
    return place;
  }

  remove(place: number): void {
    this.#release(place);
    this.#free(this.#slotOfPlace(place));
    this.#freePlaces.push(place);
    this.#size--;
  }

  #record(place: number): [Chunk, number] {
    return [this.#chunkAt(this.#chunkOf[place] ?? -1), this.#offsetOf[place] as number];
  }

  /** True if a record of this length has room where the one before is; else that is no more. */
  #reuse(place: number, length: number): boolean {
    const [{ bytes }, at] = this.#record(place);
    if (length > bytes.readUInt32LE(at + ROOM_AT)) {
      this.#release(place);
      return false;
    }
    this.#bytes -= bytes.readUInt32LE(at + LENGTH_AT);
    return true;
  }

  /** Room for a record at the end of the open chunk, or in one of its own. */
  #room(place: number, length: number): [Chunk, number] {
    const size = HEAD_BYTES + length;
    const index = size > SPARSE * SCHEDULE_CHUNK_BYTES ? this.#add(size) : this.#openFor(size);
    const chunk = this.#chunkAt(index);
    const at = chunk.end;
    chunk.end += size;
    chunk.usedBytes += size;
    this.#chunkOf[place] = index;
    this.#offsetOf[place] = at;
    return [chunk, at];
  }

  /** The open chunk, or a new one in its place if it has no room for so many bytes. */
  #openFor(size: number): number {
    const before = this.#chunks[this.#openChunk];
    if (before !== undefined && before.end + size <= before.bytes.length) return this.#openChunk;
    const full = this.#openChunk;
    this.#openChunk = this.#add(SCHEDULE_CHUNK_BYTES);
    // What is left in it may have become little while it was open. It fits into the new one, and leaves room.
    if (before !== undefined) this.#giveUpIfSparse(full);
    return this.#openChunk;
  }

  #add(size: number): number {
    const index = this.#freeChunks.pop() ?? this.#chunks.length;
    this.#chunks[index] = { bytes: Buffer.allocUnsafeSlow(size), end: 0, usedBytes: 0 };
    return index;
  }

  #chunkAt(index: number): Chunk {
    const chunk = this.#chunks[index];
    if (chunk === undefined) throw new RangeError(`there is no chunk ${index}`);
    return chunk;
  }

  /** The record of a place is no more. */
  #release(place: number): void {
    const [chunk, at] = this.#record(place);
    const { bytes } = chunk;
    this.#bytes -= bytes.readUInt32LE(at + LENGTH_AT);
    chunk.usedBytes -= HEAD_BYTES + bytes.readUInt32LE(at + ROOM_AT);
    const index = this.#chunkOf[place] as number;
    this.#chunkOf[place] = -1;
    if (index !== this.#openChunk) this.#giveUpIfSparse(index);
  }

  /** Moves what is in use in a chunk elsewhere if it is little. */
  #giveUpIfSparse(index: number): void {
    const { bytes, end, usedBytes } = this.#chunkAt(index);
    if (usedBytes >= SPARSE * bytes.length) return;
    for (let at = 0, next = 0; at < end; at = next) {
      const place = bytes.readUInt32LE(at);
      next = at + HEAD_BYTES + bytes.readUInt32LE(at + ROOM_AT);
      if (this.#chunkOf[place] !== index || this.#offsetOf[place] !== at) continue;
      const [to, start] = this.#room(place, next - at - HEAD_BYTES);
      bytes.copy(to.bytes, start, at, next);
    }
    this.#chunks[index] = undefined;
    this.#freeChunks.push(index);
  }

  /** A place for an id that is not here, whose slot is this one. */
  #take(slot: number, hash: number): number {
    const place = this.#freePlaces.pop() ?? this.#placeCount++;
    if (place === this.#hashes.length) this.#growPlaces();
    this.#hashes[place] = hash;
    this.#slots[slot] = place + 1;
    this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#growSlots();
    return place;
  }

  /** The slot of an id, or the one that it would have. */
  #slotOf(hash: number, id: Buffer, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = (this.#slots[slot] as number) - 1;
      if (place < 0) return slot;
      if (this.#hashes[place] === hash && this.#isAt(place, id, start, end)) return slot;
    }
  }

  #isAt(place: number, id: Buffer, start: number, end: number): boolean {
    const [{ bytes }, at] = this.#record(place);
    if (bytes.readUInt16LE(at + ID_LENGTH_AT) !== end - start) return false;
    const from = at + HEAD_BYTES;
    for (let i = start; i < end; i++) if (bytes[from + i - start] !== id[i]) return false;
    return true;
  }

  #slotOfPlace(place: number): number {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[place] as number) & mask;
    while (this.#slots[slot] !== place + 1) slot = (slot + 1) & mask;
    return slot;
  }

  /** Empties a slot, and moves up those behind it that would not be found any more. */
  #free(emptied: number): void {
    const mask = this.#slots.length - 1;
    let empty = emptied;
    for (let slot = (empty + 1) & mask; ; slot = (slot + 1) & mask) {
      const place = (this.#slots[slot] as number) - 1;
      if (place < 0) break;
      const home = (this.#hashes[place] as number) & mask;
      const isBehindEmpty = ((slot - home) & mask) >= ((slot - empty) & mask);
      if (!isBehindEmpty) continue;
      this.#slots[empty] = place + 1;
      empty = slot;
    }
    this.#slots[empty] = 0;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (const taken of this.#slots) {
      if (taken === 0) continue;
      let slot = (this.#hashes[taken - 1] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = taken;
    }
    this.#slots = slots;
  }

  #growPlaces(): void {
    const length = this.#hashes.length * 2;
    const grown = (values: Int32Array, rest: number) => {
      const more = new Int32Array(length).fill(rest);
      more.set(values);
      return more;
    };
    this.#hashes = grown(this.#hashes, 0);
    this.#chunkOf = grown(this.#chunkOf, -1);
    this.#offsetOf = grown(this.#offsetOf, 0);
  }

  /** FNV-1a from a seed of our own, mixed at the end as MurmurHash3 does it. */
  #hash(id: Buffer, start: number, end: number): number {
    let hash = this.#seed;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (id[i] as number), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) ^ (hash >>> 16);
  }
}
