import { access, constants, mkdir, writeFile } from 'node:fs/promises';
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
  pidsOfGroup,
  TemporaryDirectory,
} from './child.ts';

const HOST = '127.0.0.1';
const INSTALL_SERVER = 'apt-get install -y rabbitmq-server';
const INSTALL_CLIENT = 'npm ci --prefix test/bench/peers';

/** The program that Debian has in PATH changes to a user who must not write to our directory; this one does not. */
const DEBIAN_SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

const DEFAULT: Mode = {
  name: 'default',
  durability: 'confirmed from the page cache, the operating system flushes; there is no other mode',
};

/** One stream on one node of RabbitMQ, over the stream protocol. */
export const contestant: Contestant = {
  name: 'RabbitMQ streams',
  id: 'rabbitmq',
  modes: [DEFAULT],
  missing,
  start: (_mode, settings) => openAll((closing) => open(settings, closing)),
};

async function missing(): Promise<string | undefined> {
  const programs = await Promise.all([findServer(), findProgram('epmd'), findProgram('erl')]);
  const hasClient = await import('./rabbitmq-client.ts').then(
    () => true,
    () => false,
  );
  const commands = [
    ...(programs.includes(undefined) ? [INSTALL_SERVER] : []),
    ...(hasClient ? [] : [INSTALL_CLIENT]),
  ];
  return commands.length === 0 ? undefined : commands.join(' && ');
}

async function findServer(): Promise<string | undefined> {
  return access(DEBIAN_SERVER, constants.X_OK).then(
    () => DEBIAN_SERVER,
    () => findProgram('rabbitmq-server'),
  );
}

async function open({ dir }: Settings, closing: Closing): Promise<Server> {
  const command = await findServer();
  const nameServer = await findProgram('epmd');
  if (command === undefined || nameServer === undefined) {
    throw new Error(`no rabbitmq-server or no epmd here: ${INSTALL_SERVER}`);
  }
  const { CLIENT_VERSION, StreamClient } = await import('./rabbitmq-client.ts');
  const { path } = closing.push(await TemporaryDirectory.make(dir, 'rabbitmq-bench-'));
  const [port = 0, distributionPort = 0, nameServerPort = 0] = await freePorts(3);
  // A node without a name server starts one that outlives it.
  closing.push(
    await Child.start({
      name: 'epmd',
      command: nameServer,
      args: ['-port', String(nameServerPort), '-address', HOST],
      isUp: () => isListening(nameServerPort),
      endSignal: 'SIGKILL',
    }),
  );
  const child = closing.push(
    await Child.start({
      name: 'rabbitmq-server',
      command,
      args: [],
      env: await environment(path, port, distributionPort, nameServerPort),
      isUp: () => isListening(port),
      // Its data is not needed any more, and its own way out takes seconds.
      endSignal: 'SIGKILL',
    }),
  );
  const client = closing.push(await StreamClient.connect(HOST, port));
  const erlang = await outputOf('erl', ['-noshell', '-eval', ERLANG_VERSION]);
  return {
    version: `RabbitMQ ${client.serverVersion} on Erlang/OTP ${erlang}, rabbitmq-stream-js-client ${CLIENT_VERSION}`,
    setup: StreamClient.setup,
    pids: await pidsOfGroup(child.pid),
    clients: [client],
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

const ERLANG_VERSION = 'io:format("~s", [erlang:system_info(otp_release)]), halt().';

/** Writes the configuration and returns what points the server to it, and away from that of the machine. */
async function environment(
  directory: string,
  port: number,
  distributionPort: number,
  nameServerPort: number,
): Promise<Record<string, string>> {
  const configPath = join(directory, 'rabbitmq.conf');
  const pluginsPath = join(directory, 'enabled_plugins');
  const dataDir = join(directory, 'data');
  await mkdir(dataDir);
  await writeFile(pluginsPath, '[rabbitmq_stream].\n');
  await writeFile(
    configPath,
    [
      'listeners.tcp = none',
      `stream.listeners.tcp.1 = ${HOST}:${port}`,
      `stream.advertised_host = ${HOST}`,
      `stream.advertised_port = ${port}`,
      'log.console = true',
      'log.console.level = warning',
      'log.file = false',
      '',
    ].join('\n'),
  );
  return {
    HOME: directory,
    ERL_EPMD_PORT: String(nameServerPort),
    ERL_EPMD_ADDRESS: HOST,
    RABBITMQ_NODENAME: 'playhead-bench@localhost',
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_CONF_ENV_FILE: join(directory, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: configPath,
    RABBITMQ_CONFIG_FILES: join(directory, 'conf.d', '*.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(directory, 'config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: pluginsPath,
    RABBITMQ_MNESIA_BASE: dataDir,
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_PID_FILE: join(directory, 'pid'),
  };
}
