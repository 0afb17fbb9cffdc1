import { basename, relative, sep } from 'node:path';

const DEFAULT_ADDRESS = '127.0.0.1:17777';

/** What a running broker says of itself. */
export interface BannerFacts {
  readonly grpcAddress: string;
  /** Undefined if there is no HTTP. */
  readonly httpAddress: string | undefined;
  /** Undefined if the broker keeps everything in memory. */
  readonly dataDir: string | undefined;
  readonly durability: 'fsync' | 'os';
}

/** Where a broker listens, what it does with data, and three commands that work when they are pasted. */
export function formatBanner(facts: BannerFacts, invocation: string): string {
  const durability = {
    fsync: 'a publish is acknowledged once it is on disk (fsync)',
    os: 'a publish is acknowledged once the operating system has it',
  }[facts.durability];
  const address = facts.grpcAddress === DEFAULT_ADDRESS ? '' : ` --address ${facts.grpcAddress}`;
  const place =
    facts.dataDir === undefined
      ? ['data      in memory, gone when the broker ends']
      : [`data      ${facts.dataDir}`, `durable   ${durability}`];
  return [
    'playhead is listening',
    `  gRPC      ${facts.grpcAddress}`,
    ...(facts.httpAddress === undefined
      ? []
      : [`  HTTP      http://${facts.httpAddress}  (the console, in a browser)`]),
    ...place.map((line) => `  ${line}`),
    'Try, in another terminal:',
    `  ${invocation} pub${address} greetings hello world`,
    `  ${invocation} sub${address} greetings --from -5m --until now`,
    `  ${invocation} stat${address} greetings`,
  ].join('\n');
}

/** The banner for programs. */
export function formatListening(
  { grpcAddress, httpAddress, dataDir, durability }: BannerFacts,
  pid: number,
): string {
  return JSON.stringify({
    event: 'listening',
    grpc_address: grpcAddress,
    http_address: httpAddress ?? null,
    data_dir: dataDir ?? null,
    durability: dataDir === undefined ? 'memory' : durability,
    pid,
  });
}

/** How this program can be called from the same directory again. */
export function invocationOf(
  scriptPath: string,
  workingDirectory: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (basename(scriptPath) === 'playhead') {
    return env['npm_command'] === 'exec' ? 'npx playhead' : 'playhead';
  }
  const path = relative(workingDirectory, scriptPath).replaceAll(sep, '/');
  return `node ${/^[\w./-]+$/.test(path) ? path : JSON.stringify(path)}`;
}
