import type { Clock } from '../clock.ts';
import { DISK_CHECK_BYTES, DISK_CHECK_INTERVAL_MS, DISK_RESERVE_BYTES } from '../limits.ts';
import type { Store } from '../storage/store.ts';

/**
 * Watches the free space. Writes stop before the disk is full: LevelDB needs room to compact and to open, and a
 * write that meets a full disk costs the storage a restart.
 */
export class DiskGuard {
  readonly #store: Pick<Store, 'space'>;
  readonly #clock: Clock;
  readonly #onRoom: () => void;
  #isFull = false;
  #uncheckedBytes = 0;
  #freeBytes: number | undefined;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(store: Pick<Store, 'space'>, clock: Clock, onRoom: () => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onRoom = onRoom;
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
    if (this.#uncheckedBytes < DISK_CHECK_BYTES) return;
    this.#uncheckedBytes = 0;
    void this.check();
  }

  async check(): Promise<void> {
    const space = await this.#store.space().catch(() => undefined);
    if (this.#isClosed || space === undefined) return;
    this.#freeBytes = space.freeBytes;
    const wasFull = this.#isFull;
    this.#isFull = space.freeBytes < Math.min(DISK_RESERVE_BYTES, space.totalBytes / 20);
    if (wasFull && !this.#isFull) this.#onRoom();
    this.#cancel?.();
    this.#cancel = this.#isFull
      ? this.#clock.schedule(() => void this.check(), DISK_CHECK_INTERVAL_MS)
      : undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }
}
