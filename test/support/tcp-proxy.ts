import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer, connect as openSocket } from 'node:net';

interface Link {
  readonly fromClient: Socket;
  readonly toBroker: Socket;
}

/**
 * A wire between client and broker that a test can damage:
 * `await using proxy = await TcpProxy.start(broker.address)`.
 */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: string;
  readonly #links = new Set<Link>();
  #isRefusing = false;
  #isSwallowingAnswers = false;
  #isStalled = false;
  #connectionCount = 0;
  #onPassed: (bytes: number) => void = () => {};

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((fromClient) => this.#accept(fromClient));
  }

  static async start(target: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  /** Number of connections that were ever accepted. */
  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** Resets all connections. New ones are taken. */
  cut(): void {
    for (const { fromClient, toBroker } of this.#links) {
      fromClient.resetAndDestroy();
      toBroker.resetAndDestroy();
    }
    this.#links.clear();
  }

  /** Resets all connections, and new ones too until {@link repair}. */
  refuse(): void {
    this.#isRefusing = true;
    this.cut();
  }

  /** From now on nothing of what the broker says reaches the client. */
  swallowAnswers(): void {
    this.#isSwallowingAnswers = true;
  }

  /** Connections stay, but nothing goes through in either direction. */
  stall(): void {
    this.#isStalled = true;
    for (const { fromClient, toBroker } of this.#links) {
      fromClient.pause();
      toBroker.pause();
    }
  }

  /** Resets all connections each time so many more bytes have gone through, in both directions together. */
  cutEach(bytes: number): void {
    let leftBytes = bytes;
    this.#onPassed = (passedBytes) => {
      leftBytes -= passedBytes;
      if (leftBytes > 0) return;
      leftBytes = bytes;
      this.cut();
    };
  }

  /** Ends all damage. What was swallowed is lost. */
  repair(): void {
    this.#isRefusing = false;
    this.#isSwallowingAnswers = false;
    this.#isStalled = false;
    this.#onPassed = () => {};
    for (const { fromClient, toBroker } of this.#links) {
      fromClient.resume();
      toBroker.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.refuse();
    await closed;
  }

  #accept(fromClient: Socket): void {
    this.#connectionCount += 1;
    if (this.#isRefusing) {
      fromClient.resetAndDestroy();
      return;
    }
    const [host, port] = this.#target.split(':');
    const toBroker = openSocket(Number(port), host);
    const link = { fromClient, toBroker };
    this.#links.add(link);
    this.#forward(fromClient, toBroker, () => true);
    this.#forward(toBroker, fromClient, () => !this.#isSwallowingAnswers);
    const end = () => {
      // What one side said last still goes to the other.
      fromClient.end();
      toBroker.end();
      // One that holds back what nobody takes any more would stay open for ever, and so would the proxy.
      if (fromClient.destroyed && toBroker.destroyed) this.#links.delete(link);
    };
    for (const socket of [fromClient, toBroker]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('end', end);
      socket.on('close', end);
      if (this.#isStalled) socket.pause();
    }
  }

  #forward(from: Socket, to: Socket, mayPass: () => boolean): void {
    from.on('data', (chunk: Buffer) => {
      if (!mayPass()) return;
      if (!to.write(chunk)) from.pause();
      this.#onPassed(chunk.length);
    });
    to.on('drain', () => {
      if (!this.#isStalled) from.resume();
    });
  }
}
