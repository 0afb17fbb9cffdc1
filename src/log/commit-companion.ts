import type { Frame } from '../storage/frame.ts';
import type { Append } from './append.ts';

/** Adds to the commits of a topic what belongs to their messages, so that it takes no commit of its own. */
export interface CommitCompanion {
  /**
   * Data frames of the topic have their timestamps and are about to be written; nothing that was appended before is
   * still to be. What is added, for system topics alone, is written with them.
   */
  sealed(frames: readonly Frame[], add: (append: Append) => void): void;
}
