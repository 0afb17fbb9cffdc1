import type { BrokerError } from '../errors.ts';
import type { Append } from './append.ts';

/** Has a say in whether a topic takes more messages. */
export interface Admission {
  /**
   * Whether the topic, which will have this sequence then, takes so many messages: yes, never, or not yet. Asked while
   * a commit is formed, so that the answer is exact.
   */
  admit(topicSequence: bigint, messageCount: number): BrokerError | 'wait' | undefined;
  /** Takes an append that has to wait, to {@link Log.append} or to settle it later. */
  hold(append: Append): void;
  /** Messages were appended. */
  appended(): void;
}
