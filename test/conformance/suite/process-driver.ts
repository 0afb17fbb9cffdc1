import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Fields, isFields } from './bytes.ts';
import type { Driver } from './driver.ts';
import { DRIVER_FAULT, DriverError } from './driver.ts';

/** How long a driver has to end after its standard input has. */
const END_MS = 3000;
const LOG_CHARACTERS = 20_000;

interface Waiting {
  readonly resolve: (result: Fields) => void;
  readonly reject: (error: DriverError) => void;
}

/** A driver in a process of its own: a line of JSON for each request and each answer. */
export class ProcessDriver implements Driver {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed: Promise<unknown>;
  #lastId = 0;
  #log = '';
  #end: DriverError | undefined;

  constructor([command = '', ...args]: readonly string[], directory: string) {
    this.#child = spawn(command, args, { cwd: directory });
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', resolve);
      this.#child.once('error', resolve);
    });
    this.#child.once('error', (error) => this.#fail(`cannot be started: ${error.message}`));
    this.#child.once('close', (code, signal) => this.#fail(`ended with ${code ?? signal}`));
    // It may end without reading everything.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
    });
    createInterface(this.#child.stdout).on('line', (line) => this.#take(line));
  }

  /** What it wrote to standard error. */
  get log(): string {
    return this.#log.trimEnd();
  }

  /** Whether it runs, and has answered everything. */
  get isIdle(): boolean {
    return this.#end === undefined && this.#waiting.size === 0;
  }

  call(op: string, request: Fields): Promise<Fields> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#child.stdin.write(`${JSON.stringify({ ...request, id, op })}\n`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  #take(line: string): void {
    let answer: unknown;
    try {
      answer = JSON.parse(line);
    } catch {
      this.#fail(`wrote what is no JSON: ${line.slice(0, 300)}`);
      return;
    }
    if (!isFields(answer)) return this.#fail(`wrote what is no answer: ${line.slice(0, 300)}`);
    const { id, result, error } = answer;
    const waiting = this.#waiting.get(Number(id));
    if (waiting === undefined)
      return this.#fail(`answered what was not asked: ${line.slice(0, 300)}`);
    this.#waiting.delete(Number(id));
    if (isFields(error)) waiting.reject(new DriverError(error as unknown as DriverError));
    else waiting.resolve(isFields(result) ? result : {});
  }

  #fail(what: string): void {
    this.#end ??= new DriverError({ reason: DRIVER_FAULT, message: `the driver ${what}` });
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}
