import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseHeader,
  readLines,
  readNdjson,
  readUntil,
  readWhole,
} from '../../../src/cli/input.ts';

async function* chunks(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const linesOf = async (...texts: (string | Uint8Array)[]) =>
  (await collect(readLines(chunks(...texts), 1000))).map(String);

describe('readLines', () => {
  it.each([
    ['no bytes', [], []],
    ['one line', ['a\n'], ['a']],
    ['a last line without newline', ['a\nb'], ['a', 'b']],
    ['empty lines', ['\n\na\n\n'], ['', '', 'a', '']],
    ['a carriage return as a part of its line', ['a\r\nb'], ['a\r', 'b']],
    ['a line over many chunks', ['a', 'b', '', 'c\nd', 'e\n'], ['abc', 'de']],
    ['a newline at the edge of a chunk', ['a', '\n', 'b', '\nc'], ['a', 'b', 'c']],
  ])('reads %s', async (_what, texts, expected) => {
    expect(await linesOf(...texts)).toEqual(expected);
  });

  it('gives the same lines however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 20 }).map((array) => array.map((byte) => byte % 16))),
        async (pieces) => {
          const whole = Buffer.concat(pieces).toString('latin1');
          const expected = whole.split('\n');
          if (expected.at(-1) === '') expected.pop();
          const lines = await collect(readLines(chunks(...pieces), 1000));
          expect(lines.map((line) => line.toString('latin1'))).toEqual(expected);
        },
      ),
    );
  });

  it('takes a line of the limit and refuses one of a byte more, before it has ended', async () => {
    expect(await collect(readLines(chunks('ok\n', '12345\n'), 5))).toHaveLength(2);
    const endless = async function* () {
      yield Buffer.from('ok\n123');
      for (;;) yield Buffer.from('456');
    };
    await expect(collect(readLines(endless(), 5))).rejects.toMatchObject({
      message: 'line 2 is larger than a message may be: limit 5 bytes',
      reason: 'MESSAGE_TOO_LARGE',
      exitCode: 3,
    });
    await expect(collect(readLines(chunks('123456\n'), 5))).rejects.toThrow('line 1 ');
  });
});

describe('readNdjson', () => {
  it('reads a message a line and passes over empty lines', async () => {
    const source = chunks('{"value":"a"}\n\n{"value":', '"b","key":"k"}\n  \n');
    const messages = await collect(readNdjson(source, 1000));
    expect(messages.map(({ value, key }) => [value, key])).toEqual([
      ['a', undefined],
      ['b', 'k'],
    ]);
  });

  it('names the line that is no message', async () => {
    await expect(collect(readNdjson(chunks('{"value":"a"}\n\n{"val'), 1000))).rejects.toMatchObject(
      {
        message: 'line 3: the line is no JSON',
        reason: 'MALFORMED',
        exitCode: 2,
      },
    );
  });
});

describe('readWhole', () => {
  it('reads all bytes up to the limit', async () => {
    expect(String(await readWhole(chunks('ab', 'c'), 3))).toBe('abc');
    await expect(readWhole(chunks('ab', 'cd'), 3)).rejects.toThrow('limit 3 bytes');
  });
});

describe('readUntil', () => {
  it('ends when the signal aborts, and destroys the stream', async () => {
    const stream = new PassThrough();
    const stop = new AbortController();
    const read: string[] = [];
    stream.write('a');
    for await (const chunk of readUntil(stream, stop.signal)) {
      read.push(String(chunk));
      stop.abort();
    }
    expect(read).toEqual(['a']);
    expect(stream.destroyed).toBe(true);
  });

  it('reports any other failure of the stream', async () => {
    const stream = new PassThrough();
    stream.destroy(new Error('EIO'));
    await expect(collect(readUntil(stream, new AbortController().signal))).rejects.toThrow('EIO');
  });
});

describe('parseHeader', () => {
  it('parts at the first equals sign', () => {
    expect(parseHeader('a=b=c')).toEqual({ name: 'a', value: 'b=c' });
    expect(parseHeader('a=')).toEqual({ name: 'a', value: '' });
  });

  it.each(['', 'a', '=b'])('refuses "%s"', (text) => {
    expect(() => parseHeader(text)).toThrow(`--header ${text}: must be NAME=VALUE`);
  });
});
