import { setTimeout } from 'node:timers/promises';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { BrokerProcess } from './broker-process.ts';
import type { Ability, BrokerSettings, Case } from './case.ts';
import type { OpenedDriver } from './driver.ts';
import { type Fault, FaultyEnd } from './faulty-end.ts';
import type { Form, Stage } from './stage.ts';
import { TlsEnds } from './tls-ends.ts';

/** Which of the broker's two servers a client speaks to. */
export type Protocol = 'grpc' | 'http';

/** For drivers and ends of TLS to close. */
const CLOSE_MS = 10_000;

/**
 * The brokers that cases run against: one for all that leave it as it is, one for each set of settings, and some that
 * are handed from case to case for those that stop theirs.
 */
export class World implements AsyncDisposable {
  readonly #shared = new Map<string, Promise<BrokerProcess>>();
  readonly #idle: BrokerProcess[] = [];
  readonly #own: BrokerProcess[] = [];
  readonly #others: AsyncDisposable[] = [];
  #tls: Promise<TlsEnds> | undefined;

  /** Closes this as well at the end. */
  adopt(other: AsyncDisposable): void {
    this.#others.push(other);
  }

  /** For a case alone until it is given back. */
  async borrow(): Promise<BrokerProcess> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const broker = await BrokerProcess.start();
    this.#own.push(broker);
    return broker;
  }

  async giveBack(broker: BrokerProcess): Promise<void> {
    await broker.start();
    this.#idle.push(broker);
  }

  /** The one that has these settings. */
  shared(settings: BrokerSettings = {}): Promise<BrokerProcess> {
    const key = JSON.stringify(settings);
    const broker = this.#shared.get(key) ?? BrokerProcess.start(settings);
    this.#shared.set(key, broker);
    return broker;
  }

  /** In front of the broker that all share. */
  tls(): Promise<TlsEnds> {
    this.#tls ??= this.shared().then((broker) => TlsEnds.start(broker.addresses.grpc));
    return this.#tls;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The brokers first: nothing may keep them, and what stands before them ends with them.
    const shared = await Promise.allSettled(this.#shared.values());
    const started = shared.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const brokers = [...started, ...this.#own];
    await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()));
    const tls = await this.#tls?.catch(() => undefined);
    const rest = [...this.#others, ...(tls === undefined ? [] : [tls])];
    const closed = Promise.all(rest.map((each) => each[Symbol.asyncDispose]()));
    // A client that goes on connecting must not keep the run from its end.
    await Promise.race([closed, setTimeout(CLOSE_MS, undefined, { ref: false })]);
  }
}

/** A client that is a client of a broker in a process of its own. */
export interface WireForm {
  readonly name: string;
  readonly protocol: Protocol;
  readonly abilities: readonly Ability[];
  /** The driver of one case. */
  readonly open: () => OpenedDriver;
}

export function wireForm({ name, protocol, abilities, open }: WireForm, world: World): Form {
  return {
    name,
    abilities: new Set(abilities),
    stage: (testCase) => WireStage.set(testCase, world, protocol, open),
  };
}

/** What stands between client and broker. */
interface Wire {
  readonly proxy: TcpProxy | undefined;
  readonly faultyEnd: FaultyEnd | undefined;
}

class WireStage implements Stage {
  readonly driver: OpenedDriver;
  readonly variables: Readonly<Record<string, string>>;
  readonly #broker: BrokerProcess;
  readonly #wire: Wire;
  readonly #release: () => Promise<void>;

  private constructor(
    parts: Pick<WireStage, 'driver' | 'variables'>,
    broker: BrokerProcess,
    wire: Wire,
    release: () => Promise<void>,
  ) {
    this.driver = parts.driver;
    this.variables = parts.variables;
    this.#broker = broker;
    this.#wire = wire;
    this.#release = release;
  }

  static async set(
    { needs, broker: settings }: Case,
    world: World,
    protocol: Protocol,
    open: () => OpenedDriver,
  ): Promise<WireStage> {
    const isOwn = needs.includes('restart');
    const broker = isOwn ? await world.borrow() : await world.shared(settings);
    const direct = broker.addresses[protocol];
    const faultyEnd = needs.includes('faults') ? await FaultyEnd.start(direct) : undefined;
    const behind = faultyEnd?.address ?? direct;
    const proxy = needs.includes('proxy') ? await TcpProxy.start(behind) : undefined;
    const tls = needs.includes('tls') ? await world.tls() : undefined;
    const variables = {
      address: proxy?.address ?? behind,
      direct,
      ...tls?.variables,
    };
    const release = () => (isOwn ? world.giveBack(broker) : Promise.resolve());
    return new WireStage({ driver: open(), variables }, broker, { proxy, faultyEnd }, release);
  }

  wait(ms: number): Promise<void> {
    return setTimeout(ms);
  }

  broker(action: string): Promise<void> {
    return this.#broker.control(action);
  }

  async proxy(action: string | { readonly cutEach: number }): Promise<void> {
    const { proxy } = this.#wire;
    if (proxy === undefined) throw new TypeError('the case does not say that it needs a proxy');
    if (typeof action === 'object') {
      proxy.cutEach(action.cutEach);
      return;
    }
    switch (action) {
      case 'cut':
      case 'refuse':
      case 'stall':
      case 'swallowAnswers':
      case 'repair':
        proxy[action]();
        return;
      default:
        throw new TypeError(`a proxy cannot ${action}`);
    }
  }

  fault(fault: Fault): void {
    const { faultyEnd } = this.#wire;
    if (faultyEnd === undefined) throw new TypeError('the case does not say that it needs faults');
    faultyEnd.fail(fault);
  }

  get leftFaults(): readonly string[] {
    return this.#wire.faultyEnd?.leftFaults ?? [];
  }

  diagnosis(): string {
    const { log = '' } = this.driver;
    return log === '' ? '' : `    the driver wrote: ${log.slice(-4000)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { proxy, faultyEnd } = this.#wire;
    proxy?.repair();
    await this.driver.close();
    await proxy?.[Symbol.asyncDispose]();
    await faultyEnd?.[Symbol.asyncDispose]();
    await this.#release();
  }
}
