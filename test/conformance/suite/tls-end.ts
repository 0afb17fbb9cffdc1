import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One of its own for localhost, for two days. */
const CERTIFICATE = [
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost',
  '-addext subjectAltName=DNS:localhost,IP:127.0.0.1',
].flatMap((line) => line.split(' '));

/** Where TLS ends in front of a broker, as a proxy of an operator does it. */
export class TlsEnd implements AsyncDisposable {
  readonly address: string;
  /** The certificate that a client is to trust. */
  readonly caFile: string;
  readonly #server: Server;
  readonly #sockets: Set<TLSSocket>;
  readonly #directory: string;

  private constructor(directory: string, server: Server, sockets: Set<TLSSocket>) {
    this.#directory = directory;
    this.#server = server;
    this.#sockets = sockets;
    this.caFile = join(directory, 'cert.pem');
    this.address = `localhost:${(server.address() as AddressInfo).port}`;
  }

  static async start(target: string): Promise<TlsEnd> {
    const directory = await mkdtemp(join(tmpdir(), 'playhead-conformance-tls-'));
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    await run('openssl', [...CERTIFICATE, '-keyout', key, '-out', cert]);
    const sockets = new Set<TLSSocket>();
    const options = {
      key: await readFile(key),
      cert: await readFile(cert),
      ALPNProtocols: ['h2'],
    };
    const server = createServer(options, (socket) => {
      sockets.add(socket);
      forward(socket, target, () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TlsEnd(directory, server, sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function forward(socket: TLSSocket, target: string, onOver: () => void): void {
  const [host = '', port] = target.split(':');
  const broker = connect(Number(port), host);
  const end = () => {
    onOver();
    socket.destroy();
    broker.destroy();
  };
  for (const each of [socket, broker]) {
    each.on('error', end);
    each.on('close', end);
  }
  socket.pipe(broker).pipe(socket);
}
