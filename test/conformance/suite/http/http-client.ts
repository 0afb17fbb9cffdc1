import { setTimeout as pause } from 'node:timers/promises';
import { type Fields, isFields } from '../bytes.ts';
import { DriverError } from '../driver.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
/** What is sent again: nothing was done, or it is done once however often it is sent. */
const RETRYABLE = new Set(['SHUTTING_DOWN', 'STORAGE_FAILED', 'DISK_FULL', 'OVERLOADED']);

export interface HttpOptions {
  readonly requestTimeoutMs?: number | undefined;
  readonly giveUpAfterMs?: number | undefined;
}

export interface HttpRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** How long the broker is asked to wait before it answers. */
  readonly waitMs?: number | undefined;
}

/** Requests to a broker over HTTP, repeated until they are answered. */
export class HttpClient {
  readonly #addresses: readonly string[];
  readonly #timeoutMs: number;
  readonly #giveUpAfterMs: number;
  readonly #closing = new AbortController();
  /** Which of the addresses answered last. */
  #current = 0;

  constructor(addresses: readonly string[], options: HttpOptions) {
    this.#addresses = addresses;
    this.#timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#giveUpAfterMs = options.giveUpAfterMs ?? Number.POSITIVE_INFINITY;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
  }

  /** The body of the answer. Rejects with the problem that it tells. */
  async json(method: string, path: string, request: HttpRequest = {}): Promise<Fields> {
    const late = AbortSignal.timeout(this.#timeoutMs + (request.waitMs ?? 0));
    const signals = [late, ...(request.signal === undefined ? [] : [request.signal])];
    try {
      const response = await this.open(method, path, {
        ...request,
        signal: AbortSignal.any(signals),
      });
      const text = await response.text();
      return text === '' ? {} : (JSON.parse(text) as Fields);
    } catch (error) {
      if (!late.aborted) throw error;
      const message = `${method} ${path} was not answered in time`;
      throw new DriverError({ reason: 'DEADLINE_EXCEEDED', message, retryable: true });
    }
  }

  /** The answer as soon as it begins; its status is none of an error. */
  async open(method: string, path: string, request: HttpRequest): Promise<Response> {
    const began = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS, tries = 1; ; tries++) {
      const { error, response } = await this.#try(method, path, request);
      if (response !== undefined) return response;
      const isTried = tries % this.#addresses.length === 0;
      if (isTried && performance.now() - began >= this.#giveUpAfterMs) throw error;
      this.#current += 1;
      if (!isTried) continue;
      await pause(pauseMs, undefined, { signal: this.#signal(request) });
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  /** One try; answers with the error if another may do better. */
  async #try(
    method: string,
    path: string,
    request: HttpRequest,
  ): Promise<{ readonly response?: Response; readonly error?: DriverError }> {
    if (this.isClosed) throw closedError();
    const { body, headers } = request;
    const address = this.#addresses[this.#current % this.#addresses.length];
    let response: Response;
    try {
      response = await fetch(`http://${address}${path}`, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        signal: this.#signal(request),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (response.ok) return { response };
    } catch (error) {
      if (this.isClosed) throw closedError();
      if (request.signal?.aborted === true) throw error;
      const message = `broker ${address} is unreachable: ${String(error)}`;
      return { error: new DriverError({ reason: 'UNREACHABLE', message, retryable: true }) };
    }
    const error = problemError(await response.json().catch(() => undefined));
    if (RETRYABLE.has(error.reason)) return { error };
    throw error;
  }

  #signal({ signal }: HttpRequest): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([closing, signal]);
  }
}

export function closedError(): DriverError {
  return new DriverError({ reason: 'CLIENT_CLOSED', message: 'the client is closed' });
}

/** A problem as the broker tells it. */
export function problemError(problem: unknown): DriverError {
  const { reason, detail, metadata } = isFields(problem) ? problem : {};
  return new DriverError({
    reason: typeof reason === 'string' ? reason : 'INTERNAL',
    message: typeof detail === 'string' ? detail : JSON.stringify(problem),
    retryable: RETRYABLE.has(String(reason)),
    metadata: isFields(metadata) ? metadata : {},
  });
}
