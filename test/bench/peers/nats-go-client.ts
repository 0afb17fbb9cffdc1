import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchClient } from '../contestants/contestant.ts';
import { outputOf } from './child.ts';
import type { NatsClient } from './nats-client.ts';
import { paceOf } from './nats-client.ts';

const SOURCE_DIRECTORY = fileURLToPath(new URL('./nats-go', import.meta.url));

interface Task {
  readonly do: 'publish' | 'read';
  readonly stream: string;
  readonly bytes: number;
  readonly count: number;
  readonly window: number;
  readonly batch: number;
}

interface Answer {
  readonly version?: string;
  readonly error?: string;
}

/** The official client for Go, in a process that ends with its standard input, and so with this one. */
export class NatsGoClient implements BenchClient, AsyncDisposable {
  readonly name = 'nats.go';
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #node: NatsClient;
  #version = '';

  private constructor(child: ChildProcess, answers: AsyncIterator<string>, node: NatsClient) {
    this.#child = child;
    this.#answers = answers;
    this.#node = node;
  }

  /** Builds it into `directory`. `node` makes the streams, sends and follows. Throws if there is no Go. */
  static async start(node: NatsClient, port: number, directory: string): Promise<NatsGoClient> {
    const program = join(directory, 'nats-go');
    await outputOf('go', ['build', '-o', program, '.'], { cwd: SOURCE_DIRECTORY });
    const child = spawn(program, [`nats://127.0.0.1:${port}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child, 'spawn');
    // A task that the program is not there for any more fails for want of an answer.
    child.stdin.on('error', () => undefined);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const client = new NatsGoClient(child, lines, node);
    try {
      client.#version = (await client.#answer()).version ?? 'of an unknown version';
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  get version(): string {
    return this.#version;
  }

  async publish(topic: string, messageBytes: number, count: number): Promise<void> {
    await this.#do('publish', topic, messageBytes, count);
  }

  async read(topic: string, messageBytes: number, count: number): Promise<void> {
    await this.#do('read', topic, messageBytes, count);
  }

  send(topic: string, value: Buffer): Promise<void> {
    return this.#node.send(topic, value);
  }

  follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable> {
    return this.#node.follow(topic, onValue);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #do(what: Task['do'], topic: string, bytes: number, count: number): Promise<void> {
    if (count === 0) return;
    const stream = await this.#node.streamOf(topic);
    const task: Task = {
      do: what,
      stream,
      bytes,
      count,
      ...paceOf(bytes, this.#node.inBatches),
    };
    this.#child.stdin?.write(`${JSON.stringify(task)}\n`);
    const { error } = await this.#answer();
    if (error !== undefined) throw new Error(`${topic}: ${error}`);
  }

  async #answer(): Promise<Answer> {
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error('the client for Go ended without an answer');
    const answer: Answer = JSON.parse(value);
    return answer;
  }
}
