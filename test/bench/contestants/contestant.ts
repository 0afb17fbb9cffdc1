import type { Settings } from '../workload.ts';

/**
 * A system that a workload can be run on: playhead, or a peer. It is started for a measurement on loopback ports of
 * its own and with a data directory of its own below `Settings.dir`, and both are gone at the end.
 */
export interface Contestant<C extends NamedClient = BenchClient> {
  /** As the table has it, such as `NATS JetStream`. */
  readonly name: string;
  /** For `--peer`, such as `nats`. */
  readonly id: string;
  /** The usual configuration first, the one with the strictest durability last. */
  readonly modes: readonly Mode[];
  /** The command that installs what is missing on this machine; undefined if nothing is. */
  missing(): Promise<string | undefined>;
  /** Starts the server and resolves when it takes messages. */
  start(mode: Mode, settings: Settings): Promise<Server<C>>;
}

/** One way to set a contestant up. */
export interface Mode {
  readonly name: 'default' | 'strict' | 'relaxed';
  /** When a message is on the disk, in the contestant's own words: `fsync every 2 minutes`. */
  readonly durability: string;
}

/** A contestant that runs. */
export interface Server<C extends NamedClient = BenchClient> extends AsyncDisposable {
  /** Of server and clients. */
  readonly version: string;
  /** What it was told that it does not do by itself. */
  readonly setup: string;
  /** The processes of the server, for CPU time and memory. */
  readonly pids: readonly number[];
  /** One for each client library; the workloads use the fastest. */
  readonly clients: readonly C[];
}

/** What all clients have, whatever is measured with them. */
export interface NamedClient {
  /** Such as `@nats-io/jetstream`. */
  readonly name: string;
}

/** What a workload does with a contestant. Each topic is made by its first use. */
export interface BenchClient extends NamedClient {
  /**
   * Publishes the messages `0 … count - 1` of {@link Payloads} with this size, as fast as it can while their number
   * under way stays bounded, and resolves when every one of them is acknowledged.
   */
  publish(topic: string, messageBytes: number, count: number): Promise<void>;
  /** Reads a topic from its beginning, checks each message with `Sequence`, and resolves behind the last one. */
  read(topic: string, messageBytes: number, count: number): Promise<void>;
  /** Sends one message; resolves when it is acknowledged. Used with many under way, and one after the other. */
  send(topic: string, value: Buffer): Promise<void>;
  /** Calls back with each message that is published from now on, as soon as it is there. Resolves when it is in place. */
  follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable>;
}
