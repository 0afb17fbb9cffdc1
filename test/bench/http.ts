import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import type { HttpLoad, HttpLoadReport } from './http-load.ts';
import { Role } from './role.ts';
import { TextPayloads, verifyShares } from './text-payloads.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;
/** The lines of a body that is published as NDJSON. */
const LINES = 1000;

interface Share {
  readonly what: string;
  readonly connections: number;
  readonly perRequest: number;
  readonly count: number;
}

/** Publishing and reading over HTTP, by a client that is written by hand. */
export const http: Workload = {
  name: 'http',
  async run(settings) {
    const { isQuick } = settings;
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    const bench = new HttpBench(settings, broker, client);
    const single = await bench.publish({
      what: 'a message a request, 100 connections',
      connections: 100,
      perRequest: 1,
      count: isQuick ? 20_000 : 100_000,
    });
    const lines = await bench.publish({
      what: `NDJSON of ${LINES} messages, 4 connections`,
      connections: 4,
      perRequest: LINES,
      count: isQuick ? 200_000 : 1_000_000,
    });
    const read = await bench.read(isQuick ? 200_000 : 1_000_000);
    return [
      { ...single.rate, goal: { atLeast: 10_000 } },
      { ...single.latency, goal: { atMost: 30 } },
      { ...lines.rate, goal: { atLeast: 200_000 } },
      { ...read, goal: { atLeast: 100_000 } },
    ] satisfies Figure[];
  },
};

/** Runs the parts of the workload, each several times. */
class HttpBench {
  readonly #settings: Settings;
  readonly #broker: BrokerProcess;
  readonly #client: Client;
  readonly #payloads = new TextPayloads(MESSAGE_BYTES);

  constructor(settings: Settings, broker: BrokerProcess, client: Client) {
    this.#settings = settings;
    this.#broker = broker;
    this.#client = client;
  }

  async publish(share: Share): Promise<{ readonly rate: Figure; readonly latency: Figure }> {
    const { connections, perRequest, count } = share;
    // Warms up both sides.
    await this.#load({
      kind: 'publish',
      topic: 'warm-up',
      ...share,
      count: connections * perRequest,
    });
    const reports: HttpLoadReport[] = [];
    for (let run = 0; run < this.#runs; run++) {
      this.#settings.note(`http: publish, ${share.what}, run ${run + 1} of ${this.#runs}`);
      const topic = `${connections}/${run}`;
      reports.push(await this.#load({ kind: 'publish', topic, ...share }));
      const each = count / connections;
      await verifyShares(this.#client, topic, this.#payloads, { shares: connections, each });
      await this.#client.topics.delete(topic);
    }
    const rates = reports.map(({ seconds }) => count / seconds);
    const p99s = reports.map(({ p99Ms }) => p99Ms);
    const medianMs = median(reports.map((each) => each.medianMs));
    const what = `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B, ${share.what}`;
    const remark = `acknowledged after ${medianMs.toFixed(1)} ms (median), ${median(p99s).toFixed(1)} ms (99 %)`;
    return {
      rate: { what, value: median(rates), runs: rates, unit: 'messages/s', remark },
      latency: { what: `${share.what}, 99 %`, value: median(p99s), runs: p99s, unit: 'ms' },
    };
  }

  async read(count: number): Promise<Figure> {
    const topic = 'read';
    const share = { connections: 1, perRequest: LINES, count };
    await this.#load({ kind: 'publish', topic, ...share });
    const rates: number[] = [];
    for (let run = 0; run < this.#runs; run++) {
      this.#settings.note(`http: event stream, run ${run + 1} of ${this.#runs}`);
      const { seconds } = await this.#load({ kind: 'read', topic, ...share });
      rates.push(count / seconds);
    }
    return {
      what: `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B, an event stream from the start`,
      value: median(rates),
      runs: rates,
      unit: 'messages/s',
    };
  }

  get #runs(): number {
    return this.#settings.isQuick ? 2 : 5;
  }

  async #load(
    part: Pick<HttpLoad, 'kind' | 'topic'> & Omit<Share, 'what'>,
  ): Promise<HttpLoadReport> {
    const { kind, topic, connections, perRequest, count: messageCount } = part;
    const load: HttpLoad = {
      kind,
      topic,
      connections,
      perRequest,
      messageCount,
      address: this.#broker.httpAddress,
      messageBytes: MESSAGE_BYTES,
    };
    await using role = new Role<HttpLoadReport>('http-load', JSON.stringify(load));
    const result = await role.report();
    if (result.error !== undefined) throw new VerificationError(result.error);
    return result;
  }
}
