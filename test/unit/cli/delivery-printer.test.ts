import { Writable } from 'node:stream';
import { PlayheadError } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import {
  type PrintableDelivery,
  printDeliveries,
  printers,
} from '../../../src/cli/delivery-printer.ts';
import type { DeliverySource } from '../../../src/cli/delivery-source.ts';
import { DataOutput } from '../../../src/cli/output.ts';

const CONFLICT = new PlayheadError('CONFLICT', 'the lease had run out');

class Sink extends Writable {
  text = '';
  /** Fails the write that begins with this. */
  failsAt: string | undefined;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.failsAt !== undefined && chunk.toString().startsWith(this.failsAt)) {
      done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
      return;
    }
    this.text += chunk.toString();
    done();
  }
}

const delivery = (value: string | Uint8Array, isLost = false): PrintableDelivery => ({
  attempt: 2,
  isLost,
  message: {
    topic: 'queue/jobs',
    timestampNs: 1_763_719_200_000_000_000n,
    key: Buffer.alloc(0),
    value: Buffer.from(value),
    headers: [],
  },
});

async function* sourceOf(
  ...batches: (readonly PrintableDelivery[])[]
): DeliverySource<PrintableDelivery> {
  yield* batches;
  return { type: 'drained', reason: '' };
}

interface RunOptions {
  readonly sink?: Sink;
  readonly count?: number;
  readonly ackAll?: () => Promise<void>;
}

/** Prints to a sink and notes what was on it at each acknowledgement. */
async function run(
  source: DeliverySource<PrintableDelivery>,
  { sink = new Sink(), count, ackAll = () => Promise.resolve() }: RunOptions = {},
) {
  const acknowledged: string[] = [];
  const printedBefore: string[] = [];
  const told: string[] = [];
  const end = await printDeliveries(source, {
    session: { out: new DataOutput(sink), tell: (_json, text) => told.push(text) },
    print: printers.lines,
    count,
    ackAll: (deliveries) => {
      acknowledged.push(deliveries.map(({ message }) => message.value.toString()).join());
      printedBefore.push(sink.text);
      return ackAll();
    },
  });
  return { end, text: sink.text, acknowledged, printedBefore, told };
}

describe('printDeliveries', () => {
  it('acknowledges what has left the process, in order', async () => {
    const source = sourceOf([delivery('a'), delivery('')], [delivery('c')]);
    expect(await run(source)).toEqual({
      end: { type: 'drained', reason: '' },
      text: 'a\n\nc\n',
      acknowledged: ['a,', 'c'],
      printedBefore: ['a\n\n', 'a\n\nc\n'],
      told: [],
    });
  });

  it('acknowledges a large batch piece by piece', async () => {
    const large = 'x'.repeat(40_000);
    const { acknowledged } = await run(sourceOf([large, large, 'c'].map((text) => delivery(text))));
    expect(acknowledged.map((text) => text.length)).toEqual([80_001, 1]);
  });

  it('ends when the reader has gone, without acknowledging what it did not take', async () => {
    const sink = new Sink();
    sink.failsAt = 'b';
    const source = sourceOf([delivery('a')], [delivery('b')], [delivery('c')]);
    const { end, acknowledged, text } = await run(source, { sink });
    expect(end).toEqual({ type: 'stopped' });
    expect({ acknowledged, text }).toEqual({ acknowledged: ['a'], text: 'a\n' });
  });

  it('ends after so many', async () => {
    const source = sourceOf([delivery('a')], [delivery('b'), delivery('c')], [delivery('d')]);
    const { end, acknowledged } = await run(source, { count: 2 });
    expect(end).toEqual({ type: 'stopped' });
    expect(acknowledged).toEqual(['a', 'b']);
  });

  it('passes over what was lost before it was printed', async () => {
    const source = sourceOf([delivery('a', true), delivery('b')], [delivery('c', true)]);
    expect(await run(source)).toMatchObject({ text: 'b\n', acknowledged: ['b'] });
  });

  it('says what may come again, and goes on', async () => {
    const { text, told } = await run(sourceOf([delivery('a'), delivery('b')], [delivery('c')]), {
      ackAll: () => Promise.reject(CONFLICT),
    });
    expect(text).toBe('a\nb\nc\n');
    expect(told).toEqual([
      'printed, but may come again: 2 messages: the lease had run out',
      'printed, but may come again: 1 message: the lease had run out',
    ]);
  });

  it('throws any other failure to acknowledge', async () => {
    const failure = new PlayheadError('DISK_FULL', 'full');
    const failing = run(sourceOf([delivery('a')]), { ackAll: () => Promise.reject(failure) });
    await expect(failing).rejects.toBe(failure);
  });
});

describe('the printers', () => {
  const printed = (manner: keyof typeof printers, value: string | Uint8Array) => {
    const parts: Uint8Array[] = [];
    printers[manner](delivery(value), { push: (bytes) => parts.push(bytes) });
    return Buffer.concat(parts);
  };

  it('write a line, nothing but the bytes, or an object', () => {
    expect(printed('lines', 'EMPTY').toString()).toBe('EMPTY\n');
    expect(printed('raw', Buffer.from([0xff, 0x00]))).toEqual(Buffer.from([0xff, 0x00]));
    expect(JSON.parse(printed('json', 'a\nb').toString())).toMatchObject({
      topic: 'queue/jobs',
      value: 'a\nb',
      attempt: 2,
    });
    expect(printed('json', 'a\nb').toString().split('\n')).toHaveLength(2);
  });
});
