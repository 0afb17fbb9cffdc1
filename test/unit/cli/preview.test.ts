import { describe, expect, it } from 'vitest';
import { escapeControls, previewOf } from '../../../src/cli/preview.ts';

const preview = (text: string) => previewOf(Buffer.from(text));

describe('previewOf', () => {
  it('shows a short text as it is', () => {
    expect(preview('')).toBe('');
    expect(preview('Ünïcode "quoted" \\ 🎞')).toBe('Ünïcode "quoted" \\ 🎞');
    expect(preview('x'.repeat(64))).toBe('x'.repeat(64));
  });

  it('cuts a long text, and no character in two', () => {
    expect(preview('x'.repeat(65))).toBe(`${'x'.repeat(64)}…`);
    expect(preview(`${'x'.repeat(63)}ü`)).toBe(`${'x'.repeat(63)}…`);
  });

  it('stays on one line and moves no cursor', () => {
    expect(preview('a\nb\tc\r\u001B[2J\u0085\u2028')).toBe('a\\nb\\tc\\r\\u001b[2J\\u0085\\u2028');
  });

  it('shows what is no UTF-8 in hexadecimal digits', () => {
    expect(previewOf(Buffer.from([0xff, 0x00, 0x0a]))).toBe('0xff000a');
    expect(previewOf(Buffer.from([0x61, 0xc3]))).toBe('0x61c3');
    expect(previewOf(Buffer.alloc(100, 0xff))).toBe(`0x${'ff'.repeat(64)}…`);
  });
});

describe('escapeControls', () => {
  it('leaves letters and spaces alone', () => {
    expect(escapeControls('terminated: no such customer')).toBe('terminated: no such customer');
    expect(escapeControls('a\0b')).toBe('a\\u0000b');
  });
});
