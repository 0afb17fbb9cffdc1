import type { Contestant, Mode, Server } from '../contestants/contestant.ts';
import type { WorkClient } from '../contestants/work-client.ts';
import type { Settings } from '../workload.ts';
import type { Closing } from './child.ts';
import { openAll } from './child.ts';
import { missingOfNats, contestant as nats, startNats } from './nats.ts';
import { NATS_LIBRARY } from './nats-client.ts';
import { NatsWorkClient } from './nats-work-client.ts';
import { describePackage } from './packages.ts';

/** Messages that the client asks for ahead: which is best depends on the machine. */
const PULL_MESSAGES = [500, 5000] as const;

/** NATS JetStream as a work queue: pull consumers with explicit acknowledgements. */
export const contestant: Contestant<WorkClient> = {
  ...nats,
  missing: missingOfNats,
  start: (mode, settings) => openAll((closing) => startServer(mode, settings, closing)),
};

async function startServer(
  mode: Mode,
  settings: Settings,
  closing: Closing,
): Promise<Server<WorkClient>> {
  const isStrict = mode.name === 'strict';
  const { pid, port } = await startNats(mode, settings, closing);
  const clients: NatsWorkClient[] = [];
  for (const pullMessages of PULL_MESSAGES) {
    clients.push(closing.push(await NatsWorkClient.connect(port, pullMessages, isStrict)));
  }
  return {
    version: [`nats-server ${clients[0]?.serverVersion}`, await describePackage(NATS_LIBRARY)].join(
      ', ',
    ),
    setup:
      'file stream of one replica with work-queue retention, a durable pull consumer with explicit ' +
      'acknowledgements, consumed with a callback; ' +
      (isStrict
        ? 'each acknowledgement is answered (ackAck), all that is under way in parallel'
        : 'acknowledgements are not answered; it is done when the server has read the last one'),
    pids: [pid],
    clients,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
