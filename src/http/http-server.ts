import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BrokerError } from '../errors.ts';
import {
  HTTP_CONNECTIONS_MAX,
  HTTP_HEAD_BYTES,
  HTTP_HEADERS_TIMEOUT_MS,
  HTTP_IDLE_TIMEOUT_MS,
  HTTP_PAGE_BYTES_MAX,
  HTTP_REQUEST_TIMEOUT_MS,
  SHUTDOWN_GRACE_MS,
} from '../limits.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { ByteBudget } from './byte-budget.ts';
import type { App, HttpContext } from './context.ts';
import { OpenReaders } from './open-readers.ts';

/** What connections are held to. */
export interface ConnectionLimits {
  /** For the head of a request. */
  readonly headersTimeoutMs: number;
  /** For all of it. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
}

const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeoutMs: HTTP_HEADERS_TIMEOUT_MS,
  requestTimeoutMs: HTTP_REQUEST_TIMEOUT_MS,
  maxConnections: HTTP_CONNECTIONS_MAX,
};

const IDLE_CHECK_MS = 20;

/** The HTTP server of a broker. What it needs is loaded at the first request: a broker that has none does without. */
export class HttpServer {
  readonly #context: HttpContext;
  readonly #server: Server;
  #app: Promise<App> | undefined;
  /** What {@link #app} has become: most requests find it there, and need not wait. */
  #loaded: App | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    context: Omit<HttpContext, 'readers' | 'pages'>,
    { headersTimeoutMs, requestTimeoutMs, maxConnections } = CONNECTION_LIMITS,
  ) {
    const pages = new ByteBudget(HTTP_PAGE_BYTES_MAX, 'pages that are not taken');
    this.#context = { ...context, readers: new OpenReaders(), pages };
    const options = {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // How late it may notice.
      connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 4),
      keepAliveTimeout: HTTP_IDLE_TIMEOUT_MS,
      maxHeaderSize: HTTP_HEAD_BYTES,
    };
    this.#server = createServer(options, (request, response) => {
      if (this.#loaded === undefined) void this.#loadFor(request, response);
      else this.#loaded.routing(request, response);
    });
    this.#server.maxConnections = maxConnections;
    this.#server.on('clientError', answerBrokenRequest);
  }

  /** Streams and pulls that are open. */
  get openReaderCount(): number {
    return this.#context.readers.size;
  }

  /** Listens on `host:port`; port 0 takes a free one. Answers with the address in use. */
  async listen(address: string): Promise<string> {
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => reject(listenError(address, error)));
      this.#server.listen(
        Number(address.slice(colon + 1)),
        host.replace(/^\[(.*)\]$/, '$1'),
        resolve,
      );
    });
    const bound = this.#server.address();
    return `${host}:${isAddressInfo(bound) ? bound.port : ''}`;
  }

  /** Ends streams, lets what was accepted be answered, and cuts what is left after a while. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#context.readers.close();
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    // A connection whose last answer has gone is kept for a next request, which is not to come.
    const idle = setInterval(() => this.#server.closeIdleConnections(), IDLE_CHECK_MS);
    const timer = setTimeout(() => this.#server.closeAllConnections(), SHUTDOWN_GRACE_MS);
    await closed;
    clearTimeout(timer);
    clearInterval(idle);
    const app = await this.#app;
    await app?.close();
  }

  async #loadFor(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#app ??= this.#load();
      this.#loaded = await this.#app;
      this.#loaded.routing(request, response);
    } catch (error) {
      this.#context.options.logger.error({ err: error }, 'the HTTP API cannot be loaded');
      response.statusCode = 500;
      response.end();
    }
  }

  async #load(): Promise<App> {
    const { createApp } = await import('./app.ts');
    return createApp(this.#context, () => this.#server);
  }
}

function isAddressInfo(bound: AddressInfo | string | null): bound is AddressInfo {
  return typeof bound === 'object' && bound !== null;
}

function listenError(address: string, cause: Error): BrokerError {
  const isInUse = /EADDRINUSE/.test(cause.message);
  const why = isInUse ? 'the address is in use' : cause.message;
  return new BrokerError('STORAGE_FAILED', `cannot listen on ${address}: ${why}`, {}, cause);
}
