import type { BenchClient, Contestant, Mode, Server } from '../contestants/contestant.ts';
import { Payloads, Sequence } from '../verify.ts';
import type { Settings } from '../workload.ts';
import type { Closing } from './child.ts';
import {
  Child,
  findProgram,
  freePorts,
  isListening,
  openAll,
  TemporaryDirectory,
} from './child.ts';
import { areInstalled, describePackage, INSTALL_PACKAGES } from './packages.ts';

const LIBRARY = 'redis';
const INSTALL_SERVER = 'apt-get install -y redis-server && service redis-server stop';
const PIPELINE_MESSAGES = 500;
const TRANSACTION_MESSAGES = 1_000;
const MAX_BATCH_BYTES = 1024 * 1024;
const BATCHES_UNDER_WAY = 3;
const PAGE_MESSAGES = 5_000;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** The messages of a stream are entries with this field only. */
const FIELD = 'v';

const SETUP =
  'appendonly yes, save off, no rewriting of the append-only file meanwhile; one stream for each ' +
  `topic, XADD in batches, XRANGE COUNT ${PAGE_MESSAGES}, XREAD BLOCK to follow, values as buffers; `;

/** Redis Streams, a single server, driven by node-redis. */
export const contestant: Contestant = {
  name: 'Redis Streams',
  id: 'redis',
  modes: [
    { name: 'default', durability: 'fsync every second (appendfsync everysec)' },
    { name: 'strict', durability: 'fsync before each reply (appendfsync always)' },
  ],
  async missing() {
    const commands = [...(await missingRedis())];
    if (!(await areInstalled([LIBRARY]))) commands.push(INSTALL_PACKAGES);
    return commands.length === 0 ? undefined : commands.join(' && ');
  },
  start: (mode, settings) => openAll((closing) => startServer(mode, settings, closing)),
};

/** The command that installs the server if it is missing. */
export async function missingRedis(): Promise<readonly string[]> {
  return (await findProgram('redis-server')) === undefined ? [INSTALL_SERVER] : [];
}

/** Starts the server by itself; `closing` ends it. */
export async function startRedis(
  mode: Mode,
  { dir }: Settings,
  closing: Closing,
): Promise<{ readonly pid: number; readonly port: number }> {
  const command = await findProgram('redis-server');
  if (command === undefined) throw new Error(`redis-server is missing: ${INSTALL_SERVER}`);
  const isStrict = mode.name === 'strict';
  const directory = closing.push(await TemporaryDirectory.make(dir, 'playhead-bench-redis-'));
  const [port = 0] = await freePorts(1);
  const { pid } = closing.push(
    await Child.start({
      name: 'redis-server',
      command,
      args: serverFlags(port, directory.path, isStrict),
      isUp: () => isListening(port),
    }),
  );
  return { pid, port };
}

async function startServer(mode: Mode, settings: Settings, closing: Closing): Promise<Server> {
  const isStrict = mode.name === 'strict';
  const { pid, port } = await startRedis(mode, settings, closing);
  const client = closing.push(await RedisClient.connect(port, isStrict));
  return {
    version: `redis-server ${await client.serverVersion()}, node-redis: ${await describePackage(LIBRARY)}`,
    setup:
      SETUP +
      (isStrict
        ? `${BATCHES_UNDER_WAY} transactions of ${TRANSACTION_MESSAGES} under way, so that one fsync is for many`
        : `${BATCHES_UNDER_WAY} pipelines of ${PIPELINE_MESSAGES} under way`),
    pids: [pid],
    clients: [client],
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

function serverFlags(port: number, dataDir: string, isStrict: boolean): readonly string[] {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: dataDir,
    daemonize: 'no',
    save: '',
    appendonly: 'yes',
    appendfsync: isStrict ? 'always' : 'everysec',
    'auto-aof-rewrite-percentage': '0',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

type Connection = Awaited<ReturnType<typeof openConnection>>;
/** Id, and field and value. */
type Entry = readonly [id: Buffer, fields: readonly [field: Buffer, value: Buffer]];
/** A message that waits for the end of the turn of the event loop. */
interface Waiting {
  readonly topic: string;
  readonly value: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

async function openConnection(port: number) {
  const { createClient, RESP_TYPES } = await import('redis');
  const connection = createClient({
    RESP: 2,
    socket: { host: '127.0.0.1', port, reconnectStrategy: false },
    disableOfflineQueue: true,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
  // Every command under way is rejected, too.
  connection.on('error', () => undefined);
  await connection.connect();
  return connection;
}

class RedisClient implements BenchClient, AsyncDisposable {
  readonly name = 'node-redis';
  readonly #connection: Connection;
  readonly #port: number;
  readonly #inTransactions: boolean;
  #waiting: Waiting[] = [];

  private constructor(connection: Connection, port: number, inTransactions: boolean) {
    this.#connection = connection;
    this.#port = port;
    this.#inTransactions = inTransactions;
  }

  /** `inTransactions`: whether a batch of messages is one MULTI … EXEC, not only a pipeline. */
  static async connect(port: number, inTransactions: boolean): Promise<RedisClient> {
    return new RedisClient(await openConnection(port), port, inTransactions);
  }

  async serverVersion(): Promise<string> {
    const info = (await this.#command<Buffer>(['INFO', 'server'])).toString('latin1');
    return /^redis_version:(\S+)/mu.exec(info)?.[1] ?? 'of an unknown version';
  }

  async publish(topic: string, messageBytes: number, count: number): Promise<void> {
    const payloads = new Payloads(messageBytes);
    const most = this.#inTransactions ? TRANSACTION_MESSAGES : PIPELINE_MESSAGES;
    const batch = clamp(MAX_BATCH_BYTES / messageBytes, most);
    let sent = 0;
    const publishBatches = async () => {
      while (sent < count) {
        const first = sent;
        sent = Math.min(count, first + batch);
        const values: Buffer[] = [];
        // The connection keeps what it is given until it writes.
        for (let i = first; i < sent; i++) values.push(Buffer.from(payloads.at(i)));
        await this.#append(values.map((value) => ({ topic, value })));
      }
    };
    await Promise.all(Array.from({ length: BATCHES_UNDER_WAY }, publishBatches));
  }

  async read(topic: string, messageBytes: number, count: number): Promise<void> {
    const sequence = new Sequence(new Payloads(messageBytes), topic);
    const page = clamp(MAX_PAGE_BYTES / messageBytes, PAGE_MESSAGES);
    let from = '-';
    for (let taken = 0; taken < count; ) {
      const entries = await this.#command<readonly Entry[]>([
        'XRANGE',
        topic,
        from,
        '+',
        'COUNT',
        String(Math.min(page, count - taken)),
      ]);
      const last = entries.at(-1);
      if (last === undefined) break;
      for (const [, [, value]] of entries) sequence.takeValue(value);
      taken += entries.length;
      from = `(${last[0].toString('latin1')}`;
    }
    sequence.finish(count);
  }

  /** All that are sent in one turn of the event loop share a pipeline, in order. */
  async send(topic: string, value: Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.#waiting.length === 0) queueMicrotask(() => void this.#flush());
      this.#waiting.push({ topic, value: Buffer.from(value), resolve, reject });
    });
  }

  async follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable> {
    const newest = await this.#command<readonly Entry[]>([
      'XREVRANGE',
      topic,
      '+',
      '-',
      'COUNT',
      '1',
    ]);
    const last = newest[0]?.[0].toString('latin1') ?? '0-0';
    const connection = await openConnection(this.#port);
    const ended = followWith(connection, topic, last, onValue);
    // Whoever ends it is told.
    ended.catch(() => undefined);
    return {
      [Symbol.asyncDispose]: async () => {
        if (connection.isOpen) connection.destroy();
        await ended;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connection.isOpen) this.#connection.destroy();
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      await this.#append(waiting);
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** Resolves when every one of them is acknowledged. */
  async #append(messages: readonly Pick<Waiting, 'topic' | 'value'>[]): Promise<void> {
    const batch = this.#connection.multi();
    for (const { topic, value } of messages) {
      batch.addCommand(['XADD', topic, '*', FIELD, value]);
    }
    await (this.#inTransactions && messages.length > 1 ? batch.exec() : batch.execAsPipeline());
  }

  async #command<Reply>(parts: readonly (string | Buffer)[]): Promise<Reply> {
    return await this.#connection.sendCommand<Reply>(parts);
  }
}

/** Resolves when the connection is closed. */
async function followWith(
  connection: Connection,
  topic: string,
  last: string,
  onValue: (value: Buffer) => void,
): Promise<void> {
  type Reply = readonly [readonly [topic: Buffer, entries: readonly Entry[]]];
  const count = String(PAGE_MESSAGES);
  for (let from = last; connection.isOpen; ) {
    const read = ['XREAD', 'COUNT', count, 'BLOCK', '0', 'STREAMS', topic, from];
    let reply: Reply;
    try {
      reply = await connection.sendCommand<Reply>(read);
    } catch (error) {
      // The reader closed it, or the server is gone, which every other command says, too.
      if (!connection.isOpen) return;
      throw error;
    }
    const [, entries] = reply[0];
    for (const [, [, value]] of entries) onValue(value);
    from = entries.at(-1)?.[0].toString('latin1') ?? from;
  }
}

function clamp(value: number, maximum: number): number {
  return Math.max(1, Math.min(maximum, Math.floor(value)));
}
