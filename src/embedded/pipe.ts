import { IN_PROCESS_UNREAD_BYTES } from '../limits.ts';

interface Piece {
  readonly bytes: Buffer;
  readonly onTaken: (() => void) | undefined;
}

/** What a pipe does at its ends. */
export interface PipeEnds {
  /** Takes the next piece. The pipe may be paused meanwhile. */
  readonly onData: (bytes: Buffer) => void;
  /** All pieces are taken, and no more will come. */
  readonly onEnd: () => void;
  /** There is room again, after a write that found none. */
  readonly onDrain: () => void;
}

/**
 * One direction of a call within the process: pieces go in, and come out in a later turn of the event loop, as over a
 * socket, so that neither side runs in the other's stack, nor keeps timers and sockets waiting. Pieces are copied unless
 * their writer gives them away: what either side holds is its own.
 */
export class Pipe {
  readonly #ends: PipeEnds;
  readonly #isGiven: boolean;
  #pieces: Piece[] = [];
  #unreadBytes = 0;
  #isPaused = false;
  #isEnding = false;
  #hasEnded = false;
  #mustDrain = false;
  #delivery: NodeJS.Immediate | undefined;

  constructor(ends: PipeEnds, { isGiven }: { readonly isGiven: boolean }) {
    this.#ends = ends;
    this.#isGiven = isGiven;
  }

  /** Whether so much is unread that a writer should wait for the drain. */
  get isFull(): boolean {
    return this.#unreadBytes >= IN_PROCESS_UNREAD_BYTES;
  }

  /** False if the writer should wait now. */
  write(bytes: Buffer, onTaken?: () => void): boolean {
    if (this.#isEnding) return false;
    this.#pieces.push({ bytes: this.#isGiven ? bytes : copyOf(bytes), onTaken });
    this.#unreadBytes += bytes.length;
    this.#mustDrain ||= this.isFull;
    this.#plan();
    return !this.isFull;
  }

  /** No more will come. */
  end(): void {
    this.#isEnding = true;
    this.#plan();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#plan();
  }

  /** Forgets what is unread. Nothing happens at its ends any more. */
  cut(): void {
    this.#isEnding = true;
    this.#hasEnded = true;
    this.#pieces = [];
    this.#unreadBytes = 0;
    clearImmediate(this.#delivery);
  }

  #plan(): void {
    if (this.#isPaused || this.#hasEnded) return;
    this.#delivery ??= setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#delivery = undefined;
    const pieces = this.#pieces;
    this.#pieces = [];
    let taken = 0;
    for (; taken < pieces.length && !this.#isPaused && !this.#hasEnded; taken++) {
      const piece = pieces[taken];
      if (piece === undefined) break;
      this.#unreadBytes -= piece.bytes.length;
      this.#ends.onData(piece.bytes);
      piece.onTaken?.();
    }
    if (this.#hasEnded) return;
    if (taken < pieces.length) this.#pieces = [...pieces.slice(taken), ...this.#pieces];
    if (this.#mustDrain && !this.isFull) {
      this.#mustDrain = false;
      this.#ends.onDrain();
    }
    if (this.#pieces.length > 0) this.#plan();
    else if (this.#isEnding && !this.#isPaused) {
      this.#hasEnded = true;
      this.#ends.onEnd();
    }
  }
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
