/** What a request came by. */
export type Protocol = 'grpc' | 'http' | 'embedded';

/** What keeps a connection busy for longer than a request. */
export type StreamKind = 'publish' | 'subscribe' | 'consume' | 'pull' | 'http';

/** One commit of the tape. Bytes and messages are those of clients, not what the broker notes for itself. */
export interface CommitFigures {
  readonly appendCount: number;
  readonly messageCount: number;
  readonly byteCount: number;
  /** Until the storage had it: with `fsync`, until it was on disk. */
  readonly writeSeconds: number;
  /** From when the first of its appends was taken out of the queue until its readers were told. */
  readonly commitSeconds: number;
}

/**
 * Is told what happens, for figures. It is called on hot paths: it counts, and does nothing else. Durations are seconds
 * by a clock that does not jump.
 */
export interface Observer {
  /** A publish was acknowledged so long after the log took it. */
  published(seconds: number): void;
  committed(figures: CommitFigures): void;
  /** Messages were handed to a reader or a worker. */
  read(messageCount: number, byteCount: number): void;
  /** A follower was handed what was committed so long ago. */
  followed(seconds: number): void;
  /** `code` is gRPC's name of a status, or HTTP's number. */
  answered(protocol: Protocol, method: string, code: string, seconds: number): void;
  /** A client of gophermq was answered; `code` is HTTP's number. */
  answeredAsGophermq(method: string, code: string, seconds: number): void;
  streamOpened(kind: StreamKind): void;
  streamClosed(kind: StreamKind): void;
  trimmed(messageCount: number): void;
  /** So much was taken off the tape. */
  removed(byteCount: number): void;
  storageFailed(): void;
}

/** For a broker whose figures nobody asks for. */
export const silentObserver: Observer = {
  published() {},
  committed() {},
  read() {},
  followed() {},
  answered() {},
  answeredAsGophermq() {},
  streamOpened() {},
  streamClosed() {},
  trimmed() {},
  removed() {},
  storageFailed() {},
};
