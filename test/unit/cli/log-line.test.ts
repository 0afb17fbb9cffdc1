import { describe, expect, it } from 'vitest';
import { formatLogLine } from '../../../src/cli/log-line.ts';

describe('formatLogLine', () => {
  it('writes time, level, message and fields', () => {
    const entry = {
      level: 'info',
      time: '2026-11-21T10:00:00.123Z',
      topics: 3,
      dir: '/data',
      msg: 'opened',
    };
    expect(formatLogLine(JSON.stringify(entry))).toBe(
      '10:00:00.123 info  opened topics=3 dir=/data\n',
    );
  });

  it('quotes what could be taken for more than one value, and shows what a terminal would obey', () => {
    const entry = {
      level: 'info',
      agent: 'x level=error',
      by: { at: 1 },
      why: 'a\n\u001b[31m\u009b',
    };
    expect(formatLogLine(JSON.stringify({ ...entry, msg: 'b\u001b[0m\nc' }))).toBe(
      ' info  b\\u001b[0m\\u000ac agent="x level=error" by={"at":1} why="a\\n\\u001b[31m\\u009b"\n',
    );
  });

  it.each(['no json\n', '1\n', 'null\n'])('passes on %j', (line) => {
    expect(formatLogLine(line)).toBe(line);
  });
});
