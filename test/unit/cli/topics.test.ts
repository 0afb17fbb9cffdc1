import { describe, expect, it } from 'vitest';
import { parseTopicConfig } from '../../../src/cli/topics.ts';

describe('parseTopicConfig', () => {
  it('reads durations, sizes and counts, and leaves out what is not said', async () => {
    expect(await parseTopicConfig({})).toEqual({});
    expect(
      await parseTopicConfig({
        maxAge: '7d',
        maxBytes: '2GiB',
        maxMessages: '1000',
        maxMessageBytes: '64KiB',
      }),
    ).toEqual({
      maxAgeMs: 604_800_000,
      maxBytes: 2_147_483_648,
      maxMessages: 1000,
      maxMessageBytes: 65_536,
    });
    expect(await parseTopicConfig({ maxAge: 'none' })).toEqual({ maxAgeMs: 0 });
    expect(await parseTopicConfig({ trimConsumed: false })).toEqual({ trimConsumed: false });
  });

  it.each([
    [{ maxAge: '90' }, '--max-age 90: must be a duration'],
    [{ maxAge: '500us' }, '--max-age 500us: must be a duration of whole milliseconds'],
    [{ maxBytes: '1MB' }, '--max-bytes 1MB: must be a size'],
    [{ maxMessages: 'many' }, '--max-messages many: must be a whole number'],
    [{ maxMessages: '1.5' }, '--max-messages 1.5: '],
    [{ maxMessageBytes: '0' }, '--max-message-bytes 0: must be a size'],
  ])('refuses %j', async (options, problem) => {
    await expect(parseTopicConfig(options)).rejects.toThrow(problem);
  });
});
