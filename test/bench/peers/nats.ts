import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contestant, Mode, Server } from '../contestants/contestant.ts';
import type { Settings } from '../workload.ts';
import type { Closing } from './child.ts';
import {
  Child,
  findProgram,
  freePorts,
  isListening,
  openAll,
  outputOf,
  TemporaryDirectory,
} from './child.ts';
import {
  BATCHES_UNDER_WAY,
  MAX_BATCH_MESSAGES,
  MAX_UNDER_WAY,
  NATS_LIBRARY,
  NatsClient,
} from './nats-client.ts';
import { NatsGoClient } from './nats-go-client.ts';
import { areInstalled, describePackage, INSTALL_PACKAGES } from './packages.ts';

const TRANSPORT = '@nats-io/transport-node';
const INSTALL_SERVER = 'go install github.com/nats-io/nats-server/v2@latest';

const SETUP =
  'one file stream of one replica for each topic; read and followed by a push consumer with flow ' +
  'control, which is faster than pulls and batched direct gets; single messages are sent and ' +
  'followed by the client for Node, whichever client publishes and reads; ';

/** NATS JetStream, a single server, driven by the official clients for Node and Go. */
export const contestant: Contestant = {
  name: 'NATS JetStream',
  id: 'nats',
  modes: [
    { name: 'default', durability: 'fsync every 2 minutes' },
    { name: 'strict', durability: 'fsync before each acknowledgement (sync_interval: always)' },
  ],
  missing: missingOfNats,
  start: (mode, settings) => openAll((closing) => startServer(mode, settings, closing)),
};

/** The command that installs what is missing. */
export async function missingOfNats(): Promise<string | undefined> {
  const commands: string[] = [];
  if ((await findServer()) === undefined) commands.push(INSTALL_SERVER);
  if (!(await areInstalled([NATS_LIBRARY, TRANSPORT]))) commands.push(INSTALL_PACKAGES);
  return commands.length === 0 ? undefined : commands.join(' && ');
}

/** Starts the server by itself; `closing` ends it. */
export async function startNats(
  mode: Mode,
  { dir }: Settings,
  closing: Closing,
): Promise<{ readonly pid: number; readonly port: number; readonly directory: string }> {
  const command = await findServer();
  if (command === undefined) throw new Error(`nats-server is missing: ${INSTALL_SERVER}`);
  const isStrict = mode.name === 'strict';
  const directory = closing.push(await TemporaryDirectory.make(dir, 'playhead-bench-nats-'));
  const [port = 0] = await freePorts(1);
  const configuration = join(directory.path, 'nats.conf');
  await writeFile(configuration, configurationOf(port, join(directory.path, 'data'), isStrict));
  const { pid } = closing.push(
    await Child.start({
      name: 'nats-server',
      command,
      args: ['--config', configuration],
      isUp: () => isListening(port),
    }),
  );
  return { pid, port, directory: directory.path };
}

async function startServer(mode: Mode, settings: Settings, closing: Closing): Promise<Server> {
  const isStrict = mode.name === 'strict';
  const { pid, port, directory } = await startNats(mode, settings, closing);
  const client = closing.push(await NatsClient.connect(port, isStrict));
  const goClient = await NatsGoClient.start(client, port, directory).catch((error) => {
    settings.note(`nats: without the client for Go: ${String(error)}`);
  });
  if (goClient !== undefined) closing.push(goClient);
  const libraries = await Promise.all([describePackage(NATS_LIBRARY), describePackage(TRANSPORT)]);
  return {
    version: [
      `nats-server ${client.serverVersion}`,
      ...libraries,
      ...(goClient === undefined ? [] : [`nats.go ${goClient.version}`]),
    ].join(', '),
    setup:
      SETUP +
      (isStrict
        ? `published in atomic batches of up to ${MAX_BATCH_MESSAGES}, ${BATCHES_UNDER_WAY} under way, ` +
          'so that one fsync is for many; sends of the same turn of the event loop share a batch, too'
        : `published with a reply subject and up to ${MAX_UNDER_WAY} acknowledgements outstanding`),
    pids: [pid],
    clients: goClient === undefined ? [client] : [client, goClient],
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

function configurationOf(port: number, storeDir: string, isStrict: boolean): string {
  const jetstream = [
    `store_dir: ${JSON.stringify(storeDir)}`,
    ...(isStrict ? ['sync_interval: always'] : []),
  ];
  return [
    `listen: "127.0.0.1:${port}"`,
    'max_payload: 8MB',
    `jetstream { ${jetstream.join(', ')} }`,
    '',
  ].join('\n');
}

async function findServer(): Promise<string | undefined> {
  const found = await findProgram('nats-server');
  if (found !== undefined) return found;
  const goPath = await outputOf('go', ['env', 'GOPATH']).catch(() => undefined);
  return goPath === undefined ? undefined : await findProgram('nats-server', [join(goPath, 'bin')]);
}
