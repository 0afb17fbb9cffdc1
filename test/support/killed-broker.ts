import { expect } from 'vitest';
import { CliProcess } from './cli.ts';

/** Starts a broker process on the directory; resolves when it listens. `env` has settings besides. */
export async function startBroker(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ broker: CliProcess; address: string; httpAddress: string }> {
  const args = [
    'serve',
    '--json',
    '--grpc-address',
    '127.0.0.1:0',
    '--data-dir',
    dataDir,
    '--log-level',
    'warn',
  ];
  const broker = new CliProcess(args, env);
  await broker.sees('stdout', '\n');
  const listening: { grpc_address: string; http_address: string } = JSON.parse(broker.stdout);
  return { broker, address: listening.grpc_address, httpAddress: listening.http_address };
}

/** Kills the broker, which until then must not have complained of its data. */
export async function kill(broker: CliProcess): Promise<void> {
  broker.child.kill('SIGKILL');
  const { stderr } = await broker.exit();
  expect(stderr).not.toMatch(/lost|damaged|failed/);
}
