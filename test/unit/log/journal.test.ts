import { describe, expect, it } from 'vitest';
import { JOURNAL_TRIM_BYTES, REOPEN_DELAY_MS } from '../../../src/limits.ts';
import type { JournalOwner } from '../../../src/log/journal.ts';
import { Journal } from '../../../src/log/journal.ts';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';
import { runOf } from '../../support/message.ts';
import { settled } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';

/** Keeps the last value of each name; an entry is `name=value`. */
class Names implements JournalOwner {
  readonly values = new Map<string, string>();
  replayed = 0;
  imageCount = 0;

  set(entry: string): Buffer {
    const [name = '', value = ''] = entry.split('=');
    this.values.set(name, value);
    return Buffer.from(entry);
  }

  replay(entry: Buffer): void {
    this.replayed++;
    this.set(entry.toString());
  }

  *images(): Generator<Buffer> {
    for (const [name, value] of this.values) {
      this.imageCount++;
      yield Buffer.from(`${name}=${value}`);
    }
  }
}

const NAME = '_names';
const plain = { producer: undefined, expectedLastTimestampNs: undefined, close: undefined };

async function opened(test: TestLog) {
  const names = new Names();
  const journal = await Journal.open(test.log, NAME, names);
  await journal.prepare();
  return { names, journal };
}

async function found(test: TestLog): Promise<Record<string, string>> {
  await test.crash();
  return Object.fromEntries((await opened(test)).names.values);
}

describe('a journal', () => {
  it('has nothing to replay before it is prepared', async () => {
    await using test = await TestLog.open();
    const names = new Names();
    await Journal.open(test.log, NAME, names);
    expect(names.replayed).toBe(0);
    expect(test.log.topics.get(NAME)).toBeUndefined();
  });

  it('replays what was appended, in that order', async () => {
    await using test = await TestLog.open();
    const { names, journal } = await opened(test);
    void journal.append([names.set('a=1'), names.set('b=1')]);
    void journal.append([names.set('a=2')]);
    await journal.append([names.set('c=')]);
    expect(await found(test)).toEqual({ a: '2', b: '1', c: '' });
  });

  it('takes what comes in one turn into one frame', async () => {
    await using test = await TestLog.open();
    const { names, journal } = await opened(test);
    const before = test.log.readContext.committer.tapeSequence;
    void journal.append([names.set('a=1')]);
    await journal.append([names.set('b=1')]);
    expect(test.log.readContext.committer.tapeSequence).toBe(before + 1n);
  });

  it('answers an append of nothing once all that was appended before is durable', async () => {
    await using test = await TestLog.open();
    const { names, journal } = await opened(test);
    const held = test.store.appends.close();
    let durable = 0;
    const count = () => durable++;
    void journal.append([names.set('a=1')]).then(count);
    void journal.append([]).then(count);
    await held;
    void journal.append([]).then(count);
    await new Promise((resolve) => setImmediate(resolve));
    expect(durable).toBe(0);
    test.store.appends.open();
    await journal.append([]);
    await settled(test);
    expect(durable).toBe(3);
  });

  it('appends entries along with messages, or neither', async () => {
    await using test = await TestLog.open();
    const { names, journal } = await opened(test);
    const topic = await test.log.topicForWriting('t');
    void journal.append([names.set('a=1')]);
    await journal.appendAlong({ topic, run: runOf('x'), ...plain }, [Buffer.from('a=2')]);
    await test.close('t');
    const closed = await test.log.topicForWriting('t');
    const refused = journal.appendAlong({ topic: closed, run: runOf('y'), ...plain }, [
      Buffer.from('a=3'),
    ]);
    await expect(refused).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
    expect(await found(test)).toEqual({ a: '2' });
    await using reader = await test.read('t');
    expect(await reader.until('closed')).toContain('x');
  });

  it('notes everything anew from time to time, and forgets what was before', async () => {
    await using test = await TestLog.open();
    const { names, journal } = await opened(test);
    const large = 'x'.repeat(1 << 20);
    await journal.append([names.set('a=first')]);
    for (let bytes = 0, i = 0; bytes <= JOURNAL_TRIM_BYTES; bytes += large.length, i++) {
      void journal.append([names.set(`b=${i}${large}`)]);
      // What is not durable yet when the images are noted is not lost either.
      await journal.append([names.set(`c=${i}`)]);
    }
    void journal.append([names.set('d=last')]);
    await settled(test);
    await journal.append([]);
    await settled(test);
    const topic = test.log.topic(NAME);
    expect(names.imageCount).toBe(4);
    expect(topic.retainedBytes).toBeLessThan(3n << 20n);
    const values = Object.fromEntries(names.values);
    expect(await found(test)).toEqual(values);
  });

  it('goes on after a failure of the storage', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using test = await TestLog.open({ databases });
    const { names, journal } = await opened(test);
    await journal.append([names.set('a=1')]);
    databases.fail('tape.batch');
    const failed = expect.objectContaining({ reason: 'STORAGE_FAILED' });
    await expect(journal.append([names.set('a=2')])).rejects.toEqual(failed);
    await expect(journal.append([])).rejects.toEqual(failed);
    test.clock.advance(REOPEN_DELAY_MS);
    await settled(test);
    await journal.replay();
    expect(names.values.get('a')).toBe('1');
    await journal.append([]);
    await journal.append([names.set('a=3')]);
    expect(await found(test)).toEqual({ a: '3' });
  });
});
