import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { browser } from './chromium.ts';
import { ConsoleBroker } from './console-broker.ts';

const SCREENSHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));

export interface SessionOptions extends BrowserContextOptions {
  /** Messages on the console of the browser that a test provokes. */
  readonly expectedErrors?: RegExp;
}

/**
 * A broker and a page of its console. At the end of the block the page must have had no error and have asked nobody
 * else: `await using session = await ConsoleSession.open()`.
 */
export class ConsoleSession implements AsyncDisposable {
  readonly broker: ConsoleBroker;
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #errors: string[] = [];
  readonly #foreign: string[] = [];
  readonly #expected: RegExp | undefined;

  private constructor(
    broker: ConsoleBroker,
    context: BrowserContext,
    page: Page,
    expected: RegExp | undefined,
  ) {
    this.broker = broker;
    this.page = page;
    this.#context = context;
    this.#expected = expected;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.#note(`${message.text()} ${message.location().url}`);
      }
    });
    page.on('pageerror', (error) => this.#note(error.stack ?? error.message));
    context.on('request', (request) => {
      const url = request.url();
      const isOwn = url.startsWith(`${broker.url}/`) || /^(data|blob):/.test(url);
      if (!isOwn) this.#foreign.push(url);
    });
  }

  static async open(options: SessionOptions = {}): Promise<ConsoleSession> {
    const { expectedErrors, ...contextOptions } = options;
    const broker = await ConsoleBroker.start();
    const context = await (await browser()).newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...contextOptions,
    });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    context.setDefaultTimeout(15_000);
    return new ConsoleSession(broker, context, await context.newPage(), expectedErrors);
  }

  /** Opens a page of the console, such as `#/topics`. */
  async goto(hash: string): Promise<void> {
    await this.page.goto(`${this.broker.url}/${hash}`);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** The playhead, as it can be set by keys. */
  get timeline(): Locator {
    return this.page.getByRole('slider');
  }

  /** The rows of messages that are drawn. */
  get messages(): Locator {
    return this.page.getByRole('option');
  }

  async texts(locator: Locator): Promise<string[]> {
    return locator.allInnerTexts();
  }

  /** The values of the messages that are drawn, in order. */
  async values(): Promise<string[]> {
    return this.page.locator('.message-row .message-value').allInnerTexts();
  }

  async see(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async screenshot(name: string, fullPage = false): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
    await this.broker[Symbol.asyncDispose]();
    expect(this.#errors, 'errors of the page').toEqual([]);
    expect(this.#foreign, 'requests to other hosts').toEqual([]);
  }

  #note(text: string): void {
    if (this.#expected?.test(text) !== true) this.#errors.push(text);
  }
}

/** What comes to be so, soon. */
export function eventually<T>(read: () => Promise<T> | T) {
  return expect.poll(read, { timeout: 15_000, interval: 50 });
}
