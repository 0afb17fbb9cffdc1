import { describe, expect, it } from 'vitest';
import { parseIdle } from '../../../src/cli/on.ts';

describe('parseIdle', () => {
  it('reads milliseconds, and durations with a unit', () => {
    expect(parseIdle('500')).toBe(500);
    expect(parseIdle('500ms')).toBe(500);
    expect(parseIdle('1m')).toBe(60_000);
  });

  it.each(['0', '', '-1', '1.5', 'soon', '500us', '30d'])('refuses "%s"', (text) => {
    expect(() => parseIdle(text)).toThrow(`--idle ${text}: must be milliseconds`);
    expect(() => parseIdle(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
