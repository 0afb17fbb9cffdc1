import { compatRoutes } from '../../src/compat/compat-routes.ts';
import {
  adoptSubscribers,
  GOPHERMQ_DEFAULTS,
  type GophermqSettings,
} from '../../src/compat/gophermq-settings.ts';
import type { ConnectionLimits } from '../../src/http/http-server.ts';
import { HttpServer } from '../../src/http/http-server.ts';
import { REQUEST_BYTES_DEFAULT } from '../../src/limits.ts';
import type { LevelControl, Logger } from '../../src/logger.ts';
import { silentLogger } from '../../src/logger.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { Schedules } from '../../src/subscription/schedules.ts';
import { Subscriptions } from '../../src/subscription/subscriptions.ts';
import type { TestLogOptions } from './test-log.ts';
import { TestLog } from './test-log.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  /** As JSON, or as text if it is none. */
  readonly body: unknown;
}

/** How a test wants it. */
export interface TestHttpOptions extends TestLogOptions {
  readonly hosts?: readonly string[];
  readonly maxRequestBytes?: number;
  readonly connections?: ConnectionLimits;
  readonly gophermq?: GophermqSettings;
  readonly logger?: Logger;
}

/** The HTTP API of a log in memory, on a real socket. */
export class TestHttp implements AsyncDisposable {
  readonly test: TestLog;
  readonly subscriptions: Subscriptions;
  readonly server: HttpServer;
  /** `host:port`. */
  readonly address: string;
  readonly #schedules: Schedules;

  private constructor(test: TestLog, { server, subscriptions, schedules, address }: Served) {
    this.test = test;
    this.server = server;
    this.subscriptions = subscriptions;
    this.#schedules = schedules;
    this.address = address;
  }

  static async start(options: TestHttpOptions = {}): Promise<TestHttp> {
    const test = await TestLog.open(options);
    const subscriptions = await Subscriptions.open(test.log, { logger: silentLogger });
    const schedules = Schedules.open(test.log, silentLogger);
    const metrics = new Metrics();
    metrics.watch({ log: test.log, subscriptions, schedules, version: '1.2.3' });
    const { gophermq = GOPHERMQ_DEFAULTS } = options;
    await adoptSubscribers(subscriptions, gophermq, silentLogger);
    const logLevel: LevelControl = { level: 'info' };
    const context = {
      log: test.log,
      subscriptions,
      schedules,
      metrics,
      loadOthers: async () => compatRoutes(gophermq),
      options: {
        version: '1.2.3',
        durability: 'fsync',
        maxMessageBytes: 1024 * 1024,
        maxRequestBytes: options.maxRequestBytes ?? REQUEST_BYTES_DEFAULT,
        logger: options.logger ?? silentLogger,
        observer: metrics,
        hosts: options.hosts ?? [],
        logLevel,
      },
    } as const;
    const server = new HttpServer(context, options.connections);
    const address = await server.listen('127.0.0.1:0');
    return new TestHttp(test, { server, subscriptions, schedules, address });
  }

  get url(): string {
    return `http://${this.address}`;
  }

  /** Sends a request; an object is sent as JSON. */
  async send(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer> | object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const isPlain = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(!isPlain && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: isPlain ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, body: parsed(text) };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: string | object, headers?: Record<string, string>): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }

  /** A stream of text, as it comes. */
  async stream(path: string, headers: Record<string, string>): Promise<TextStream> {
    const aborting = new AbortController();
    const { signal } = aborting;
    const response = await fetch(`${this.url}${path}`, { headers, signal });
    return new TextStream(response, aborting);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.#schedules.close();
    await this.test[Symbol.asyncDispose]();
  }
}

interface Served {
  readonly server: HttpServer;
  readonly subscriptions: Subscriptions;
  readonly schedules: Schedules;
  readonly address: string;
}

/** The body of a response, read as far as the test wants. */
export class TextStream implements AsyncDisposable {
  readonly response: Response;
  readonly #aborting: AbortController;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #text = '';

  constructor(response: Response, aborting: AbortController) {
    this.response = response;
    this.#aborting = aborting;
    this.#reader = response.body?.getReader();
  }

  /** All text so far, once it holds this; the rest of it at the end. */
  async until(wanted: string): Promise<string> {
    const decoder = new TextDecoder();
    while (!this.#text.includes(wanted)) {
      const { value, done } = (await this.#reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new Error(`the stream ended without ${wanted}: ${this.#text}`);
      this.#text += decoder.decode(value, { stream: true });
    }
    return this.#text;
  }

  async end(): Promise<string> {
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = (await this.#reader?.read()) ?? { done: true, value: undefined };
      if (done) return this.#text;
      this.#text += decoder.decode(value, { stream: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#aborting.abort();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
