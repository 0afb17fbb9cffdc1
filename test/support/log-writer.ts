import type { PublishAck } from '../../src/log/append.ts';
import type { Log } from '../../src/log/log.ts';
import type { ProducerClaim } from '../../src/log/producers.ts';
import { runOf } from './message.ts';
import type { Seen } from './read-report.ts';

/** Publishes to a log and keeps a ledger of what was acknowledged. */
export class LogWriter {
  /** The log to write to; another one after a restart. */
  log: Log;
  /** Acknowledged and neither trimmed nor deleted, in the order of acknowledgement. */
  written: Seen[] = [];

  constructor(log: Log) {
    this.log = log;
  }

  /** A writer to another log with the same in it. */
  copy(log: Log): LogWriter {
    const writer = new LogWriter(log);
    writer.written = [...this.written];
    return writer;
  }

  /** Publishes values in one append, and notes them once they are acknowledged. */
  async publish(
    topicName: string,
    values: readonly string[],
    producer?: ProducerClaim,
  ): Promise<PublishAck> {
    const topic = await this.log.topicForWriting(topicName);
    const ack = await this.log.appendAndWait({
      topic,
      run: runOf(...values),
      producer,
      expectedLastTimestampNs: undefined,
      close: undefined,
    });
    if (!ack.isDuplicate) this.note(topicName, values, ack.firstTimestampNs);
    return ack;
  }

  /** Notes messages that were published in another way. */
  note(topic: string, values: readonly string[], firstNs: bigint): void {
    this.written.push(
      ...values.map((value, i) => ({ topic, timestampNs: firstNs + BigInt(i), value })),
    );
  }

  async close(topic: string): Promise<void> {
    await this.log.closeTopic(topic, { reason: 'done', checksum: Buffer.alloc(0) });
  }

  /** Trims a topic so that this many of its messages are left. */
  async trim(topic: string, left: number): Promise<void> {
    const first = this.of(topic).at(-left);
    if (first === undefined) throw new TypeError(`${topic} has no ${left} messages`);
    await this.log.trimTopic(topic, first.timestampNs);
    this.written = this.written.filter(
      (each) => each.topic !== topic || each.timestampNs >= first.timestampNs,
    );
  }

  async delete(topic: string): Promise<void> {
    await this.log.deleteTopic(topic);
    this.written = this.written.filter((each) => each.topic !== topic);
  }

  /** What a reader of the topic must get, in order. */
  of(topic: string): Seen[] {
    return this.written.filter((each) => each.topic === topic);
  }

  /** What a reader of all topics must get, in order. */
  all(): Seen[] {
    return [...this.written].sort((a, b) => (a.timestampNs < b.timestampNs ? -1 : 1));
  }

  topics(): string[] {
    return [...new Set(this.written.map((each) => each.topic))];
  }
}
