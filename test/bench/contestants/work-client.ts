import type { NamedClient } from './contestant.ts';

/** What a workload does with a contestant that is a work queue. Each queue is made by its first use. */
export interface WorkClient extends NamedClient {
  /** Puts the messages `0 … count - 1` of `Payloads` with this size, and resolves when every one is acknowledged. */
  fill(queue: string, messageBytes: number, count: number): Promise<void>;
  /**
   * Takes so many messages as one worker, checks each, acknowledges it, and resolves when every acknowledgement is
   * taken, as far as the contestant tells.
   */
  work(queue: string, messageBytes: number, count: number): Promise<void>;
  /** Throws a VerificationError unless so many messages are done, and none is left or was delivered twice. */
  verifyDone(queue: string, count: number): Promise<void>;
}
