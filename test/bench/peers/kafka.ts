import { readdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
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
import { KafkaTools } from './kafka-tools.ts';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 120_000;

/** Where `kafka/pom.xml` puts the jars. */
const JARS = join(homedir(), '.cache', 'playhead-bench', 'kafka');

const INSTALL_JAVA = 'apt-get install -y maven openjdk-17-jre-headless';
const INSTALL_JARS = 'mvn -q -f test/bench/peers/kafka/pom.xml dependency:copy-dependencies';
/** Builds the library from the sources in its package where the binary of its makers cannot be had. */
const INSTALL_CLIENT =
  'apt-get install -y g++ make libssl-dev libzstd-dev zlib1g-dev && ' +
  'CKJS_LINKING=dynamic npm ci --prefix test/bench/peers';

/** As in `kafka-server-start.sh` and `kafka-run-class.sh`. */
const JVM = [
  '-Xms1G',
  '-Xmx1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
];

/** A topic of one partition on one node of Apache Kafka, which is broker and controller. */
export const contestant: Contestant = {
  name: 'Apache Kafka',
  id: 'kafka',
  modes: [
    { name: 'default', durability: 'acks=all from the page cache, the operating system flushes' },
    {
      name: 'strict',
      durability: 'fsync before each acknowledgement (log.flush.interval.messages=1)',
    },
  ],
  missing,
  start: (mode, settings) => openAll((closing) => open(mode, settings, closing)),
};

async function missing(): Promise<string | undefined> {
  const hasJava = (await findProgram('java')) !== undefined;
  const hasJars = (await findVersion()) !== undefined;
  const hasMaven = (await findProgram('mvn')) !== undefined;
  const hasClient = await import('./kafka-librdkafka.ts').then(
    () => true,
    () => false,
  );
  const commands = [
    ...(hasJava && (hasJars || hasMaven) ? [] : [INSTALL_JAVA]),
    ...(hasJars ? [] : [INSTALL_JARS]),
    ...(hasClient ? [] : [INSTALL_CLIENT]),
  ];
  return commands.length === 0 ? undefined : commands.join(' && ');
}

/** Of the jars; undefined if there are none. */
async function findVersion(): Promise<string | undefined> {
  const names = await readdir(JARS).catch(() => []);
  return names
    .map((name) => /^kafka_2\.13-(.+)\.jar$/.exec(name)?.[1])
    .find((version) => version !== undefined);
}

async function open(mode: Mode, { dir }: Settings, closing: Closing): Promise<Server> {
  const java = await findProgram('java');
  const kafkaVersion = await findVersion();
  if (java === undefined) throw new Error(`no java here: ${INSTALL_JAVA}`);
  if (kafkaVersion === undefined) throw new Error(`no Kafka in ${JARS}: ${INSTALL_JARS}`);
  const { LIBRARY_VERSION, LibrdkafkaClient } = await import('./kafka-librdkafka.ts');
  const { path } = closing.push(await TemporaryDirectory.make(dir, 'kafka-bench-'));
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const configPath = join(path, 'server.properties');
  await writeFile(configPath, properties(mode, join(path, 'data'), port, controllerPort));
  const classpath = ['-cp', join(JARS, '*')];
  const format = ['format', '--config', configPath, '--cluster-id', 'cGxheWhlYWQtYmVuY2gtMQ'];
  await outputOf(java, [...classpath, 'kafka.tools.StorageTool', ...format], { cwd: path });
  const child = closing.push(
    await Child.start({
      name: 'Kafka',
      command: java,
      args: [...JVM, ...classpath, 'kafka.Kafka', configPath],
      cwd: path,
      isUp: () => isListening(port),
      startTimeoutMs: START_TIMEOUT_MS,
      // Its data is not needed any more, and its own way out takes seconds.
      endSignal: 'SIGKILL',
    }),
  );
  const address = `${HOST}:${port}`;
  const client = closing.push(await LibrdkafkaClient.connect(address));
  const [javaVersion] = (await outputOf(java, ['--version'])).split('\n');
  return {
    version: `Apache Kafka ${kafkaVersion} on ${javaVersion}, ${LIBRARY_VERSION}`,
    setup: `one node as broker and controller, heap 1 GiB; ${LibrdkafkaClient.setup}; ${KafkaTools.setup}`,
    pids: await pidsOfGroup(child.pid),
    clients: [client, new KafkaTools(java, classpath, address, client)],
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

function properties({ name }: Mode, dataDir: string, port: number, controllerPort: number): string {
  const values: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${HOST}:${controllerPort}`,
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataDir,
    'auto.create.topics.enable': 'false',
    // One node cannot hold the three replicas of the internal topics, and need not wait for more members of a group.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Otherwise the sockets of the broker take 100 KiB at a time.
    'socket.send.buffer.bytes': 1_048_576,
    'socket.receive.buffer.bytes': 1_048_576,
    ...(name === 'strict' ? { 'log.flush.interval.messages': 1 } : {}),
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
