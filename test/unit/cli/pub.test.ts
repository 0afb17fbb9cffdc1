import { describe, expect, it } from 'vitest';
import { choosePubInput, parseExpectedLast } from '../../../src/cli/pub.ts';

const choose = (messages: string[], options: object = {}) =>
  choosePubInput(messages, { header: [], ...options });

describe('choosePubInput', () => {
  it.each([
    [['a', ''], {}, { kind: 'arguments', values: ['a', ''] }],
    [[], {}, { kind: 'lines', path: undefined }],
    [['-'], {}, { kind: 'lines', path: undefined }],
    [[], { ndjson: true }, { kind: 'ndjson', path: undefined }],
    [[], { whole: true }, { kind: 'whole', path: undefined }],
    [[], { file: 'x' }, { kind: 'whole', path: 'x' }],
    [[], { file: '-' }, { kind: 'whole', path: undefined }],
    [[], { file: 'x', lines: true }, { kind: 'lines', path: 'x' }],
  ])('of %j and %j is %j', (messages, options, expected) => {
    expect(choose(messages, options)).toEqual(expected);
  });

  it.each([
    [['a'], { file: 'x' }, '--file and messages as arguments exclude each other'],
    [['a'], { ndjson: true }, '--ndjson and messages as arguments exclude each other'],
    [[], { lines: true, whole: true }, '--lines and --whole exclude each other'],
    [[], { ndjson: true, key: 'k' }, '--ndjson brings keys and headers itself'],
    [[], { ndjson: true, header: ['a=b'] }, '--ndjson brings keys and headers itself'],
  ])('of %j and %j is a usage error', (messages, options, problem) => {
    expect(() => choose(messages, options)).toThrow(problem);
  });
});

describe('parseExpectedLast', () => {
  it('reads a timestamp, and none', () => {
    expect(parseExpectedLast(undefined)).toBeUndefined();
    expect(parseExpectedLast('none')).toBe(0n);
    expect(parseExpectedLast('1763719200000000001ns')).toBe(1_763_719_200_000_000_001n);
  });

  it.each(['-5m', '0', 'latest'])('refuses %s', (text) => {
    expect(() => parseExpectedLast(text)).toThrow(`--expect-last ${text}: `);
  });
});
