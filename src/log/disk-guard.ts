import type { Clock } from '../clock.ts';
import {
  DISK_CHECK_BYTES,
  DISK_CHECK_BYTES_MIN,
  DISK_CHECK_INTERVAL_MS,
  DISK_OPEN_BYTES,
  DISK_RESERVE_BYTES,
} from '../limits.ts';
import type { Store } from '../storage/store.ts';

/** Who is told when writes stop and go on. */
export interface DiskListener {
  readonly onFull: (freeBytes: number) => void;
  readonly onRoom: () => void;
}

/**
 * Watches the free space. Writes stop before the disk is full: LevelDB needs room to compact, and at the next start
 * writes out anew what is in its logs; and a write that meets a full disk costs the storage a restart.
 */
export class DiskGuard {
  readonly #store: Pick<Store, 'space'>;
  readonly #clock: Clock;
  readonly #listener: DiskListener;
  #isFull = false;
  #uncheckedBytes = 0;
  /** Bytes that may be written before the next look. */
  #stepBytes = DISK_CHECK_BYTES;
  #freeBytes: number | undefined;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isClosed = false;

  constructor(store: Pick<Store, 'space'>, clock: Clock, listener: DiskListener) {
    this.#store = store;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** True while there is too little room to write. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get freeBytes(): number | undefined {
    return this.#freeBytes;
  }

  /** Looks at the disk once enough was written since the last look. */
  wrote(bytes: number): void {
    this.#uncheckedBytes += bytes;
    if (this.#uncheckedBytes < this.#stepBytes) return;
    this.#uncheckedBytes = 0;
    void this.check();
  }

  /** Looks now whether the disk has got full; those who ask at the same time share a look. */
  async look(): Promise<void> {
    // Whether there is room again is for the timer to find.
    if (this.#isFull) return;
    this.#looking ??= this.check().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async check(): Promise<void> {
    const space = await this.#store.space().catch(() => undefined);
    if (this.#isClosed || space === undefined) return;
    this.#freeBytes = space.freeBytes;
    const wasFull = this.#isFull;
    const reserveBytes =
      Math.min(DISK_RESERVE_BYTES, space.totalBytes / 20) + (space.logBytes ?? 0);
    const roomBytes = space.freeBytes - reserveBytes;
    this.#isFull = roomBytes < 0;
    // What is written takes room, and adds to the logs. Looks come closer as the end does.
    this.#stepBytes = Math.max(Math.min(DISK_CHECK_BYTES, roomBytes / 4), DISK_CHECK_BYTES_MIN);
    if (wasFull && !this.#isFull) this.#listener.onRoom();
    if (!wasFull && this.#isFull) this.#listener.onFull(space.freeBytes);
    this.#cancel?.();
    this.#cancel = this.#isFull
      ? this.#clock.schedule(() => void this.check(), DISK_CHECK_INTERVAL_MS)
      : undefined;
  }

  /** Whether there is room to open the storage again, or nobody can tell. */
  async hasRoomToOpen(): Promise<boolean> {
    const space = await this.#store.space().catch(() => undefined);
    return space === undefined || space.freeBytes >= (space.logBytes ?? 0) + DISK_OPEN_BYTES;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }
}
