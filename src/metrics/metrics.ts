import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CommitFigures, Observer, Protocol, StreamKind } from '../observer.ts';
import type { FiguresSource } from './broker-figures.ts';
import { addBrokerFigures } from './broker-figures.ts';
import { GophermqFigures } from './gophermq-figures.ts';
import { addSubscriptionFigures } from './subscription-figures.ts';
import { addTopicFigures } from './topic-figures.ts';

/** Upper bounds in seconds: from what memory takes to what a full disk does. */
const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
const APPENDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];
const BYTES = [128, 1024, 8192, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

/**
 * The figures of a broker, for Prometheus (https://prometheus.io/docs/practices/naming/). What happens is counted as it
 * happens; what is, is looked at when somebody asks.
 */
export class Metrics implements Observer {
  readonly #registry = new Registry();
  readonly #messagesIn = this.#counter('messages_in_total', 'Messages stored');
  readonly #bytesIn = this.#counter('bytes_in_total', 'Bytes of messages stored');
  readonly #messagesOut = this.#counter(
    'messages_out_total',
    'Messages handed to readers and workers',
  );
  readonly #bytesOut = this.#counter('bytes_out_total', 'Bytes of these');
  readonly #publish = this.#seconds(
    'publish_duration_seconds',
    'From when a publish was taken until it was acknowledged',
  );
  readonly #commit = this.#seconds(
    'commit_duration_seconds',
    'From when a commit was begun until its readers were told',
  );
  readonly #write = this.#seconds(
    'fsync_duration_seconds',
    'What of a commit the storage took: until it was on disk, with durability fsync',
  );
  readonly #delivery = this.#seconds(
    'delivery_duration_seconds',
    'From when a message was durable until a follower was handed it',
  );
  readonly #commitAppends = this.#histogram(
    'commit_appends',
    'Publishes in one commit, which share its fsync',
    APPENDS,
  );
  readonly #commitBytes = this.#histogram('commit_bytes', 'Bytes in one commit', BYTES);
  readonly #requests = new Counter({
    name: 'playhead_requests_total',
    help: 'Requests by method and code',
    labelNames: ['protocol', 'method', 'code'],
    registers: [this.#registry],
  });
  readonly #requestSeconds = new Histogram({
    name: 'playhead_request_duration_seconds',
    help: 'From when a request had come until it was answered; for a stream, until it ended',
    labelNames: ['protocol', 'method'],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #gophermq = new GophermqFigures(this.#registry);
  readonly #openStreams = new Gauge({
    name: 'playhead_open_streams',
    help: 'Streams and long polls that are open',
    labelNames: ['kind'],
    registers: [this.#registry],
  });
  readonly #trims = this.#counter('trims_total', 'Times that messages were trimmed');
  readonly #trimmed = this.#counter('trimmed_messages_total', 'Messages trimmed');
  readonly #removed = this.#counter('removed_bytes_total', 'Bytes taken off the tape');
  readonly #storageErrors = this.#counter(
    'storage_errors_total',
    'Times that the storage has failed and was opened again',
  );
  #isWatchingProcess = false;

  /** What this asks for when somebody asks for the figures. Once. */
  watch(source: FiguresSource): void {
    addBrokerFigures(this.#registry, source);
    addTopicFigures(this.#registry, source);
    addSubscriptionFigures(this.#registry, source);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All figures as Prometheus reads them. */
  text(): Promise<string> {
    // What it costs to watch the process is for those who look.
    if (!this.#isWatchingProcess) collectDefaultMetrics({ register: this.#registry });
    this.#isWatchingProcess = true;
    return this.#registry.metrics();
  }

  published(seconds: number): void {
    this.#publish.observe(seconds);
  }

  committed(figures: CommitFigures): void {
    this.#messagesIn.inc(figures.messageCount);
    this.#bytesIn.inc(figures.byteCount);
    // What the broker notes for itself has commits, too.
    if (figures.appendCount > 0) {
      this.#commitAppends.observe(figures.appendCount);
      this.#commitBytes.observe(figures.byteCount);
    }
    this.#write.observe(figures.writeSeconds);
    this.#commit.observe(figures.commitSeconds);
  }

  read(messageCount: number, byteCount: number): void {
    this.#messagesOut.inc(messageCount);
    this.#bytesOut.inc(byteCount);
  }

  followed(seconds: number): void {
    this.#delivery.observe(seconds);
  }

  answered(protocol: Protocol, method: string, code: string, seconds: number): void {
    this.#requests.inc({ protocol, method, code });
    this.#requestSeconds.observe({ protocol, method }, seconds);
  }

  answeredAsGophermq(method: string, code: string, seconds: number): void {
    this.#gophermq.answered(method, code, seconds);
  }

  streamOpened(kind: StreamKind): void {
    this.#openStreams.inc({ kind });
  }

  streamClosed(kind: StreamKind): void {
    this.#openStreams.dec({ kind });
  }

  trimmed(messageCount: number): void {
    this.#trims.inc();
    this.#trimmed.inc(messageCount);
  }

  removed(byteCount: number): void {
    this.#removed.inc(byteCount);
  }

  storageFailed(): void {
    this.#storageErrors.inc();
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: `playhead_${name}`, help, registers: [this.#registry] });
  }

  #seconds(name: string, help: string): Histogram {
    return this.#histogram(name, help, SECONDS);
  }

  #histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    return new Histogram({
      name: `playhead_${name}`,
      help,
      buckets: [...buckets],
      registers: [this.#registry],
    });
  }
}
