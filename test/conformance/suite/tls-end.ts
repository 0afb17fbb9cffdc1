import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { CertificateFiles } from './certificates.ts';

/** Where TLS ends in front of a broker, as a proxy of an operator does it. */
export class TlsEnd implements AsyncDisposable {
  /** By the name of this machine, which certificates have. */
  readonly address: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.address = `localhost:${(server.address() as AddressInfo).port}`;
  }

  /** With `client` only those get through who show that certificate. */
  static async start(
    target: string,
    own: CertificateFiles,
    client?: CertificateFiles,
  ): Promise<TlsEnd> {
    const sockets = new Set<Socket>();
    const options = {
      key: await readFile(own.keyFile),
      cert: await readFile(own.certFile),
      ...(client !== undefined && { ca: await readFile(client.certFile), requestCert: true }),
      ALPNProtocols: ['h2'],
    };
    const server = createServer(options, (socket) => forward(socket, target));
    // Of those, too, that never come to an agreement.
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TlsEnd(server, sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function forward(socket: TLSSocket, target: string): void {
  const [host = '', port] = target.split(':');
  const broker = connect(Number(port), host);
  const end = () => {
    socket.destroy();
    broker.destroy();
  };
  for (const each of [socket, broker]) {
    each.on('error', end);
    each.on('close', end);
  }
  socket.pipe(broker).pipe(socket);
}
