import { setTimeout as delay } from 'node:timers/promises';
import type { BenchClient } from '../contestants/contestant.ts';
import { VerificationError } from '../workload.ts';
import { Child } from './child.ts';

const POLL_MS = 5;
const BATCH_BYTES = 1_000_000;
const FETCH_BYTES = 8 * 1024 * 1024;

/**
 * The performance tools that come with Kafka, each run in a Java machine of its own, whose start counts. Their messages
 * are not those of `Payloads`, so that reading checks the number alone. They neither send single messages nor follow; for
 * that it falls back to another client.
 */
export class KafkaTools implements BenchClient {
  static readonly setup: string =
    `performance tools: acks=all, linger.ms=5, batch.size=${BATCH_BYTES}, buffer.memory=64 MiB, ` +
    `idempotent as by default, fetches of ${FETCH_BYTES} bytes`;
  readonly name =
    'Kafka performance tools (with the start of a JVM; reading checks the count alone)';
  readonly #java: string;
  readonly #classpath: readonly string[];
  readonly #address: string;
  readonly #fallback: TopicClient;

  constructor(java: string, classpath: readonly string[], address: string, fallback: TopicClient) {
    this.#java = java;
    this.#classpath = classpath;
    this.#address = address;
    this.#fallback = fallback;
  }

  async publish(topic: string, messageBytes: number, count: number): Promise<void> {
    await this.#fallback.create(topic);
    const output = await this.#run('ProducerPerformance', [
      '--topic',
      topic,
      '--num-records',
      String(count),
      '--throughput',
      '-1',
      '--record-size',
      String(messageBytes),
      '--command-property',
      `bootstrap.servers=${this.#address}`,
      'acks=all',
      'linger.ms=5',
      `batch.size=${BATCH_BYTES}`,
      `buffer.memory=${64 * 1024 * 1024}`,
    ]);
    const sent = output.split('\n').findLast((line) => line.includes(' records sent, '));
    expectCount(topic, Number.parseInt(sent ?? '', 10), count, output);
  }

  async read(topic: string, _messageBytes: number, count: number): Promise<void> {
    const output = await this.#run('ConsumerPerformance', [
      '--topic',
      topic,
      '--num-records',
      String(count),
      '--hide-header',
      '--bootstrap-server',
      this.#address,
      '--fetch-size',
      String(FETCH_BYTES),
    ]);
    // start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, …
    const figures = output.split('\n').findLast((line) => line.split(',').length > 5);
    expectCount(topic, Number(figures?.split(',')[4]), count, output);
  }

  send(topic: string, value: Buffer): Promise<void> {
    return this.#fallback.send(topic, value);
  }

  follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable> {
    return this.#fallback.follow(topic, onValue);
  }

  /** Returns the end of its output when it has ended. */
  async #run(tool: string, args: readonly string[]): Promise<string> {
    await using child = await Child.start({
      name: tool,
      command: this.#java,
      args: ['-Xmx512M', ...this.#classpath, `org.apache.kafka.tools.${tool}`, ...args],
      env: { JAVA_TOOL_OPTIONS: '' },
      isUp: () => Promise.resolve(true),
      endSignal: 'SIGKILL',
    });
    while (isRunning(child.pid)) await delay(POLL_MS);
    return child.log;
  }
}

/** A client that also makes topics. */
export interface TopicClient extends BenchClient {
  /** Resolves when the topic is there, also if it was before. */
  create(topic: string): Promise<void>;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A topic may hold more than was asked for, and the consumer reads whole batches. */
function expectCount(topic: string, found: number, expected: number, output: string): void {
  if (found >= expected) return;
  throw new VerificationError(`${topic}: ${found} messages, not ${expected}:\n${output}`);
}
