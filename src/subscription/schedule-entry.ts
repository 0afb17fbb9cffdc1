import { ScheduleEntry } from 'playhead-proto/storage';
import { WIRE, WireReader } from '../log/wire-reader.ts';

/** What of an image is needed of a million of them at a start. */
export interface ImageOutline {
  readonly dueNs: bigint;
  /** Empty if it is to run once. */
  readonly cron: string;
}

/** Where id and image are in an entry. */
export interface ImagePlace {
  readonly idStart: number;
  readonly idEnd: number;
  readonly start: number;
  readonly end: number;
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

/** Where the image is in an entry that says all of a schedule; undefined if it is another. */
export function findImage(entry: Buffer): ImagePlace | undefined {
  const reader = new WireReader(entry);
  if (reader.uint32() !== ID_TAG) return undefined;
  const idEnd = reader.delimited();
  const idStart = reader.at;
  reader.at = idEnd;
  if (reader.uint32() !== IMAGE_TAG) return undefined;
  const end = reader.delimited();
  return { idStart, idEnd, start: reader.at, end };
}

export function outlineOf(image: Buffer): ImageOutline {
  const reader = new WireReader(image);
  let dueNs = 0n;
  let cron = '';
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === DUE_TAG) dueNs = image.readBigInt64LE(reader.at);
    if (tag === CRON_TAG) {
      const cronEnd = reader.delimited();
      cron = image.toString('utf8', reader.at, cronEnd);
      reader.at = cronEnd;
    } else {
      reader.skip(tag & 7);
    }
  }
  return { dueNs, cron };
}
