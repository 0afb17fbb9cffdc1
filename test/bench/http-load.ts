import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { build } from 'hdr-histogram-js';
import { report } from './role.ts';
import { TextPayloads } from './text-payloads.ts';

/** What came of it. */
export interface HttpLoadReport {
  readonly error?: string;
  readonly seconds: number;
  /** Of a request, in milliseconds. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** How load is made. */
export interface HttpLoad {
  readonly kind: 'publish' | 'read';
  /** `host:port`. */
  readonly address: string;
  readonly topic: string;
  readonly messageBytes: number;
  readonly messageCount: number;
  readonly connections: number;
  /** Messages of a request; 1 for bytes alone, more for NDJSON. */
  readonly perRequest: number;
}

const HEADERS_END = '\r\n\r\n';

/** A connection that sends its requests one after the other; written by hand, so that it takes little of the machine. */
class Connection {
  readonly #socket: Socket;
  readonly #head: string;
  #answer = '';
  #answered: (answer: string) => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk.toString('latin1')));
    socket.on('error', (error) => this.#failed(error));
    socket.on('end', () => this.#failed(new Error('the broker has hung up')));
  }

  static async open({ address, topic, perRequest }: HttpLoad): Promise<Connection> {
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    const type = perRequest === 1 ? 'application/octet-stream' : 'application/x-ndjson';
    const head = `POST /v1/topics/${encodeURIComponent(topic)}/messages HTTP/1.1\r\nHost: ${address}\r\nContent-Type: ${type}\r\n`;
    return new Connection(socket, head);
  }

  /** Throws unless it is answered with 200. */
  async post(body: string): Promise<void> {
    const answered = new Promise<string>((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
    });
    this.#socket.write(
      `${this.#head}Content-Length: ${body.length}${HEADERS_END}${body}`,
      'latin1',
    );
    const answer = await answered;
    if (!answer.startsWith('HTTP/1.1 200')) throw new Error(answer);
  }

  close(): void {
    this.#failed = () => {};
    this.#socket.destroy();
  }

  /** An answer is one flat object of JSON. */
  #take(text: string): void {
    this.#answer += text;
    if (!this.#answer.endsWith('}') || !this.#answer.includes(HEADERS_END)) return;
    const answer = this.#answer;
    this.#answer = '';
    this.#answered(answer);
  }
}

async function publish(load: HttpLoad): Promise<HttpLoadReport> {
  const { connections, messageBytes, messageCount, perRequest } = load;
  const payloads = new TextPayloads(messageBytes);
  const micros = build({ highestTrackableValue: 60_000_000 });
  const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(load)));
  const share = messageCount / connections;
  const startMs = performance.now();
  await Promise.all(
    all.map(async (connection, number) => {
      const end = (number + 1) * share;
      for (let index = number * share; index < end; index += perRequest) {
        const body = bodyOf(payloads, index, perRequest);
        const sentMs = performance.now();
        await connection.post(body);
        micros.recordValue(Math.round((performance.now() - sentMs) * 1000));
      }
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  for (const connection of all) connection.close();
  const ms = (percentile: number) => micros.getValueAtPercentile(percentile) / 1000;
  return { seconds, medianMs: ms(50), p99Ms: ms(99) };
}

function bodyOf(payloads: TextPayloads, first: number, count: number): string {
  if (count === 1) return payloads.at(first);
  let lines = '';
  for (let index = first; index < first + count; index++) {
    lines += `{"value":"${payloads.at(index)}"}\n`;
  }
  return lines;
}

/** Reads an event stream from the first message on; each has to be the next one. */
async function read({
  address,
  topic,
  messageBytes,
  messageCount,
}: HttpLoad): Promise<HttpLoadReport> {
  const payloads = new TextPayloads(messageBytes);
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  await once(socket, 'connect');
  const startMs = performance.now();
  socket.write(
    `GET /v1/topics/${encodeURIComponent(topic)}/messages HTTP/1.1\r\nHost: ${address}\r\nAccept: text/event-stream\r\n\r\n`,
  );
  let next = 0;
  let text = '';
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1');
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {"topic"')) continue;
      const { value }: { value: string } = JSON.parse(line.slice(6));
      if (payloads.indexOf(value) !== next) throw new Error(`message ${next} is not: ${line}`);
      next++;
    }
    if (next === messageCount) break;
  }
  if (next !== messageCount) throw new Error(`ended behind message ${next}`);
  return { seconds: (performance.now() - startMs) / 1000, medianMs: 0, p99Ms: 0 };
}

// A role of http.ts: makes load, as it is told to by its argument.
const load: HttpLoad = JSON.parse(process.argv[2] ?? '');
try {
  report(load.kind === 'publish' ? await publish(load) : await read(load));
} catch (error) {
  report({ error: String(error), seconds: 0, medianMs: 0, p99Ms: 0 } satisfies HttpLoadReport);
}
