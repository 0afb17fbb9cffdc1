import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Clock,
  type ListenOptions,
  ManualClock,
  type OpenOptions,
  open,
  PlayheadError,
  SystemClock,
} from '../../../src/index.ts';
import { MESSAGE_BYTES_MAX } from '../../../src/limits.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

/** What `open` fails with, as a caller without types calls it. */
function failureOfOpen(...given: unknown[]): Promise<unknown> {
  return open(...(given as [OpenOptions])).then(
    async (broker) => {
      await broker.close();
      return 'it is open';
    },
    (error: unknown) => error,
  );
}

const clockAt = (nowNs: unknown) => ({ nowNs: () => nowNs, schedule: () => () => {} });
const logger = { debug() {}, info() {}, warn() {}, error() {} };

describe('what open is given', () => {
  it.each([
    ['nothing', [], 'not undefined'],
    ['null', [null], 'not null'],
    ['a text', ['./data'], "not './data'"],
    ['a list', [[]], 'not []'],
    ['a function', [() => {}], 'not [Function'],
  ])('is refused if it is %s', async (_, given, text) => {
    const failure = await failureOfOpen(...given);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain('the options of open must be an object');
    expect(String(failure)).toContain(text);
  });

  it.each([
    ['datadir', './data'],
    ['observer', {}],
    ['toString', undefined],
  ])('is refused by name if it has an option %s, which there is not', async (name, value) => {
    const failure = await failureOfOpen({ memory: true, [name]: value });
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(`open has no option ${name}, but dataDir, memory, `);
  });

  it.each([
    ['clock', null, 'null'],
    ['clock', {}, '{}'],
    ['clock', 5, '5'],
    ['clock', { nowNs: () => 5n }, '{ nowNs: [Function: nowNs] }'],
    ['durability', 'foo', "'foo'"],
    ['durability', null, 'null'],
    ['queueIdleExpiryMs', -5, '-5'],
    ['queueIdleExpiryMs', 0.5, '0.5'],
    ['queueIdleExpiryMs', 'x', "'x'"],
    ['queueIdleExpiryMs', 5n, '5n'],
    ['maxMessageBytes', Number.NaN, 'NaN'],
    ['maxMessageBytes', -1, '-1'],
    ['maxMessageBytes', 0, '0'],
    ['maxMessageBytes', '1k', "'1k'"],
    ['maxMessageBytes', 1e12, '1000000000000'],
    ['maxMessageBytes', MESSAGE_BYTES_MAX + 1, `${MESSAGE_BYTES_MAX + 1}`],
    ['autoCreateTopics', 'no', "'no'"],
    ['dataDir', 5, '5'],
    ['dataDir', null, 'null'],
    ['dataDir', '', "''"],
    ['memory', 'no', "'no'"],
    ['logger', {}, '{}'],
    ['logger', { ...logger, warn: 5 }, '{'],
    ['requestTimeoutMs', '5s', "'5s'"],
    ['retry', null, 'null'],
    ['onRetry', {}, '{}'],
    ['signal', new AbortController(), 'AbortController'],
    ['tracing', true, 'true'],
  ])('is refused if %s is %o', async (name, value, text) => {
    const failure = await failureOfOpen({ memory: true, [name]: value });
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(new RegExp(`^TypeError: ${name} must be .+, not `));
    expect(String(failure)).toContain(`, not ${text}`);
  });

  it.each([
    [{ giveUpAfterMs: '5' }, "giveUpAfterMs must be a number, 0 or more, not '5'"],
    [{ maxBackoffMs: 0 }, 'maxBackoffMs must be '],
    [{ backoff: 5 }, 'retry has no option backoff, but initialBackoffMs, '],
  ])('is refused if retry is %o', async (retry, text) => {
    const failure = await failureOfOpen({ memory: true, retry });
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain(text);
  });

  it.each([Date.now(), -1n, 2n ** 63n])('is refused if its clock says %s', async (nowNs) => {
    const failure = await failureOfOpen({ memory: true, clock: clockAt(nowNs) });
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toMatch(/clock\.nowNs\(\) must give a bigint .+, not -?\d+/);
  });

  it('leaves no directory behind if it is refused', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    const wrong = [{ clock: 5 }, { retry: 5 }, { requestTimeoutMs: -1 }, { unknown: 1 }];
    for (const options of wrong) {
      expect(await failureOfOpen({ dataDir, ...options })).toBeInstanceOf(TypeError);
    }
    expect(await readdir(directory.path)).toEqual([]);
  });

  it('is a PlayheadError with a reason if the directory cannot be used', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'file');
    await writeFile(file, '');
    for (const dataDir of [file, join(file, 'below'), 'a\0b']) {
      const failure = await failureOfOpen({ dataDir });
      expect(failure).toBeInstanceOf(PlayheadError);
      expect(failure).toMatchObject({ reason: 'STORAGE_FAILED' });
    }
  });

  it('is taken if each option is what it should be, or not set', async () => {
    const clock: Clock = new SystemClock();
    await using broker = await open({
      memory: true,
      dataDir: undefined,
      durability: 'os',
      maxMessageBytes: MESSAGE_BYTES_MAX,
      autoCreateTopics: false,
      queueIdleExpiryMs: 0,
      clock,
      logger,
      requestTimeoutMs: 1000,
      retry: { initialBackoffMs: 1, maxBackoffMs: undefined, giveUpAfterMs: 0 },
      onRetry: () => {},
      signal: new AbortController().signal,
      tracing: undefined,
    });
    await expect(broker.publisher('t').publish('x')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
  });
});

describe('what another client of a broker is given', () => {
  it.each([null, { memory: true }, { retry: 5 }])('is refused if it is %o', async (options) => {
    await using broker = await open({ memory: true, clock: new ManualClock() });
    const given = options as object;
    expect(() => broker.client(given)).toThrow(TypeError);
    expect(() => broker.client(given)).toThrow(/must be|has no option memory/);
  });
});

describe('what listen is given', () => {
  it.each([
    [null, 'the options of listen must be an object, not null'],
    ['127.0.0.1:0', "the options of listen must be an object, not '127.0.0.1:0'"],
    [{ grpcAddress: 5 }, 'grpcAddress must be a string, not 5'],
    [{ httpAddress: null }, 'httpAddress must be a string, not null'],
    [{ httpHosts: 5 }, 'httpHosts must be an array of strings, not 5'],
    [{ httpHosts: [5] }, 'httpHosts must be an array of strings, not [ 5 ]'],
    [{ address: '127.0.0.1:0' }, 'listen has no option address, but grpcAddress, '],
  ])('is a TypeError if it is %o', async (options, text) => {
    await using broker = await open({ memory: true });
    const failure = await broker.listen(options as ListenOptions).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain(text);
  });

  it.each([
    ['grpcAddress', '', "not ''"],
    ['grpcAddress', 'off', "not 'off'"],
    ['grpcAddress', '127.0.0.1:65536', "not '127.0.0.1:65536'"],
    ['httpAddress', 'bad', "not 'bad'"],
    ['httpHosts', ['broker.example.org', 'a b'], "not 'a b'"],
  ])('is an INVALID_ARGUMENT if %s is %o, before anything listens', async (field, value, text) => {
    await using broker = await open({ memory: true });
    const grpcAddress = await freeAddress();
    const given = { grpcAddress, httpAddress: 'off', [field]: value };
    const failure = await broker.listen(given).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PlayheadError);
    expect(failure).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringMatching(`^${field} must be .+, ${text}$`),
      metadata: { field },
    });
    await using _listening = await broker.listen({ grpcAddress, httpAddress: 'off' });
  });

  it('leaves the first port free if the second is in use', async () => {
    await using broker = await open({ memory: true });
    await using other = await broker.listen({ grpcAddress: '127.0.0.1:0', httpAddress: 'off' });
    const grpcAddress = await freeAddress();
    const taken = { grpcAddress, httpAddress: other.grpcAddress };
    await expect(broker.listen(taken)).rejects.toMatchObject({
      name: 'PlayheadError',
      reason: 'STORAGE_FAILED',
      message: `cannot listen on ${other.grpcAddress}: the address is in use`,
    });
    await using _listening = await broker.listen({ grpcAddress, httpAddress: 'off' });
  });

  it('is taken if each option is what it should be, or not set', async () => {
    await using broker = await open({ memory: true });
    await using listening = await broker.listen({
      grpcAddress: '127.0.0.1:0',
      httpAddress: 'localhost:0',
      httpHosts: ['Broker.example.org'],
    });
    expect(listening.grpcAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(listening.httpAddress).toMatch(/^localhost:\d+$/);
  });
});

/** An address of this machine that nothing listens on. */
async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new TypeError('no port');
  return `127.0.0.1:${address.port}`;
}
