import { ScheduleEntry } from 'playhead-proto/storage';
import { WIRE, WireReader } from '../log/wire-reader.ts';

/** An image of a schedule, read as far as a million of them at a start are worth. */
export interface ImageOutline {
  readonly id: string;
  /** The whole image, one byte a character. */
  readonly image: string;
  readonly dueNs: bigint;
  /** Empty if it is to run once. */
  readonly cron: string;
}

const ID_TAG = (1 << 3) | WIRE.bytes;
const IMAGE_TAG = (2 << 3) | WIRE.bytes;
const DUE_TAG = (2 << 3) | WIRE.fixed64;
const CRON_TAG = (3 << 3) | WIRE.bytes;

/** The entry that says all of a schedule: its id, which is ASCII, and its image. */
export function encodeImageEntry(id: string, image: Uint8Array): Uint8Array {
  const head = ScheduleEntry.encode({ id, change: undefined }).uint32(IMAGE_TAG).bytes(image);
  return head.finish();
}

/** The outline of an image; undefined if the entry is another. */
export function readImageEntry(entry: Buffer): ImageOutline | undefined {
  const reader = new WireReader(entry);
  if (reader.uint32() !== ID_TAG) return undefined;
  const idEnd = reader.delimited();
  const idStart = reader.at;
  reader.at = idEnd;
  if (reader.uint32() !== IMAGE_TAG) return undefined;
  const end = reader.delimited();
  return outlineOf(entry.toString('latin1', idStart, idEnd), entry, reader.at, end);
}

/** The outline of the image that is in these bytes of a buffer. */
export function outlineOf(id: string, bytes: Buffer, start: number, end: number): ImageOutline {
  const reader = new WireReader(bytes, start, end);
  let dueNs = 0n;
  let cron = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === DUE_TAG) dueNs = bytes.readBigInt64LE(reader.at);
    if (tag === CRON_TAG) {
      const cronEnd = reader.delimited();
      cron = bytes.toString('utf8', reader.at, cronEnd);
      reader.at = cronEnd;
    } else {
      reader.skip(tag & 7);
    }
  }
  return { id, image: bytes.toString('latin1', start, end), dueNs, cron };
}
