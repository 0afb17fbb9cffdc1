import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

const HEADERS_END = '\r\n\r\n';

/** A connection that sends its requests one after the other; written by hand, so that it takes little of the machine. */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #text = '';
  #answered: (answer: { status: number; body: string }) => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk.toString('latin1')));
    socket.on('error', (error) => this.#failed(error));
    socket.on('end', () => this.#failed(new Error('the broker has hung up')));
  }

  /** To `host:port`. */
  static async open(address: string): Promise<HttpConnection> {
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    return new HttpConnection(socket, address);
  }

  /** Posts JSON, of ASCII alone. */
  async post(path: string, json: string): Promise<{ status: number; body: string }> {
    const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
    });
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\nContent-Length: ${json.length}${HEADERS_END}${json}`,
      'latin1',
    );
    return answered;
  }

  close(): void {
    this.#failed = () => {};
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const headEnd = this.#text.indexOf(HEADERS_END);
    if (headEnd < 0) return;
    const start = headEnd + HEADERS_END.length;
    const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, start)) ?? [];
    if (this.#text.length < start + Number(length)) return;
    const answer = { status: Number(this.#text.slice(9, 12)), body: this.#text.slice(start) };
    this.#text = '';
    this.#answered(answer);
  }
}
