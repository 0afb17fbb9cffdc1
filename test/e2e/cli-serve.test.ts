import { exec } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CliBroker, CliProcess, runCli } from '../support/cli.ts';

const ANY_PORT = ['--grpc-address', '127.0.0.1:0'];

describe('playhead serve', () => {
  it('ends with 7 where data is lost, and says what to do', async () => {
    await using running = await CliBroker.start();
    const { dataDir } = running;
    running.process.child.kill('SIGTERM');
    await running.process.exit();
    await rm(join(dataDir, 'meta'), { recursive: true });
    const { exitCode, stderr } = await runCli([
      'serve',
      '--json',
      ...ANY_PORT,
      '--data-dir',
      dataDir,
    ]);
    expect(exitCode).toBe(7);
    expect(JSON.parse(stderr).error).toMatchObject({
      reason: 'DATA_LOSS',
      message: expect.stringContaining('restore the data directory from a copy'),
    });
  });

  it('says that what is only in memory is not durable', async () => {
    await using broker = new CliProcess(['serve', '--json', '--memory', ...ANY_PORT]);
    await broker.sees('stdout', '\n');
    expect(JSON.parse(broker.stdout)).toMatchObject({ data_dir: null, durability: 'memory' });
  });

  it('says where it listens, where it keeps data, and what to try', async () => {
    await using running = await CliBroker.start();
    const { dataDir } = running;
    running.process.child.kill('SIGTERM');
    await running.process.exit();
    await using broker = new CliProcess([
      'serve',
      ...ANY_PORT,
      '--data-dir',
      dataDir,
      '--durability',
      'os',
    ]);
    await broker.sees('stdout', ' stat ');
    expect(broker.stdout).toMatch(/gRPC +127\.0\.0\.1:\d+\n/);
    expect(broker.stdout).toContain(dataDir);
    expect(broker.stdout).toContain('operating system');
    const commands = broker.stdout.split('\n').filter((line) => line.startsWith('  node '));
    const outputs: string[] = [];
    for (const command of commands) outputs.push((await promisify(exec)(command)).stdout);
    expect(outputs).toEqual([
      expect.stringMatching(/^\S+Z\n\S+Z\n$/),
      'hello\nworld\n',
      expect.stringMatching(/^messages +2$/m),
    ]);
  });

  it('takes its settings from environment and file, too', async () => {
    await using broker = await CliBroker.start(['--memory']);
    expect(broker.process.stdout).toContain('"data_dir":null');
    const file = join(broker.dataDir, '..', 'broker.yaml');
    await writeFile(file, 'memory: true\ngrpc-address: "127.0.0.1:0"\ndurability: os\n');
    await using other = new CliProcess(['serve', '--json', '--config', file], {
      PLAYHEAD_DURABILITY: 'fsync',
    });
    await other.sees('stdout', '\n');
    expect(JSON.parse(other.stdout)).toMatchObject({ data_dir: null, durability: 'memory' });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 at %s, and keeps what it acknowledged',
    async (signal) => {
      await using broker = await CliBroker.start();
      await broker.ok(['pub', 'kept', 'a']);
      broker.process.child.kill(signal);
      expect(await broker.process.exit()).toMatchObject({ exitCode: 0, stderr: '' });
      await using again = await CliBroker.start(['--data-dir', broker.dataDir]);
      expect(await again.ok(['sub', 'kept', '--no-follow'])).toBe('a\n');
    },
  );

  it('creates no topic on publish with --no-auto-create-topics', async () => {
    await using broker = await CliBroker.start(['--memory', '--no-auto-create-topics']);
    expect((await broker.run(['pub', 'orders', 'a'])).exitCode).toBe(4);
    await broker.ok(['create', 'orders']);
    await broker.ok(['pub', 'orders', 'a']);
  });

  it('takes no larger message than it is told', async () => {
    await using broker = await CliBroker.start(['--memory', '--max-message-bytes', '1KiB']);
    expect((await broker.run(['pub', 'orders', 'x'.repeat(1024)])).exitCode).toBe(3);
    await broker.ok(['pub', 'orders', 'x'.repeat(900)]);
  });
});

describe('playhead serve that cannot run', () => {
  const failsWith = async (args: string[], exitCode: number, problem: RegExp) => {
    const result = await runCli(['serve', ...args]);
    expect(result.stderr).toMatch(problem);
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  };

  it('ends with 1 for a port that is in use', async () => {
    await using broker = await CliBroker.start(['--memory']);
    await failsWith(
      ['--memory', '--grpc-address', broker.address, '--log-level', 'silent'],
      1,
      new RegExp(`^playhead: .*${broker.address}`),
    );
  });

  it('ends with 1 for a directory that another broker holds, and says who', async () => {
    await using broker = await CliBroker.start();
    await failsWith(
      [...ANY_PORT, '--data-dir', broker.dataDir, '--log-level', 'silent'],
      1,
      new RegExp(`^playhead: .*${broker.process.child.pid}`),
    );
  });

  it('ends with 1 for a directory of a newer format', async () => {
    await using broker = await CliBroker.start();
    broker.process.child.kill('SIGTERM');
    await broker.process.exit();
    await writeFile(join(broker.dataDir, 'FORMAT'), '{"format":99}');
    await failsWith([...ANY_PORT, '--data-dir', broker.dataDir], 1, /^playhead: .*format 99/);
  });

  it('ends with 1 for a directory that cannot be', async () => {
    await failsWith(
      [...ANY_PORT, '--data-dir', '/dev/null/x', '--log-level', 'silent'],
      1,
      /^playhead: .*\/dev\/null/,
    );
  });

  it.each([
    [['--durability', 'maybe'], /^playhead: --durability maybe: must be one of fsync, os$/m],
    [['--max-message-bytes', '1MB'], /^playhead: --max-message-bytes 1MB: must be a size/],
    [['--config', '/no/such.yaml'], /^playhead: \/no\/such\.yaml: ENOENT/],
    [
      ['--grpc-adress', 'x'],
      /^playhead: unknown option '--grpc-adress' \(Did you mean --grpc-address\?\)/,
    ],
  ])('ends with 2 for %j', async (args, problem) => {
    const { exitCode, stderr } = await runCli(['serve', ...args]);
    expect(stderr).toMatch(problem);
    expect(exitCode).toBe(2);
  });
});

describe('playhead', () => {
  it('shows help and version on standard output', async () => {
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await runCli(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    for (const command of [
      'serve',
      'pub',
      'sub',
      'close',
      'trim',
      'rm',
      'ls',
      'stat',
      'create',
      'update',
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
    expect((await runCli(['serve', '--help'])).stdout).toContain('PLAYHEAD_GRPC_ADDRESS');
    expect((await runCli(['help', 'sub'])).stdout).toContain('@-1h:');
  });

  it('writes help into a pipe that nobody reads any more', async () => {
    const process = new CliProcess(['serve', '--help']);
    process.child.stdout.destroy();
    expect(await process.exit()).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    [['unknown'], /^playhead: unknown command 'unknown'/],
    [['pub'], /^playhead: missing required argument 'topic'/],
    [['ls', '--timeout', '5'], /^playhead: --timeout "5" is no duration .* needs a unit/],
    [['ls', '--address', ','], /^playhead: --address/],
  ])('ends with 2 for %j', async (args, problem) => {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(problem);
  });

  it('tells a usage error as an object with --json', async () => {
    const { stderr } = await runCli(['ls', '--json', '--wrong']);
    expect(JSON.parse(stderr).error).toMatchObject({ reason: 'USAGE', exit_code: 2 });
  });

  it('ends with 2 and help on standard error without a command', async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Usage: playhead');
  });
});
