import { describe, expect, it } from 'vitest';
import {
  parseMilliseconds,
  parseName,
  parseWholeNumber,
  readMilliseconds,
} from '../../../src/cli/option-value.ts';

describe('parseMilliseconds', () => {
  it('reads durations with units', () => {
    expect(parseMilliseconds('--lease', '30s')).toBe(30_000);
    expect(parseMilliseconds('--lease', '1h30m')).toBe(5_400_000);
    expect(parseMilliseconds('--lease', '0s')).toBe(0);
  });

  it.each(['30', '', '-5s', '500us', 'soon'])('refuses "%s" and names the option', (text) => {
    expect(readMilliseconds(text)).toBeUndefined();
    expect(() => parseMilliseconds('--lease', text)).toThrow(
      `--lease ${text}: must be a duration of whole milliseconds`,
    );
    expect(() => parseMilliseconds('--lease', text)).toThrow(
      expect.objectContaining({ exitCode: 2 }),
    );
  });
});

describe('parseWholeNumber', () => {
  it('leaves the range to the broker', () => {
    expect(parseWholeNumber('--max-attempts', '0')).toBe(0);
    expect(parseWholeNumber('--max-attempts', '1001')).toBe(1001);
    expect(() => parseWholeNumber('--max-attempts', '1001', 1000)).toThrow('from 0 to 1000');
  });

  it.each(['', '-1', '1.5', '1e3', 'ten', '99999999999999999999'])('refuses "%s"', (text) => {
    expect(() => parseWholeNumber('--max-attempts', text)).toThrow(
      `--max-attempts ${text}: must be a whole number from 0 to 9007199254740991`,
    );
  });
});

describe('parseName', () => {
  it('takes one of the names and lists them otherwise', () => {
    expect(parseName('--mode', 'shared', ['shared', 'exclusive'])).toBe('shared');
    expect(() => parseName('--mode', 'Shared', ['shared', 'exclusive'])).toThrow(
      '--mode Shared: must be one of shared, exclusive',
    );
  });
});
