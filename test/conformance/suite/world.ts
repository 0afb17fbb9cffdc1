import { TcpProxy } from '../../support/tcp-proxy.ts';
import { BrokerProcess } from './broker-process.ts';
import type { Ability, BrokerSettings, Case } from './case.ts';
import type { OpenedDriver } from './driver.ts';
import type { Form, Stage } from './stage.ts';
import { TlsEnd } from './tls-end.ts';

/** Which of the broker's two servers a client speaks to. */
export type Protocol = 'grpc' | 'http';

/**
 * The brokers that cases run against: one for all that leave it as it is, one for each set of settings, and some that
 * are handed from case to case for those that stop theirs.
 */
export class World implements AsyncDisposable {
  readonly #shared = new Map<string, Promise<BrokerProcess>>();
  readonly #idle: BrokerProcess[] = [];
  readonly #own: BrokerProcess[] = [];
  readonly #others: AsyncDisposable[] = [];
  #tls: Promise<TlsEnd> | undefined;

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
  tls(): Promise<TlsEnd> {
    this.#tls ??= this.shared().then((broker) => TlsEnd.start(broker.addresses.grpc));
    return this.#tls;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#others.map((other) => other[Symbol.asyncDispose]()));
    const tls = await this.#tls?.catch(() => undefined);
    await tls?.[Symbol.asyncDispose]();
    const shared = await Promise.allSettled(this.#shared.values());
    const started = shared.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const brokers = [...started, ...this.#own];
    await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()));
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

class WireStage implements Stage {
  readonly driver: OpenedDriver;
  readonly variables: Readonly<Record<string, string>>;
  readonly #broker: BrokerProcess;
  readonly #proxy: TcpProxy | undefined;
  readonly #release: () => Promise<void>;

  private constructor(
    parts: Pick<WireStage, 'driver' | 'variables'>,
    broker: BrokerProcess,
    proxy: TcpProxy | undefined,
    release: () => Promise<void>,
  ) {
    this.driver = parts.driver;
    this.variables = parts.variables;
    this.#broker = broker;
    this.#proxy = proxy;
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
    const proxy = needs.includes('proxy') ? await TcpProxy.start(direct) : undefined;
    const tls = needs.includes('tls') ? await world.tls() : undefined;
    const variables = {
      address: proxy?.address ?? direct,
      direct,
      ...(tls !== undefined && { tlsAddress: tls.address, caFile: tls.caFile }),
    };
    const release = () => (isOwn ? world.giveBack(broker) : Promise.resolve());
    return new WireStage({ driver: open(), variables }, broker, proxy, release);
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }

  broker(action: string): Promise<void> {
    return this.#broker.control(action);
  }

  async proxy(action: string | { readonly cutEach: number }): Promise<void> {
    const proxy = this.#proxy;
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

  diagnosis(): string {
    const { log = '' } = this.driver;
    return log === '' ? '' : `    the driver wrote: ${log.slice(-4000)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#proxy?.repair();
    await this.driver.close();
    await this.#proxy?.[Symbol.asyncDispose]();
    await this.#release();
  }
}
