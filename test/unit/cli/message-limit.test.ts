import { describe, expect, it } from 'vitest';
import { messageLimit } from '../../../src/cli/message-limit.ts';

const limit = (variable: string | undefined) =>
  messageLimit({ env: { PLAYHEAD_MAX_MESSAGE_BYTES: variable } }, 1000);

describe('messageLimit', () => {
  it('is that of the broker, or of the environment if that is smaller', async () => {
    expect(await limit(undefined)).toBe(1000);
    expect(await limit('')).toBe(1000);
    expect(await limit('999')).toBe(999);
    expect(await limit('1MiB')).toBe(1000);
  });

  it.each(['0', '-1', '1MB', 'many'])('refuses "%s" with a usage error', async (text) => {
    await expect(limit(text)).rejects.toMatchObject({
      exitCode: 2,
      message: `PLAYHEAD_MAX_MESSAGE_BYTES=${text}: must be a size such as 65536, 512KiB or 1MiB`,
    });
  });
});
