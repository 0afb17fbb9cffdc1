import type { Header } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import type { ShownMessage } from '../../../src/cli/format.ts';
import { compileFormat } from '../../../src/cli/format.ts';

const BYTES = Buffer.from([0xff, 0x00, 0xfe]);

function message(
  value: Buffer,
  key = Buffer.alloc(0),
  headers: readonly Header[] = [],
): ShownMessage {
  return {
    timestampNs: 1_763_719_200_000_000_001n,
    topic: 'orders/eu',
    key,
    value,
    headers,
  };
}

function render(format: string, ...input: Parameters<typeof message>): Buffer {
  const parts: Uint8Array[] = [];
  compileFormat(format)(message(...input), { push: (bytes) => parts.push(bytes) });
  return Buffer.concat(parts);
}

describe('compileFormat', () => {
  it('writes each field', () => {
    const headers = [
      { name: 'a', value: Buffer.from('1') },
      { name: 'b', value: Buffer.from('2') },
      { name: 'a', value: Buffer.from('') },
    ];
    const line = render(
      '%t|%T|%n|%k|%s|%S|%h|%%\\n',
      Buffer.from('välue'),
      Buffer.from('key'),
      headers,
    );
    expect(line.toString()).toBe(
      'orders/eu|2025-11-21T10:00:00.000000001Z|1763719200000000001|key|välue|6|a=1,b=2,a=|%\n',
    );
  });

  it('writes bytes as they are', () => {
    expect(render('%s', BYTES)).toEqual(BYTES);
    expect(render('%k', Buffer.alloc(0), BYTES)).toEqual(BYTES);
    expect(render('%h', BYTES, BYTES, [{ name: 'x', value: BYTES }])).toEqual(
      Buffer.concat([Buffer.from('x='), BYTES]),
    );
  });

  it('knows the escapes', () => {
    expect(render('a\\tb\\n\\r\\0\\\\n', BYTES).toString()).toBe('a\tb\n\r\0\\n');
  });

  it('keeps text that is no directive, beyond the basic plane, too', () => {
    expect(render('→ 😀 %S', BYTES).toString()).toBe('→ 😀 3');
  });

  it.each([
    ['%x', /"%x" is unknown; known are %t/],
    ['%', /"%" is unknown/],
    ['%😀', /"%😀" is unknown/],
    ['\\q', /"\\\\q" is unknown; known are \\n/],
    ['a\\', /is unknown; known are \\n/],
  ])('refuses %s', (format, problem) => {
    expect(() => compileFormat(format)).toThrow(problem);
    expect(() => compileFormat(format)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
