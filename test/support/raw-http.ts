import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

/** A connection on which a test writes what no client library would. */
export class RawHttp implements AsyncDisposable {
  readonly socket: Socket;
  #text = '';
  #isEnded = false;
  #changed: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#changed();
    });
    const end = () => {
      this.#isEnded = true;
      this.#changed();
    };
    // A reset is an end, too.
    socket.on('end', end).on('close', end).on('error', end);
  }

  /** To `host:port`. */
  static async connect(address: string): Promise<RawHttp> {
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host);
    const raw = new RawHttp(socket);
    await once(socket, 'connect');
    return raw;
  }

  /** A request line, headers and a host are put before the body. */
  request(line: string, headers: readonly string[] = [], body = ''): this {
    return this.write(
      `${[`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n${body}`,
    );
  }

  write(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** All that has come, once the other side has hung up. */
  async ended(): Promise<string> {
    while (!this.#isEnded) await this.#change();
    return this.#text;
  }

  /** All that has come, once this has come so often. */
  async until(wanted: string, count = 1): Promise<string> {
    while (this.#text.split(wanted).length <= count) {
      if (this.#isEnded) throw new Error(`ended without ${wanted}: ${this.#text}`);
      await this.#change();
    }
    return this.#text;
  }

  /** Cuts the connection. */
  hangUp(): void {
    this.socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}
