import type { Log } from './log.ts';

/** What the broker has of the disk, in bytes; undefined where it is not known or there is none. */
export interface DiskUsage {
  /** Of the tape, with what is removed and not compacted yet, and with LevelDB's logs. */
  readonly tapeBytes: number | undefined;
  readonly freeBytes: number | undefined;
  readonly totalBytes: number | undefined;
}

const END_NS = (1n << 63n) - 1n;
const UNKNOWN: DiskUsage = { tapeBytes: undefined, freeBytes: undefined, totalBytes: undefined };

/** What of the disk is taken and left. Never rejects: while the storage is not open nothing is known. */
export async function diskUsage(log: Log): Promise<DiskUsage> {
  if (log.isRecovering) return UNKNOWN;
  try {
    return await log.readContext.gate.read(async (store) => {
      const space = await store.space();
      // What is in no table yet is in LevelDB's logs.
      const tapeBytes = (await store.sizeBetween(0n, END_NS)) + (space?.logBytes ?? 0);
      return { tapeBytes, freeBytes: space?.freeBytes, totalBytes: space?.totalBytes };
    });
  } catch {
    return UNKNOWN;
  }
}
