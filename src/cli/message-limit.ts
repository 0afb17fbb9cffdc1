import { usageError } from './exit-code.ts';
import type { Session } from './session.ts';

const NAME = 'PLAYHEAD_MAX_MESSAGE_BYTES';

/**
 * The largest message that a command takes, in bytes: the broker's limit, or that of the environment if it is smaller.
 * Throws a usage error for a variable that is no size.
 */
export async function messageLimit(
  { env }: Pick<Session, 'env'>,
  brokerMaxBytes: number,
): Promise<number> {
  const text = env[NAME] ?? '';
  if (text === '') return brokerMaxBytes;
  // Loading the broker's schema takes longer than most commands run.
  const { parseByteSize } = await import('../config.ts');
  const bytes = parseByteSize(text);
  if (bytes === undefined || bytes < 1) {
    throw usageError(`${NAME}=${text}: must be a size such as 65536, 512KiB or 1MiB`);
  }
  return Math.min(bytes, brokerMaxBytes);
}
