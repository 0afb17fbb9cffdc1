import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let broker: TestBroker;

beforeAll(async () => {
  broker = await TestBroker.start();
});
afterAll(() => broker[Symbol.asyncDispose]());

/** Runs an example as its README says, in a process of its own. */
async function run(name: string, ...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, ['--import', 'tsx', `examples/${name}.ts`, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { exitCode: child.exitCode, stdout, stderr };
}

const tested = new Set<string>();
function example(name: string, ...args: string[]): Promise<Run> {
  tested.add(name);
  return run(name, broker.address, ...args);
}

describe('the example', () => {
  it('channel-write is read by channel-read, whichever starts first, and again', async () => {
    const reading = example('channel-read');
    await using client = broker.connect();
    const waits = async () => (await client.topics.listPage()).topics.length;
    expect(await waits()).toBe(0);
    const written = await example('channel-write');
    expect(written).toMatchObject({ exitCode: 0, stderr: '' });
    const [, lines, bytes, checksum] =
      /^wrote (\d+) lines, (\d+) bytes\nchecksum ([0-9a-f]{32})\n$/.exec(written.stdout) ?? [];
    expect(Number(bytes)).toBeGreaterThan(100_000);

    const expected = {
      exitCode: 0,
      stderr: '',
      stdout: [
        `read ${lines} lines, ${bytes} bytes: that is all of them`,
        `checksum ${checksum}`,
        'count equal',
        'checksum equal\n',
      ].join('\n'),
    };
    expect(await reading).toEqual(expected);
    expect(await example('channel-read')).toEqual(expected);
    expect(await example('channel-write')).toEqual(written);
  });

  it('channel-read ends with 1 if the channel is not what the writer wrote', async () => {
    await using other = await TestBroker.start();
    await using client = other.connect();
    await client.publisher('chan/licences').publish('forged');
    await client.topics.close('chan/licences', { checksum: '0'.repeat(32) });
    const { exitCode, stdout } = await run('channel-read', other.address);
    expect(stdout).toContain('count equal\nchecksum DIFFERS\n');
    expect(exitCode).toBe(1);
  });

  it('rewind plays the same readings from many moments', async () => {
    const { exitCode, stdout, stderr } = await example('rewind');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('everything: 0123456789\n');
    expect(stdout).toContain('and up to one: 456\n');
    expect(stdout.endsWith('live: reading 9\nlive: reading 10\n')).toBe(true);
  });

  it('conditional-append loses no booking', async () => {
    const { exitCode, stdout, stderr } = await example('conditional-append');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('100 bookings, balance 100\n');
    const conflicts = [...stdout.matchAll(/after (\d+) conflicts/g)].map((match) =>
      Number(match[1]),
    );
    expect(conflicts).toHaveLength(2);
    expect(Math.max(...conflicts)).toBeGreaterThan(0);
  });

  it('merge tells the story in its order', async () => {
    const { exitCode, stdout, stderr } = await example('merge');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'orders: Ada orders a lamp',
      'payments: Ada pays',
      'orders: Ben orders a chair',
      'parcels/north: the lamp is on its way',
      'payments: Ben pays',
      'parcels/south: the chair is on its way',
      '',
    ]);
  });

  it('load-generator says how fast it was', async () => {
    const { exitCode, stdout, stderr } = await example('load-generator', '5000');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const speed = String.raw`5000 messages in \d+\.\d\d s: \d+\.\d MB/s, \d+ messages/s`;
    expect(stdout).toMatch(new RegExp(`^published ${speed} \\(durability fsync\\)$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^read back ${speed}$`, 'm'));
  });

  it('worker tries again, buries what is in vain, and redrives it', async () => {
    const { exitCode, stdout, stderr } = await example('worker');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual([
      'billed: chair, attempt 1',
      'billed: lamp, attempt 1',
      'billed: table, attempt 1',
      'billed: unicorn, attempt 1',
      'dead letter: table, max_attempts, deliveries: 3',
      'dead letter: unicorn, terminated: not in the catalogue, deliveries: 1',
      'redriven: 2',
      'the worker is drained',
    ]);
  });

  it('traced-worker follows an order to its invoice in one trace', async () => {
    const { exitCode, stdout, stderr } = await example('traced-worker');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'publish examples/orders',
      '  process examples/orders, attempt 1: out of paper',
      '    nack examples/orders',
      '  process examples/orders, attempt 2',
      '    publish examples/invoices',
      '    ack examples/orders',
      'traces: 1',
      '',
    ]);
  });

  it('work-queue shares the jobs among processes', async () => {
    const { exitCode, stdout, stderr } = await example('work-queue');
    expect({ exitCode, stderr, stdout }).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: '300 jobs, each done once\nleft in the queue: 0\n',
    });
  });

  it('nightly is due at three in Berlin, and runs when it is asked to', async () => {
    const { exitCode, stdout, stderr } = await example('nightly');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n').toSorted()).toEqual([
      '',
      'due next at 03:00 in Berlin',
      'got: sales of the day',
      'got: tea is ready',
      'run 1 time, and goes on',
    ]);
  });

  it('channel-consume ends with the channel', async () => {
    const { exitCode, stdout, stderr } = await example('channel-consume');
    expect({ exitCode, stderr, stdout }).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        '1000 pages, each printed once',
        'a worker has ended: the end of the book',
        'a worker has ended: the end of the book\n',
      ].join('\n'),
    });
  });

  it('leaves no topic behind, save for the channel', async () => {
    await using client = broker.connect();
    const { topics } = await client.topics.listPage();
    expect(topics.map(({ topic }) => topic)).toEqual(['chan/licences']);
  });

  it('growing-app handles the same with a bus, a bridged bus and a broker', async () => {
    expect(await example('growing-app')).toEqual({
      exitCode: 0,
      stdout: 'bus: 42\nbridged, after a restart: 42\na broker, and another process: 42\n',
      stderr: '',
    });
  });

  it('virtual-clock is a test of what takes a month', async () => {
    const { exitCode, stdout } = await example('virtual-clock');
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/pass 2\n[^]*fail 0\n/),
    });
  });

  it('is one of those that are tested here', () => {
    const names = readdirSync(`${ROOT}/examples`).filter((name) => name.endsWith('.ts'));
    expect(names.map((name) => name.slice(0, -3))).toEqual([...tested].toSorted());
  });
});
