import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CliProcess } from '../support/cli.ts';
import { CrashClients, CrashWriter, publishRequest, wasRefused } from '../support/crash-writers.ts';
import { kill, startBroker } from '../support/killed-broker.ts';
import { Ledger } from '../support/ledger.ts';
import { Random } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROUNDS = Number(process.env['PLAYHEAD_KILLS'] ?? 25);
const TOPICS = ['plain', 'shared', 'named', 'trimmed'] as const;

/** Closes a channel of its own each round, with a last batch in the same request. */
async function closeChannel(
  clients: CrashClients,
  ledger: Ledger,
  topic: string,
  closed: Set<string>,
): Promise<void> {
  const ids = [1, 2, 3].map((number) => `${topic}:${number}`);
  try {
    const request = publishRequest(topic, ids);
    const ack = await clients.publish({
      ...request,
      close: { reason: 'done', checksum: Buffer.alloc(0) },
    });
    ledger.acknowledge(topic, ids, ack?.firstTimestampNs ?? 0n);
    closed.add(topic);
  } catch (error) {
    if (wasRefused(error)) throw error;
    ledger.lose(ids);
  }
}

/** Publishes what must be refused: too large, and to a channel that is closed. */
async function publishRefused(
  clients: CrashClients,
  ledger: Ledger,
  closed: ReadonlySet<string>,
): Promise<void> {
  const [channel] = closed;
  const requests = [
    { ids: ['large:1'], request: publishRequest('plain', [Buffer.alloc(1_100_000, 'large:1')]) },
    ...(channel === undefined
      ? []
      : [{ ids: ['late:1'], request: publishRequest(channel, ['late:1']) }]),
  ];
  for (const { ids, request } of requests) {
    ledger.refuse(ids);
    const error = await clients.publish(request).then(
      () => new Error(`${ids} was accepted`),
      (refusal: unknown) => refusal,
    );
    if (wasRefused(error)) continue;
    return;
  }
}

async function trimSome(clients: CrashClients, ledger: Ledger, beforeNs: bigint): Promise<void> {
  ledger.askToTrim('trimmed', beforeNs);
  try {
    await clients.trim('trimmed', beforeNs);
    ledger.trim('trimmed', beforeNs);
  } catch (error) {
    if (wasRefused(error)) throw error;
    // It may have been trimmed, or not.
  }
}

describe('a broker that is killed under load', () => {
  it(`keeps every acknowledged message, once and in order, over ${ROUNDS} kills`, async () => {
    const random = Random.fromEnvironment('PLAYHEAD_SEED', 20_261_121);
    await using directory = await temporaryDirectory();
    const ledger = new Ledger();
    const closed = new Set<string>();
    const next = () => random.next();
    const writers = [
      new CrashWriter('a', 'plain', false, ledger, next),
      new CrashWriter('b', 'shared', false, ledger, next),
      new CrashWriter('c', 'shared', true, ledger, next),
      new CrashWriter('d', 'named', true, ledger, next),
      new CrashWriter('e', 'trimmed', true, ledger, next),
    ];
    let slowestStartMs = 0;
    let trimBeforeNs = 0n;
    for (let round = 0; round <= ROUNDS; round++) {
      if (round > 0 && random.below(4) === 0) {
        // Kills it while it recovers, too.
        const recovering = new CliProcess([
          'serve',
          '--grpc-address',
          '127.0.0.1:0',
          '--data-dir',
          directory.path,
        ]);
        await sleep(100 + random.below(600));
        await kill(recovering);
      }
      const startedAt = performance.now();
      const { broker, address } = await startBroker(directory.path);
      slowestStartMs = Math.max(slowestStartMs, performance.now() - startedAt);
      const clients = new CrashClients(address);

      const problems: string[] = [];
      for (const topic of [...TOPICS, ...closed]) {
        const found = await clients.readAll(topic);
        problems.push(...ledger.check(topic, found?.seen ?? []));
        if (closed.has(topic) && found?.isClosed !== true) problems.push(`${topic} is open again`);
        if (topic === 'trimmed')
          trimBeforeNs = found?.seen.at(-Math.ceil(found.seen.length / 2))?.timestampNs ?? 0n;
      }
      expect(problems.slice(0, 20), `seed ${random.seed}, round ${round}`).toEqual([]);
      if (round === ROUNDS) {
        clients.close();
        await kill(broker);
        break;
      }

      const work = [
        ...writers.map((writer) => writer.run(clients)),
        closeChannel(clients, ledger, `chan/${round}`, closed),
        publishRefused(clients, ledger, closed),
        ...(round % 5 === 4 && trimBeforeNs > 0n ? [trimSome(clients, ledger, trimBeforeNs)] : []),
      ];
      await sleep(20 + random.below(400));
      await kill(broker);
      await Promise.all(work);
      clients.close();
    }
    console.log(
      `${ROUNDS} kills, ${ledger.acknowledgedCount} messages acknowledged, none lost; ` +
        `slowest start ${slowestStartMs.toFixed(0)} ms; seed ${random.seed}`,
    );
    expect(ledger.acknowledgedCount).toBeGreaterThan(ROUNDS);
  });
});
