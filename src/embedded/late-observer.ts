import type { CommitFigures, Observer, Protocol, StreamKind } from '../observer.ts';
import { silentObserver } from '../observer.ts';

/** Passes on what it is told as soon as somebody wants it: a broker that may never listen has no figures until it does. */
export class LateObserver implements Observer {
  #target: Observer = silentObserver;

  /** From now on, this one is told. */
  attach(target: Observer): void {
    this.#target = target;
  }

  published(seconds: number): void {
    this.#target.published(seconds);
  }

  committed(figures: CommitFigures): void {
    this.#target.committed(figures);
  }

  read(messageCount: number, byteCount: number): void {
    this.#target.read(messageCount, byteCount);
  }

  followed(seconds: number): void {
    this.#target.followed(seconds);
  }

  answered(protocol: Protocol, method: string, code: string, seconds: number): void {
    this.#target.answered(protocol, method, code, seconds);
  }

  answeredAsGophermq(method: string, code: string, seconds: number): void {
    this.#target.answeredAsGophermq(method, code, seconds);
  }

  streamOpened(kind: StreamKind): void {
    this.#target.streamOpened(kind);
  }

  streamClosed(kind: StreamKind): void {
    this.#target.streamClosed(kind);
  }

  trimmed(messageCount: number): void {
    this.#target.trimmed(messageCount);
  }

  removed(byteCount: number): void {
    this.#target.removed(byteCount);
  }

  storageFailed(): void {
    this.#target.storageFailed();
  }
}
