import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { connect, ManualClock, open, PlayheadError } from '../../../src/index.ts';
import { collect, texts } from '../../support/collect.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const run = promisify(execFile);

/** Runs a program in a process of its own and resolves with what it prints. */
async function runProgram(source: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'playhead-program-'));
  try {
    const program = `import { createRequire } from 'node:module';
      import * as playhead from ${JSON.stringify(new URL('../../../dist/index.js', import.meta.url).href)};
      import * as bus from ${JSON.stringify(new URL('../../../dist/bus/index.js', import.meta.url).href)};
      const directory = ${JSON.stringify(directory)};
      const { cache } = createRequire(import.meta.url);
      ${source}`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 20_000,
    });
    return stdout.trim();
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('open', () => {
  it.each([
    ['neither', {}],
    ['both', { memory: true, dataDir: 'x' }],
    ['no memory', { memory: false }],
    ['an empty directory name', { dataDir: '' }],
  ])('is a TypeError with %s', async (_, options) => {
    await expect(open(options)).rejects.toThrow(TypeError);
  });

  it('finds what was there before', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    {
      await using broker = await open({ dataDir });
      await broker.channel('c').publishAll(['a', 'b']);
      await broker.channel('c').close();
    }
    await using broker = await open({ dataDir });
    const reader = broker.channel('c').subscribe();
    expect(await texts(reader)).toEqual(['a', 'b']);
    expect(reader.isVerified).toBe(true);
  });

  it('is refused by name while another has the directory open', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    await using _broker = await open({ dataDir });
    const error = await open({ dataDir }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PlayheadError);
    expect(error).toMatchObject({
      reason: 'STORAGE_FAILED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });

  it('is refused however the path of an open directory is spelled', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    await using _broker = await open({ dataDir });
    await symlink(dataDir, join(directory.path, 'link'));
    for (const path of [`${dataDir}/`, relative('.', dataDir), join(directory.path, 'link')]) {
      await expect(open({ dataDir: path })).rejects.toMatchObject({ reason: 'STORAGE_FAILED' });
    }
  });

  it('stays refused to another process when it was refused to this one', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    await using broker = await open({ dataDir });
    await expect(open({ dataDir })).rejects.toMatchObject({ reason: 'STORAGE_FAILED' });
    const printed = await runProgram(`
      const refused = await playhead.open({ dataDir: ${JSON.stringify(dataDir)} }).catch((error) => error);
      console.log(refused.name, refused.reason);
    `);
    expect(printed).toBe('PlayheadError STORAGE_FAILED');
    await broker.publisher('t').publish('x');
  });

  it('is free again once it was closed, and after an open that failed', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    await (await open({ dataDir })).close();
    await writeFile(join(dataDir, 'DAMAGED'), 'lost');
    await expect(open({ dataDir })).rejects.toMatchObject({ reason: 'DATA_LOSS' });
    await rm(join(dataDir, 'DAMAGED'));
    await (await open({ dataDir })).close();
  });

  it('flushes what was published when it is closed, and can be closed again', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    const broker = await open({ dataDir });
    const publisher = broker.publisher('t', { lingerMs: 60_000 });
    const published = publisher.publish('x');
    await Promise.all([broker.close(), broker.close()]);
    await published;
    await expect(broker.read('t')).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
    await using again = await open({ dataDir });
    expect((await again.read('t')).messages).toHaveLength(1);
  });

  it('ends what waits when it is closed', async () => {
    const broker = await open({ memory: true });
    const reader = texts(broker.subscribe('t'));
    const waiting = broker.queue('q').get({ wait: '10s' });
    const outcome = waiting.catch((error: unknown) => error);
    await broker.close();
    expect(await reader).toEqual([]);
    expect(await outcome).toMatchObject({ reason: expect.any(String) });
  });

  it('is closed by its signal', async () => {
    await using directory = await temporaryDirectory();
    const dataDir = join(directory.path, 'data');
    const controller = new AbortController();
    const broker = await open({ dataDir, signal: controller.signal });
    controller.abort();
    await broker.close();
    await using _again = await open({ dataDir });
  });

  it('says what it is', async () => {
    await using broker = await open({ memory: true, maxMessageBytes: 1000 });
    expect(await broker.serverInfo()).toMatchObject({
      durability: 'memory',
      maxMessageBytes: 1000,
    });
  });

  it('keeps its data apart from what programs do with their buffers', async () => {
    await using broker = await open({ memory: true });
    const value = Buffer.from('before');
    await broker.publisher('t').publish(value);
    value.fill('x');
    const [first] = (await broker.read('t')).messages;
    first?.value.fill('y');
    for await (const message of broker.subscribe('t', { from: 'earliest', until: 'now' })) {
      message.value.fill('z');
    }
    const again = await collect(broker.subscribe('t', { from: 'earliest', until: 'now' }));
    expect(again.map(({ text }) => text)).toEqual(['before']);
  });
});

describe('a broker that was opened', () => {
  it('listens, and other programs see what it has', async () => {
    await using broker = await open({ memory: true });
    await broker.publisher('t').publish('before');
    const listening = await broker.listen({
      grpcAddress: '127.0.0.1:0',
      httpAddress: '127.0.0.1:0',
    });
    await using client = connect(listening.grpcAddress);
    await client.publisher('t').publish('after');
    expect((await broker.read('t')).messages.map(({ text }) => text)).toEqual(['before', 'after']);
    const answer = await fetch(`http://${listening.httpAddress}/metrics`);
    expect(await answer.text()).toMatch(/playhead_\w+/);
    await listening.close();
    await broker.publisher('t').publish('alone');
    expect((await broker.read('t')).messages).toHaveLength(3);
  });

  it('says why it cannot listen, and stays open', async () => {
    await using broker = await open({ memory: true });
    const { grpcAddress } = await broker.listen({
      grpcAddress: '127.0.0.1:0',
      httpAddress: 'off',
    });
    await expect(broker.listen({ grpcAddress, httpAddress: 'off' })).rejects.toMatchObject({
      name: 'PlayheadError',
      message: expect.stringContaining('the address is in use'),
    });
    await broker.publisher('t').publish('x');
  });

  it('refuses to listen once it is closed', async () => {
    const broker = await open({ memory: true });
    await broker.close();
    await expect(broker.listen()).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });

  it('tells clients that it shuts down, in-band, when it is closed', async () => {
    const broker = await open({ memory: true });
    const { grpcAddress } = await broker.listen({
      grpcAddress: '127.0.0.1:0',
      httpAddress: 'off',
    });
    await using client = connect(grpcAddress, { retry: { giveUpAfterMs: 0 } });
    const reader = client.subscribe('t');
    await reader.started();
    const outcome = texts(reader).catch((error: unknown) => error);
    await broker.close();
    expect(await outcome).toMatchObject({ reason: expect.stringMatching(/SHUTTING_DOWN|UNREACH/) });
  });
});

describe('the time of a broker in memory', () => {
  it('passes by its clock alone: leases run out, and nothing else does', async () => {
    const clock = new ManualClock();
    await using broker = await open({ memory: true, clock });
    const queue = broker.queue('jobs');
    await queue.put('job');
    const first = await queue.get({ wait: '1s' });
    expect(first?.attempt).toBe(1);
    let second: unknown;
    const waiting = queue.get({ wait: '60s' }).then((delivery) => {
      second = delivery;
    });
    await clock.advanceAsync(29_000);
    expect(second).toBeUndefined();
    await clock.advanceAsync(2000);
    await waiting;
    expect(second).toMatchObject({ attempt: 2 });
  });

  it('makes retention, schedules and cron follow', async () => {
    const clock = new ManualClock();
    await using broker = await open({ memory: true, clock });
    await broker.topics.create('short', { maxAgeMs: 60_000 });
    await broker.publisher('short').publish('old');
    await broker.schedules.create('later', 'now', { id: 'once', delay: '1h' });
    await broker.schedules.create('cron', 'tick', { id: 'each', cron: '0 * * * *' });
    expect(await broker.topics.get('short')).toMatchObject({ messageCount: 1 });
    await clock.advanceAsync(3 * 3_600_000);
    expect(await broker.topics.get('short')).toMatchObject({ messageCount: 0 });
    expect((await broker.read('later')).messages.map(({ text }) => text)).toEqual(['now']);
    expect((await broker.read('cron')).messages).toHaveLength(3);
  });

  it('leaves no timer in the clock when it is closed', async () => {
    const clock = new ManualClock();
    const broker = await open({ memory: true, clock });
    await broker.publisher('t').publish('x');
    await broker.queue('q').put('y', { delay: '1h' });
    void texts(broker.subscribe('t'));
    await broker.queue('q').get();
    expect(clock.timerCount).toBeGreaterThan(0);
    await broker.close();
    expect(clock.timerCount).toBe(0);
  });
});

describe('a program with an embedded broker', () => {
  it('loads neither grpc-js nor what serves HTTP or figures, and ends by itself once it is closed', async () => {
    const printed = await runProgram(`
      for (const options of [{ memory: true }, { dataDir: directory + '/data' }]) {
        const broker = await playhead.open(options);
        const events = bus.createBus();
        events.registerTopics('a');
        await events.bridge(broker, { publish: 'a', subscribe: 'a' });
        await events.emit('a', 1);
        await broker.queue('q').put('x');
        const delivery = await broker.queue('q').get({ wait: '1s' });
        await delivery.ack();
        for await (const message of broker.subscribe('a', { from: 'earliest' })) break;
        await events.close();
        await broker.close();
      }
      const others = /grpc-js|fastify|prom-client|pino|commander/;
      const loaded = Object.keys(cache).filter((path) => others.test(path));
      const handles = process.getActiveResourcesInfo().filter((name) => /Timeout|Socket|Server|TCP/.test(name));
      console.log(JSON.stringify({ loaded, handles }));
    `);
    expect(JSON.parse(printed)).toEqual({ loaded: [], handles: [] });
  });

  it('goes on while something waits, as with a broker elsewhere', async () => {
    const printed = await runProgram(`
      const broker = await playhead.open({ memory: true });
      await broker.schedules.create('t', 'fired', { id: 's', delay: '50ms' });
      for await (const message of broker.subscribe('t')) {
        console.log(message.text);
        break;
      }
      await broker.close();
    `);
    expect(printed).toBe('fired');
  });

  it('loads grpc-js when it listens', async () => {
    const printed = await runProgram(`
      const broker = await playhead.open({ memory: true });
      const addresses = { grpcAddress: '127.0.0.1:0', httpAddress: 'off' };
      const { grpcAddress } = await broker.listen(addresses);
      const client = playhead.connect(grpcAddress);
      await client.publisher('t').publish('x');
      console.log((await broker.read('t')).messages[0].text);
      await client.close();
      await broker.close();
    `);
    expect(printed).toBe('x');
  });

  it('opens, publishes, reads and closes a thousand times, and memory does not grow', async () => {
    let afterFirstHundred = 0;
    for (let round = 0; round < 1000; round++) {
      await using broker = await open({ memory: true });
      await broker.publisher('t').publish('x');
      expect((await broker.read('t')).messages).toHaveLength(1);
      if (round === 100) afterFirstHundred = process.memoryUsage().rss;
    }
    expect(process.memoryUsage().rss - afterFirstHundred).toBeLessThan(150e6);
  });
});
