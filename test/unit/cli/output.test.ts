import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DataOutput } from '../../../src/cli/output.ts';

class Sink extends Writable {
  readonly writes: string[] = [];
  /** Set to hold writes back. */
  isStalled = false;
  #release: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 16, decodeStrings: true });
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (chunk.length > 0) this.writes.push(chunk.toString());
    if (this.isStalled) this.#release = done;
    else done();
  }

  release(): void {
    this.isStalled = false;
    this.#release?.();
  }
}

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('DataOutput', () => {
  it('writes in one piece what is pushed in one turn', async () => {
    const sink = new Sink();
    const out = new DataOutput(sink);
    out.push(Buffer.from('a'));
    out.pushLine('b');
    expect(sink.writes).toEqual([]);
    await turn();
    out.push(Buffer.from('c'));
    await out.flush();
    expect(sink.writes).toEqual(['ab\n', 'c']);
  });

  it('can be flushed as often as one likes', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const sink = new Sink();
    const out = new DataOutput(sink);
    for (let count = 0; count < 20; count++) {
      out.push(Buffer.from('a'));
      await out.flush();
    }
    await turn();
    process.off('warning', note);
    expect(sink.writes).toHaveLength(20);
    expect(warnings).toEqual([]);
  });

  it('waits for a slow reader', async () => {
    const sink = new Sink();
    sink.isStalled = true;
    const out = new DataOutput(sink);
    out.push(Buffer.alloc(100));
    let isReady = false;
    const ready = out.ready().then(() => {
      isReady = true;
    });
    await turn();
    expect(isReady).toBe(false);
    expect(out.isFull).toBe(true);
    sink.release();
    await ready;
    expect(out.isFull).toBe(false);
  });

  it('is full before a large piece has gathered', () => {
    const out = new DataOutput(new Sink());
    out.push(Buffer.alloc(64 * 1024));
    expect(out.isFull).toBe(true);
  });

  it.each(['EPIPE', 'EOF'])(
    'goes silent when the reader is gone (%s), also while it waits',
    async (code) => {
      const sink = new Sink();
      sink.isStalled = true;
      const out = new DataOutput(sink);
      out.push(Buffer.alloc(100));
      const ready = out.ready();
      sink.destroy(failure(code));
      await ready;
      expect(out.readerGone.aborted).toBe(true);
      out.push(Buffer.from('more'));
      await out.ready();
      await out.flush();
      expect(sink.writes).toHaveLength(1);
    },
  );

  it('reports any other failure', async () => {
    const sink = new Sink();
    const out = new DataOutput(sink);
    sink.destroy(failure('ENOSPC'));
    await turn();
    expect(out.isFull).toBe(true);
    await expect(out.ready()).rejects.toThrow('ENOSPC');
    await expect(out.flush()).rejects.toThrow('ENOSPC');
  });
});
