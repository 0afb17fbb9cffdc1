import { Broker } from '../../src/broker.ts';
import { ManualClock } from '../../src/manual-clock.ts';
import { copyOf } from './data-copy.ts';
import { LogWriter } from './log-writer.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A data directory as a crash leaves it, and what is in it. */
export interface PreparedData extends AsyncDisposable {
  readonly path: string;
  readonly writer: LogWriter;
  /** Topics that were closed. */
  readonly closed: readonly string[];
}

const open = ['small', 'batch', 'large', 'trimmed', 'mixed/a', 'mixed/b', 'mixed/c'];

/**
 * Makes a data directory that has something of everything: topics of small and large messages, closed, trimmed and
 * deleted ones; frames in tables and frames in LevelDB's own log; frames before and behind the checkpoint.
 */
export async function prepareData(): Promise<PreparedData> {
  await using origin = await temporaryDirectory();
  const clock = new ManualClock();
  const openBroker = () => Broker.open({ dataDir: origin.path, durability: 'os', clock });
  let broker = await openBroker();
  const writer = new LogWriter(broker.log);
  const reopen = async () => {
    await broker.close();
    broker = await openBroker();
    writer.log = broker.log;
  };

  await publishAll(writer, 'first');
  await writer.publish('deleted', ['gone']);
  await writer.publish('chan/early', ['a', 'b', 'c']);
  await writer.close('chan/early');
  await writer.publish('resting', texts('resting', 20));
  await reopen();
  clock.advance(1000);
  await publishAll(writer, 'second');
  await writer.trim('trimmed', 25);
  await writer.delete('deleted');
  await broker.log.swept();
  await reopen();
  clock.advance(1000);
  await publishAll(writer, 'third');
  await writer.publish('chan/late', texts('late', 10));
  await writer.close('chan/late');

  const copy = await copyOf(origin.path);
  await broker.close();
  return {
    path: copy.path,
    writer,
    closed: ['chan/early', 'chan/late'],
    [Symbol.asyncDispose]: copy[Symbol.asyncDispose],
  };
}

/** Publishes to every topic that stays open, in turns, so that their frames lie between one another. */
async function publishAll(writer: LogWriter, round: string): Promise<void> {
  for (let i = 0; i < 12; i++) {
    for (const topic of open) {
      const prefix = `${round} ${topic} ${i}`;
      if (topic === 'large') {
        if (i < 3) await writer.publish(topic, [`${prefix} ${'x'.repeat(20_000)}`]);
      } else {
        await writer.publish(topic, texts(prefix, topic === 'batch' ? 20 : 2));
      }
    }
  }
}

function texts(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}.${i}`);
}
